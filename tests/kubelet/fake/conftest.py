"""A fake runtime on a clock moved by hand."""

import random
from collections.abc import AsyncIterator

import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.testing import Bench
from tests.live.addresses import own_range


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def runtime(clock: ManualClock) -> AsyncIterator[FakeRuntime]:
    network = PodNetwork(own_range(24))
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1)) as opened:
        yield opened


@pytest.fixture
def bench(runtime: FakeRuntime, clock: ManualClock) -> Bench:
    return Bench(runtime, clock.advance)
