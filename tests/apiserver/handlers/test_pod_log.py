"""``pods/NAME/log``: which container, and relaying from a kubelet of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from apimachinery.errors import BadRequest
from apiserver.handlers.pod_log import choose_container
from componentbase.sockets import address, bind
from tests.apiserver.conftest import Api


def pod(*containers: str, init: tuple[str, ...] = (), ephemeral: tuple[str, ...] = ()) -> dict[str, Any]:
    lists = {"containers": containers, "initContainers": init, "ephemeralContainers": ephemeral}
    return {
        "metadata": {"name": "p"},
        "spec": {key: [{"name": name} for name in names] for key, names in lists.items()},
    }


@pytest.mark.parametrize(
    ("shown", "asked", "chosen"),
    [
        pytest.param(pod("a"), "", "a", id="the only one"),
        pytest.param(pod("a", init=("i",)), "", "a", id="the only one beside init containers"),
        pytest.param(pod("a", "b"), "b", "b", id="named"),
        pytest.param(pod("a", init=("i",)), "i", "i", id="init"),
        pytest.param(pod("a", ephemeral=("e",)), "e", "e", id="ephemeral"),
    ],
)
def test_which_container(shown: dict[str, Any], asked: str, chosen: str) -> None:
    assert choose_container(shown, asked) == chosen


@pytest.mark.parametrize(
    ("shown", "asked", "message"),
    [
        pytest.param(
            pod("a", "b"), "", "a container name must be specified for pod p, choose one of: [a b]", id="several"
        ),
        pytest.param(
            pod("a", "b", init=("i", "j")),
            "",
            "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i j]",
            id="several and init containers",
        ),
        pytest.param(pod("a"), "x", "container x is not valid for pod p", id="unknown"),
    ],
)
def test_no_container(shown: dict[str, Any], asked: str, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        choose_container(shown, asked)
    assert refused.value.message == message


@dataclass
class Kubelet:
    """Answers with ``status`` and ``text``; a log that is followed has one line and no end."""

    port: int = 0
    status: int = 200
    text: str = "line\n"
    asked: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.raw_path)
        if request.query.get("follow") != "true":
            return web.Response(status=self.status, text=self.text)
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            await response.write(self.text.encode())
            await asyncio.Event().wait()
        finally:
            self.left.set()
        return response


@pytest.fixture
async def kubelet(api: Api) -> AsyncIterator[Kubelet]:
    """The kubelet of a node that runs pod ``web``."""
    backend = Kubelet()
    app = web.Application()
    app.router.add_get("/{path:.*}", backend.answer)
    listener = bind("127.0.0.1", 0)
    _, backend.port = address(listener)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await api.run_at(backend.port)
    yield backend
    await runner.cleanup()


async def test_the_kubelet_is_asked(http: httpx.AsyncClient, api: Api, kubelet: Kubelet) -> None:
    path = api.path("pods", "web", "log")
    answer = await http.get(path, params={"tailLines": 3, "timestamps": "true", "previous": "false"})
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "line\n", "text/plain")
    assert kubelet.asked == [f"/containerLogs/{api.namespace}/web/web?timestamps=true&tailLines=3"]


@pytest.mark.parametrize(
    ("status", "code", "reason", "message"),
    [
        (400, 400, "BadRequest", "as it says"),
        (404, 404, "NotFound", "the server could not find the requested resource ( pods/log web)"),
        (500, 500, "InternalError", "Internal error occurred: as it says"),
    ],
)
async def test_what_the_kubelet_refuses(
    http: httpx.AsyncClient, api: Api, kubelet: Kubelet, status: int, code: int, reason: str, message: str
) -> None:
    kubelet.status, kubelet.text = status, "as it says"
    answer = await http.get(api.path("pods", "web", "log"))
    shown = answer.json()
    assert (answer.status_code, shown["reason"], shown["message"]) == (code, reason, message)


async def test_a_client_that_leaves_is_not_followed_for(http: httpx.AsyncClient, api: Api, kubelet: Kubelet) -> None:
    """The kubelet hears of it, though it has nothing to send."""
    request = http.build_request("GET", api.path("pods", "web", "log"), params={"follow": "true"})
    answer = await http.send(request, stream=True)
    lines = answer.aiter_raw()
    assert await anext(lines) == b"line\n"
    assert not kubelet.left.is_set()
    await answer.aclose()
    await lines.aclose()
    async with asyncio.timeout(5):
        await kubelet.left.wait()


async def test_a_pod_without_a_node_has_no_log(http: httpx.AsyncClient, api: Api) -> None:
    await api.create("pods", {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
    assert (await http.get(api.path("pods", "p", "log"))).status_code == 204
    assert (await http.post(api.path("pods", "p", "log"))).status_code == 405


@pytest.mark.parametrize(
    ("query", "code"),
    [("sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z", 422), ("stream=None", 422), ("sinceTime=now", 400)],
)
async def test_parameters(http: httpx.AsyncClient, api: Api, kubelet: Kubelet, query: str, code: int) -> None:
    assert (await http.get(f"{api.path('pods', 'web', 'log')}?{query}")).status_code == code
    assert kubelet.asked == []
