"""Status reports over HTTP, to a server that notes what comes and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from apimachinery.clock import ManualClock
from apimachinery.types.pod import PodCondition, PodIP, PodStatus
from kubeclient.client import Client
from kubelet.status_manager import StatusManager
from tests.kubelet.builders import make_pod

PATH = "/api/v1/namespaces/default/pods/web"


class Server:
    """Answers with ``status`` and keeps method, path and body of each request."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[str, str, dict[str, Any]]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path, await request.json()))
        return web.json_response({"kind": "Pod"}, status=self.status)


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def manager(server: Server) -> AsyncIterator[StatusManager]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    clock = ManualClock()
    async with Client(f"http://{host}:{port}", clock=clock) as client:
        yield StatusManager(client, clock)
    await runner.cleanup()


async def test_only_the_newest_status_is_sent(server: Server, manager: StatusManager) -> None:
    """S15."""
    pod = make_pod()
    manager.set(pod, PodStatus(phase="Pending", message="soon"))
    manager.set(pod, PodStatus(phase="Running"))
    await manager.step("uid-web")
    await manager.step("uid-web")
    status: dict[str, Any] = {"phase": "Running", "qosClass": None, "conditions": []}
    assert server.requests == [("PATCH", f"{PATH}/status", {"metadata": {"uid": "uid-web"}, "status": status})]


async def test_what_is_no_longer_said_is_cleared(server: Server, manager: StatusManager) -> None:
    pod = make_pod()
    manager.set(pod, PodStatus(phase="Running", message="odd"))
    await manager.step("uid-web")
    manager.set(pod, PodStatus(phase="Running"))
    await manager.step("uid-web")
    assert server.requests[-1][2]["status"] == {"phase": "Running", "message": None, "conditions": []}


async def test_conditions_take_back_what_they_said_and_leave_others_alone(
    server: Server, manager: StatusManager
) -> None:
    pod = make_pod(status={"conditions": [{"type": "PodScheduled", "status": "True"}]})
    manager.set(pod, PodStatus(conditions=[PodCondition(type="Ready", status="False", reason="ContainersNotReady")]))
    await manager.step("uid-web")
    manager.set(pod, PodStatus(conditions=[PodCondition(type="Ready", status="True")], pod_ips=[PodIP(ip="127.1.2.3")]))
    await manager.step("uid-web")
    status = server.requests[-1][2]["status"]
    assert status["conditions"] == [{"type": "Ready", "status": "True", "reason": None}]
    assert status["podIPs"] == [{"$patch": "replace"}, {"ip": "127.1.2.3"}]


RUNS, ENDS = (PodStatus(phase=phase, qos_class="BestEffort") for phase in ("Running", "Succeeded"))


async def test_what_somebody_else_has_written_is_put_right(server: Server, manager: StatusManager) -> None:
    """S7: a node that was given up, and is there after all."""
    pod = make_pod()
    manager.set(pod, RUNS)
    await manager.step("uid-web")
    manager.say_again(make_pod(status={"phase": "Running"}), RUNS)
    await manager.step("uid-web")
    assert len(server.requests) == 1, "it shows what was said"
    given_up = make_pod(status={"phase": "Unknown", "reason": "NodeLost", "message": "gone"})
    manager.say_again(given_up, RUNS)
    await manager.step("uid-web")
    right = {"phase": "Running", "qosClass": "BestEffort", "reason": None, "message": None, "conditions": []}
    assert [request[2]["status"] for request in server.requests[1:]] == [right]
    manager.shown("uid-web")
    assert manager.newest("uid-web") is None
    manager.say_again(given_up, RUNS)
    await manager.step("uid-web")
    assert [request[2]["status"] for request in server.requests[1:]] == [right, right]


@pytest.mark.parametrize("early", [pytest.param(True, id="before the answer"), pytest.param(False, id="after it")])
async def test_what_the_server_shows_is_not_kept_here(server: Server, manager: StatusManager, *, early: bool) -> None:
    """One status of each of thousands of pods would be."""
    manager.set(make_pod(), RUNS)
    if early:
        manager.shown("uid-web")
        assert manager.newest("uid-web") == RUNS, "nobody has answered"
        await manager.step("uid-web")
    else:
        await manager.step("uid-web")
        assert manager.newest("uid-web") == RUNS, "nobody has seen it"
        manager.shown("uid-web")
    assert manager.newest("uid-web") is None
    shown = make_pod(status={"phase": "Running"})
    manager.set(shown, RUNS)
    await manager.step("uid-web")
    assert len(server.requests) == 1
    # What follows is told as a difference to what is shown, and kept until that is shown too.
    manager.set(shown, ENDS)
    await manager.step("uid-web")
    assert server.requests[-1][2]["status"] == {"phase": "Succeeded", "qosClass": "BestEffort", "conditions": []}
    assert manager.newest("uid-web") == ENDS
    manager.set(shown, ENDS, final=True)
    manager.shown("uid-web")
    assert manager.deletion_due("uid-web")


async def test_a_condition_that_is_no_longer_shown_is_deleted(server: Server, manager: StatusManager) -> None:
    pod = make_pod(status={"conditions": [{"type": "PodResizePending", "status": "True"}]})
    manager.set(pod, PodStatus(conditions=[PodCondition(type="Ready", status="True")]))
    await manager.step("uid-web")
    assert server.requests[-1][2]["status"]["conditions"] == [
        {"type": "Ready", "status": "True"},
        {"type": "PodResizePending", "$patch": "delete"},
    ]


@pytest.mark.parametrize("code", [409, 500, 503])
async def test_a_status_that_was_refused_is_kept(server: Server, manager: StatusManager, code: int) -> None:
    server.status = code
    manager.set(make_pod(), PodStatus(phase="Running"))
    await manager.step("uid-web")
    server.status = 200
    await manager.step("uid-web")
    assert [request[2]["status"]["phase"] for request in server.requests] == ["Running", "Running"]


async def test_the_last_word_is_followed_by_the_deletion(server: Server, manager: StatusManager) -> None:
    manager.set(make_pod(), PodStatus(phase="Succeeded"), final=True)
    await manager.step("uid-web")
    assert [request[:2] for request in server.requests] == [("PATCH", f"{PATH}/status"), ("DELETE", PATH)]
    options = server.requests[1][2]
    assert (options["gracePeriodSeconds"], options["preconditions"]) == (0, {"uid": "uid-web"})


async def test_it_writes_by_itself(server: Server, manager: StatusManager) -> None:
    work = asyncio.TaskGroup()
    async with work:
        running = work.create_task(manager.run())
        manager.set(make_pod(), PodStatus(phase="Running"))
        async with asyncio.timeout(10):
            while not server.requests:
                await ManualClock().settle()
        running.cancel()
