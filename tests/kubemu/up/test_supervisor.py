"""Processes that are started again."""

import asyncio
from pathlib import Path

import pytest

from apimachinery.clock import RealClock
from apimachinery.errors import FatalError
from componentbase.running import started_at
from kubemu.up.supervisor import Supervised


class Hurried(RealClock):
    """Waits for nothing, and remembers for how long it would have."""

    def __init__(self, enough: int) -> None:
        self.waits: list[float] = []
        self.enough = asyncio.Event()
        self._most = enough

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if len(self.waits) >= self._most:
            self.enough.set()
            await asyncio.Event().wait()


async def test_it_is_started_again_after_growing_waits() -> None:
    clock = Hurried(enough=3)
    supervised = Supervised("platform", list, clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(supervised.run())
        await asyncio.wait_for(clock.enough.wait(), 30)
        running.cancel()
    assert clock.waits == [0.2, 0.4, 0.8]


async def test_what_cannot_be_done_without_fails_with_what_it_said() -> None:
    supervised = Supervised("apiserver", lambda: ["--bind-address", "0.0.0.0"], RealClock(), essential=True)
    with pytest.raises(FatalError, match="--insecure-allow-remote"):
        await supervised.run()


async def test_it_ends_with_whoever_keeps_it_running(tmp_path: Path) -> None:
    supervised = Supervised("apiserver", lambda: ["--port", "0"], RealClock(), essential=True)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(supervised.run())
        url = await asyncio.wait_for(asyncio.shield(supervised.url), 30)
        pid = supervised.pid
        assert url.startswith("http://127.0.0.1:")
        assert started_at(pid)
        running.cancel()
    assert not started_at(pid)
