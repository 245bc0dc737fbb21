"""Watches and logs over WebSockets."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from apimachinery.errors import Forbidden
from apiserver.websocket import base64_text, binary, choose_log_framing, text_lines
from componentbase.sockets import address, bind
from tests.apiserver.conftest import Api
from tests.live.waiting import eventually

SECONDS = 10


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        pytest.param([], ("", binary), id="none"),
        pytest.param(["binary.k8s.io"], ("binary.k8s.io", binary), id="binary"),
        pytest.param(["x", "base64.binary.k8s.io"], ("base64.binary.k8s.io", base64_text), id="text"),
    ],
)
def test_how_logs_are_sent(offered: list[str], chosen: object) -> None:
    assert choose_log_framing(offered) == chosen


def test_no_protocol_in_common() -> None:
    with pytest.raises(Forbidden):
        choose_log_framing(["v4.channel.k8s.io"])


def test_events_are_messages() -> None:
    assert list(text_lines(b'{"a":1}\n{"b":2}\n')) == ['{"a":1}\n', '{"b":2}\n']


@pytest.fixture
async def client(api: Api) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(str(api.http.base_url)) as session:
        yield session


async def event(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    message = await socket.receive(SECONDS)
    assert message.type is aiohttp.WSMsgType.TEXT
    found: dict[str, Any] = orjson.loads(message.data)
    return found


async def test_a_watch(client: aiohttp.ClientSession, api: Api) -> None:
    """One event for each message of text, as many clients have watched; the connection ends with the watch."""
    for name in ("one", "two"):
        await api.create("configmaps", {"metadata": {"name": name}})
    url = f"{api.path('configmaps')}?watch=1&fieldSelector=metadata.name!=kube-root-ca.crt&timeoutSeconds=1"
    async with client.ws_connect(url, origin=str(api.http.base_url)) as socket:
        seen = [await event(socket), await event(socket)]
        assert [(entry["type"], entry["object"]["metadata"]["name"]) for entry in seen] == [
            ("ADDED", "one"),
            ("ADDED", "two"),
        ]
        await socket.ping()
        await api.request("DELETE", api.path("configmaps", "one"))
        assert (await event(socket))["type"] == "DELETED"
        assert (await socket.receive(SECONDS)).type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == 1000


async def test_what_is_refused_is_an_http_answer(client: aiohttp.ClientSession, api: Api) -> None:
    for query, code in (("?watch=1&resourceVersion=x", 422), ("?watch=1&fieldSelector=spec.x=1", 400)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(f"{api.path('configmaps')}{query}")
        assert refused.value.status == code
    # One that asks for no watch gets an ordinary answer, as if it had not asked for a WebSocket.
    with pytest.raises(aiohttp.WSServerHandshakeError) as plain:
        await client.ws_connect(api.path("configmaps"))
    assert plain.value.status == 200


async def test_a_client_that_leaves_ends_its_watch(client: aiohttp.ClientSession, api: Api) -> None:
    async def watching() -> int:
        text = (await api.http.get("/metrics")).text
        lines = [
            line
            for line in text.splitlines()
            if line.startswith("apiserver_longrunning_requests{") and 'resource="leases"' in line
        ]
        return int(sum(float(line.rpartition(" ")[2]) for line in lines))

    async with client.ws_connect(f"{api.path('leases')}?watch=1"):
        assert await watching() == 1

    async def nobody() -> bool:
        return await watching() == 0

    await eventually(nobody)


@pytest.fixture
async def logged(api: Api) -> AsyncIterator[str]:
    """The path of the log of a pod, whose kubelet is the test's own."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.query.get("container") == "none":
            return web.Response(status=400, text="no log")
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first\n")
        await response.write(b"second\n")
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    listener = bind("127.0.0.1", 0)
    _, port = address(listener)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await api.run_at(port)
    yield api.path("pods", "web", "log")
    await runner.cleanup()


@pytest.mark.parametrize(
    ("protocols", "kind"),
    [
        pytest.param((), aiohttp.WSMsgType.BINARY, id="unnamed"),
        pytest.param(("binary.k8s.io",), aiohttp.WSMsgType.BINARY, id="binary"),
        pytest.param(
            ("base64url.bearer.authorization.k8s.io.eA", "base64.binary.k8s.io"), aiohttp.WSMsgType.TEXT, id="text"
        ),
    ],
)
async def test_a_log(
    client: aiohttp.ClientSession, logged: str, protocols: tuple[str, ...], kind: aiohttp.WSMsgType
) -> None:
    """As upstream's test of logs over WebSockets reads them; the first message is empty."""
    async with client.ws_connect(f"{logged}?container=web", protocols=protocols) as socket:
        assert socket.protocol == (protocols[-1] if protocols else None)
        received = [message async for message in socket]
    assert {message.type for message in received} == {kind}
    assert not received[0].data
    parts = [base64.b64decode(one.data) if kind is aiohttp.WSMsgType.TEXT else one.data for one in received]
    assert b"".join(parts) == b"first\nsecond\n"


async def test_a_log_in_another_protocol(client: aiohttp.ClientSession, logged: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.ws_connect(logged, protocols=("v4.channel.k8s.io",))
    assert refused.value.status == 403
