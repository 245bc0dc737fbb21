"""Endpoints that say who they are, and what is listened on before them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from apimachinery.clock import ManualClock
from kubeproxy.entrances import Entrances


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def entrances(clock: ManualClock) -> AsyncIterator[Entrances]:
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as tasks:
            opened = Entrances(tasks, clock)
            yield opened
            opened.close()
