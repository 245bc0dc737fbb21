"""A node that runs images, on a clock moved by hand, and an HTTP client that follows the pod network's port map."""

import random
from collections.abc import AsyncIterator

import httpx
import pytest

from apimachinery.clock import ManualClock
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.images.builtin import catalogue
from tests.kubelet.images.node import Node
from tests.live.addresses import own_range


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    clock = ManualClock()
    network = PodNetwork(own_range(24), lowest_port=1024)
    images = catalogue()
    async with FakeRuntime(clock=clock, network=network, rng=random.Random(1), images=images) as runtime:
        yield Node(runtime, clock, network, images)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=10, trust_env=False) as opened:
        yield opened
