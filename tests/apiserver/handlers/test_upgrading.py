"""Connections that become something else on their way through the API server: WebSockets and bare upgrades."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import httpx
import pytest
from aiohttp import web

from componentbase.sockets import address, bind
from tests.apiserver.conftest import MERGE, Api
from tests.live.processes import ServerProcess

SECONDS = 10


@pytest.fixture
async def backend() -> AsyncIterator[int]:
    """The port of a server that echoes WebSocket messages, and whatever else after an upgrade to ``echo``."""

    async def websocket(request: web.Request) -> web.StreamResponse:
        if request.path == "/refuse":
            return web.json_response({"kind": "Status", "code": 403}, status=403)
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io",))
        await socket.prepare(request)
        async for message in socket:
            if message.data == "close":
                break
            await (socket.send_str if message.type is aiohttp.WSMsgType.TEXT else socket.send_bytes)(message.data)
        await socket.close(code=1000, message=b"done")
        return socket

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", websocket)
    listener = bind("127.0.0.1", 0)
    _, port = address(listener)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    yield port
    await runner.cleanup()


@pytest.fixture
async def bare_backend() -> AsyncIterator[int]:
    """The port of a server that switches to a protocol of its own, says hello in the same breath, and echoes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhello")
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    listener = bind("127.0.0.1", 0)
    _, port = address(listener)
    async with await asyncio.start_server(serve, sock=listener):
        yield port


async def pod_proxy(api: Api, port: int) -> str:
    """Return the path of the proxy of a pod that lives where ``port`` is."""
    container = {"name": "web", "image": "nginx", "ports": [{"containerPort": port}]}
    await api.create("pods", {"metadata": {"name": "web"}, "spec": {"containers": [container]}})
    await api.patch("pods", "web", {"status": {"podIP": "127.0.0.1"}}, kind=MERGE, subresource="status")
    return api.path("pods", "web", "proxy")


@pytest.fixture
async def session(apiserver: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(apiserver, trust_env=False) as opened:
        yield opened


async def test_a_websocket_passes_through(session: aiohttp.ClientSession, api: Api, backend: int) -> None:
    path = await pod_proxy(api, backend)
    async with session.ws_connect(f"{path}/ws", protocols=("v4.channel.k8s.io", "v5.channel.k8s.io")) as socket:
        assert socket.protocol == "v5.channel.k8s.io"
        await socket.send_str("text")
        assert await socket.receive_str(timeout=SECONDS) == "text"
        large = bytes(range(256)) * 4096
        for _ in range(4):
            await socket.send_bytes(large)
        for _ in range(4):
            assert await socket.receive_bytes(timeout=SECONDS) == large
        await socket.send_str("close")
        assert (await socket.receive(timeout=SECONDS)).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1000


async def test_a_refusal_is_the_answer(session: aiohttp.ClientSession, api: Api, backend: int) -> None:
    path = await pod_proxy(api, backend)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await session.ws_connect(f"{path}/refuse")
    async with session.get(f"{path}/refuse", headers={"Connection": "Upgrade", "Upgrade": "websocket"}) as answer:
        assert await answer.json() == {"kind": "Status", "code": 403}


async def test_nobody_there_is_503(session: aiohttp.ClientSession, api: Api, unused_tcp_port: int) -> None:
    path = await pod_proxy(api, unused_tcp_port)
    async with session.get(path + "/", headers={"Connection": "Upgrade", "Upgrade": "websocket"}) as answer:
        assert answer.status == 503
        assert "error trying to reach service: dial tcp 127.0.0.1:" in (await answer.json())["message"]


async def _open(apiserver: str, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = apiserver.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"POST {path}/ HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"
    writer.write(request.encode())
    return reader, writer


async def test_any_protocol_passes_through(apiserver: str, api: Api, bare_backend: int) -> None:
    reader, writer = await _open(apiserver, await pod_proxy(api, bare_backend))
    # Sent before the answer is there, as an impatient client may.
    writer.write(b"early ")
    async with asyncio.timeout(SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"upgrade: spdy/3.1" in head.lower()
        assert b"transfer-encoding" not in head.lower()
        assert await reader.readexactly(11) == b"helloearly "
        content = bytes(4 * 1024 * 1024)
        async with asyncio.TaskGroup() as group:
            received = group.create_task(reader.readexactly(len(content)))
            writer.write(content)
            await writer.drain()
        assert received.result() == content
        writer.write(b"last")
        writer.write_eof()
        assert await reader.read() == b"last"
    writer.close()


async def test_an_upgrade_that_comes_to_nothing_leaves_the_connection_usable(apiserver: str) -> None:
    """Java's HTTP client asks every plain server for HTTP/2 first, and goes on in HTTP/1.1 on the same connection."""
    host, port = apiserver.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET /version HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
    async with asyncio.timeout(SECONDS):
        for _ in range(3):
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            assert b"gitVersion" in await reader.readexactly(length)
    writer.close()


async def test_tunnels_end_with_the_server(start_server: Callable[..., ServerProcess], bare_backend: int) -> None:
    server = start_server()
    async with httpx.AsyncClient(base_url=server.url, timeout=SECONDS, verify=False, trust_env=False) as http:
        reader, writer = await _open(server.url, await pod_proxy(Api(http, "default"), bare_backend))
        async with asyncio.timeout(SECONDS):
            await reader.readuntil(b"hello")
            assert server.process.stop() == 0
            assert await reader.read() == b""
    writer.close()
