"""Asking kubelets, of the test's own, on a clock that is moved by hand."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from apimachinery.clock import ManualClock
from apiserver.handlers.proxy_location import Location
from apiserver.usage.collector import RESOLUTION, UsageCollector
from apiserver.usage.rates import LONGEST_WINDOW
from componentbase.sockets import address, bind

SECOND = 1_000_000_000


@dataclass
class Kubelet:
    location: Location = field(default_factory=lambda: Location("http", "127.0.0.1", 0))
    cpu: int = 0
    status: int = 200
    asked: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        assert request.query["only_cpu_and_memory"] == "true"
        cpu = {"time": "t", "usageNanoCores": 5, "usageCoreNanoSeconds": self.cpu}
        node: dict[str, Any] = {"startTime": "s", "cpu": cpu, "memory": {"workingSetBytes": 1}}
        return web.json_response({"node": node, "pods": []}, status=self.status)


@pytest.fixture
async def kubelet() -> AsyncIterator[Kubelet]:
    backend = Kubelet()
    app = web.Application()
    app.router.add_get("/stats/summary", backend.answer)
    listener = bind("127.0.0.1", 0)
    backend.location = Location("http", *address(listener))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    yield backend
    await runner.cleanup()


async def rate(collector: UsageCollector, kubelet: Kubelet) -> tuple[float, int]:
    found = (await collector.read({"n": kubelet.location}))["n"]
    assert found.node is not None
    return found.window, found.node.cpu


async def test_answers_count_for_a_while(kubelet: Kubelet) -> None:
    clock = ManualClock()
    collector = UsageCollector(clock)
    first = await rate(collector, kubelet)
    kubelet.cpu = 2 * SECOND
    await clock.advance(RESOLUTION - 1)
    assert await rate(collector, kubelet) == first == (10, 5)
    assert kubelet.asked == 1
    await clock.advance(1)
    assert await rate(collector, kubelet) == (RESOLUTION, 2 * SECOND // 5)
    await clock.advance(LONGEST_WINDOW + 1)
    assert await rate(collector, kubelet) == first, "too long ago for an average that says something of now"


async def test_many_who_ask_at_once_ask_once(kubelet: Kubelet) -> None:
    collector = UsageCollector(ManualClock())
    found = await asyncio.gather(*(rate(collector, kubelet) for _ in range(5)))
    assert (len(set(found)), kubelet.asked) == (1, 1)


async def test_who_does_not_answer_is_left_out(kubelet: Kubelet) -> None:
    clock = ManualClock()
    collector = UsageCollector(clock)
    nobody = Location("http", "127.0.0.1", 1)
    assert set(await collector.read({"n": kubelet.location, "gone": nobody})) == {"n"}
    kubelet.status = 500
    await clock.advance(RESOLUTION)
    assert await collector.read({"n": kubelet.location}) == {}
    assert await collector.read({"n": kubelet.location}) == {}
    assert kubelet.asked == 2, "that it fails is remembered as well"
