"""The page about a pod, as it is asked for over HTTP."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from scheduler.debug import DECISIONS_PATH, decisions_page
from scheduler.decision_log import DecisionLog
from scheduler.framework.interface import Handle
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import SchedulingQueue
from scheduler.scheduling import schedule_one
from scheduler.settings import Settings
from tests.scheduler.builders import make_node, make_pod, table

Http = TestClient[web.Request, web.Application]


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """A scheduler's page, with a pod that was tried three times, one that is gated, and nothing else."""
    clock, settings = ManualClock(), Settings(seed=1)
    framework = Framework(default_profile(), in_tree_registry(), Handle(Client("http://127.0.0.1:1")))
    queue = SchedulingQueue(clock, {framework.scheduler_name: framework}, settings)
    log = DecisionLog(settings)
    nodes = table(make_node("a").capacity(cpu="1", memory="1Gi", pods="5"))
    queue.add(make_pod("big").requests(cpu="2").info())
    queue.add(make_pod("gated").gates("wait").info())
    for _ in range(3):
        queued = queue.pop_nowait()
        assert queued is not None
        decision = schedule_one(framework, nodes, queued, rng=random.Random(1), clock=clock).decision
        log.add(decision)
        queue.put_back(queued, decision.rejected_by)
        await clock.advance(400)
    app = web.Application()
    app.router.add_get(DECISIONS_PATH, decisions_page(log, queue, {framework.scheduler_name: framework.interests}))
    async with TestClient(TestServer(app)) as client:
        yield client


async def read(http: Http, pod: str, query: str = "") -> dict[str, Any]:
    async with http.get(f"/debug/decisions/default/{pod}{query}") as answer:
        assert answer.status == 200
        page: dict[str, Any] = await answer.json()
        return page


@pytest.mark.parametrize(
    ("query", "attempts"),
    [
        pytest.param("", [1, 2, 3], id="all"),
        pytest.param("?newest=2", [2, 3], id="the last two"),
        pytest.param("?newest=9", [1, 2, 3], id="more than there are"),
        pytest.param("?newest=0", [3], id="one at least"),
        pytest.param("?newest=x", [1, 2, 3], id="no number"),
    ],
)
async def test_how_many_decisions(http: Http, query: str, attempts: list[int]) -> None:
    page = await read(http, "big", query)
    assert [decision["attempt"] for decision in page["decisions"]] == attempts
    assert page["kept"] == 3


async def test_what_would_wake_it(http: Http) -> None:
    """S10: the events that the rejecting plugin registered for, and where the pod waits."""
    page = await read(http, "big")
    assert list(page["interests"]) == ["NodeResourcesFit"]
    assert page["wakesOn"] == page["interests"]["NodeResourcesFit"]
    assert "AssignedPod/DELETE" in page["wakesOn"]
    assert page["queue"]["queue"] == "unschedulable"


async def test_a_pod_that_was_never_tried(http: Http) -> None:
    page = await read(http, "gated")
    assert page["decisions"] == []
    assert page["queue"]["message"] == "waiting for scheduling gates: [wait]"


async def test_a_pod_that_nobody_knows(http: Http) -> None:
    async with http.get("/debug/decisions/default/nobody") as answer:
        assert answer.status == 404
        assert (await answer.json())["reason"] == "NotFound"
