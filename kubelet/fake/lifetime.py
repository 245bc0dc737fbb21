"""When a container's program begins and ends, where that is wished otherwise than the program would have it."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from datetime import datetime

from kubelet.fake.process import Process
from kubelet.fake.program import Program, Until

_TERMINATED = 128 + signal.SIGTERM


def delayed(program: Program, seconds: float) -> Program:
    """Return a program that waits before it is the given one; TERM ends the wait, and all of it."""

    async def wait_first(process: Process) -> int | Until:
        with contextlib.suppress(TimeoutError):
            async with process.clock.timeout(seconds):
                await process.wait_for_signal(signal.SIGTERM)
                return _TERMINATED
        return await program(process)

    return wait_first


class Lifetime:
    """Ends a container some time after its start, which may be changed while it runs.

    ``end`` is called when the time has come; nothing happens once ``process`` has ended.
    """

    __slots__ = ("_end", "_process", "_started", "_turn")

    def __init__(self, process: Process, started: datetime, end: Callable[[], None]) -> None:
        self._process = process
        self._started = started
        self._end = end
        self._turn = 0

    def limit(self, seconds: float | None) -> None:
        """End that long after the start, which may be now; ``None`` lets it run."""
        self._turn += 1
        if seconds is not None and self._process.exit_code is None:
            age = (self._process.clock.now() - self._started).total_seconds()
            self._process.background(self._end_in(max(0.0, seconds - age), self._turn), "run-for")

    async def _end_in(self, seconds: float, turn: int) -> None:
        await self._process.sleep(seconds)
        # The wish may have become another meanwhile.
        if turn == self._turn:
            # Not from within a task that ends with the process.
            asyncio.get_running_loop().call_soon(self._end)
