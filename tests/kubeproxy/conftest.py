"""What is listened on before endpoints."""

from collections.abc import AsyncIterator

import pytest

from apimachinery.clock import ManualClock
from kubeproxy.entrances import Entrances
from tests.kubeproxy.servers import running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def entrances(clock: ManualClock) -> AsyncIterator[Entrances]:
    async with running(clock) as opened:
        yield opened
