"""Exec, attach and port-forward on the kubelet's server, in every dialect that clients speak."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import httpx
import pytest

from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig
from tests.kubelet.streaming.peer import Peer, data

SECONDS = 10
EXEC = "/exec/default/p/main"
OUTPUTS = {"output": "1", "error": "1"}


@pytest.fixture
async def session(http: httpx.AsyncClient) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(str(http.base_url), trust_env=False) as opened:
        yield opened


async def start_pod(rig: Rig, script: str = "sleep 100000", **fields: object) -> None:
    await rig.add(make_pod(container("main", "busybox", command=["sh", "-c", script], **fields), name="p"))
    assert rig.running() == ["main"]


class Channels:
    """A client on a WebSocket: what it has received, by channel."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, text: bool = False) -> None:
        self.socket = socket
        self.received: dict[int, bytes] = {}
        self._text = text

    async def send(self, channel: int, content: bytes) -> None:
        if self._text:
            await self.socket.send_str(f"{channel}{base64.b64encode(content).decode()}")
        else:
            await self.socket.send_bytes(bytes((channel,)) + content)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Receive until something holds, or the connection ends."""
        async with asyncio.timeout(SECONDS):
            while not holds():
                message = await self.socket.receive()
                if message.type is aiohttp.WSMsgType.BINARY:
                    channel, content = message.data[0], message.data[1:]
                elif message.type is aiohttp.WSMsgType.TEXT:
                    channel, content = int(message.data[0]), base64.b64decode(message.data[1:])
                else:
                    return
                self.received[channel] = self.received.get(channel, b"") + content

    async def to_the_end(self) -> dict[int, bytes]:
        await self.until(lambda: False)
        return self.received

    def status(self) -> Any:
        return json.loads(self.received[3])


@pytest.mark.parametrize(
    ("protocol", "text", "status"),
    [
        pytest.param("v5.channel.k8s.io", False, True, id="v5"),
        pytest.param("v4.channel.k8s.io", False, True, id="v4"),
        pytest.param("v4.base64.channel.k8s.io", True, True, id="v4-base64"),
        pytest.param("channel.k8s.io", False, False, id="v1"),
        pytest.param("base64.channel.k8s.io", True, False, id="v1-base64"),
        pytest.param("", False, False, id="unnamed"),
    ],
)
async def test_exec_over_a_websocket(
    rig: Rig, session: aiohttp.ClientSession, protocol: str, text: bool, status: bool
) -> None:
    await start_pod(rig)
    params = [*OUTPUTS.items(), ("input", "1"), ("command", "sh"), ("command", "-c")]
    params.append(("command", "read a; echo got $a; echo err >&2; exit 3"))
    protocols = (protocol,) if protocol else ()
    async with session.ws_connect(EXEC, params=params, protocols=protocols) as socket:
        assert (socket.protocol or "") == protocol
        client = Channels(socket, text=text)
        await client.send(0, b"hello\n")
        received = await client.to_the_end()
    assert (received[1], received[2]) == (b"got hello\n", b"err\n")
    if not status:
        assert received[3] == b"command terminated with non-zero exit code: exit status 3"
        return
    assert client.status() == {
        "metadata": {},
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": "command terminated with non-zero exit code: exit status 3",
        "details": {"causes": [{"reason": "ExitCode", "message": "3"}]},
    }


async def test_a_client_learns_at_once_that_it_is_connected(rig: Rig, session: aiohttp.ClientSession) -> None:
    await start_pod(rig)
    params = [("output", "1"), ("command", "sleep"), ("command", "1000")]
    async with session.ws_connect(EXEC, params=params, protocols=("v4.channel.k8s.io",)) as socket:
        assert await socket.receive_bytes(timeout=SECONDS) == b"\x01"


async def test_input_can_be_ended_alone(rig: Rig, session: aiohttp.ClientSession) -> None:
    """In v5: the command sees the end of its input, and the client what it then says."""
    await start_pod(rig)
    params = [("input", "1"), ("output", "1"), ("command", "sh"), ("command", "-c"), ("command", "cat; echo end")]
    async with session.ws_connect(EXEC, params=params, protocols=("v5.channel.k8s.io",)) as socket:
        client = Channels(socket)
        await client.send(0, b"abc\n")
        await client.send(255, b"\x00")
        received = await client.to_the_end()
    assert received[1] == b"abc\nend\n"
    assert client.status() == {"metadata": {}, "status": "Success"}


async def test_a_terminal_that_changes_its_size(rig: Rig, session: aiohttp.ClientSession) -> None:
    await start_pod(rig)
    script = "trap 'echo resized; exit' WINCH; echo ready; sleep 100000 & wait"
    params = [*OUTPUTS.items(), ("input", "1"), ("tty", "1"), ("command", "sh"), ("command", "-c"), ("command", script)]
    async with session.ws_connect(EXEC, params=params, protocols=("v5.channel.k8s.io",)) as socket:
        client = Channels(socket)
        await client.until(lambda: b"ready\r\n" in client.received.get(1, b""))
        for nonsense in (b"{}", b"x", b'{"Width":-1,"Height":5}', b'{"Width":"1","Height":5}'):
            await client.send(4, nonsense)
        await client.send(4, b'{"Width":120,"Height":40}')
        received = await client.to_the_end()
    assert received[1] == b"ready\r\nresized\r\n"
    assert client.status()["status"] == "Success"


async def test_a_program_that_is_not_there(rig: Rig, session: aiohttp.ClientSession) -> None:
    await start_pod(rig)
    async with session.ws_connect(
        EXEC, params={"output": "1", "command": "nope"}, protocols=("v4.channel.k8s.io",)
    ) as socket:
        client = Channels(socket)
        await client.to_the_end()
    assert client.status()["reason"] == "InternalError"
    assert 'exec: "nope": executable file not found in $PATH' in client.status()["message"]


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
UPGRADE |= {"Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode()}
SPDY = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}


@pytest.mark.parametrize(
    ("path", "params", "headers", "code", "text"),
    [
        pytest.param(EXEC, {"command": "a"}, UPGRADE, 400, "at least 1 of stdin, stdout, stderr", id="no stream"),
        pytest.param(EXEC, OUTPUTS, UPGRADE, 400, "you must specify a command", id="no command"),
        pytest.param(EXEC, {**OUTPUTS, "command": "a"}, {}, 400, "Upgrade request required", id="no upgrade"),
        pytest.param("/exec/default/q/main", {**OUTPUTS, "command": "a"}, UPGRADE, 404, "pod does not exist", id="pod"),
        pytest.param(
            "/attach/default/p/db", OUTPUTS, UPGRADE, 500, 'container not found ("db")', id="no such container"
        ),
        pytest.param(
            EXEC,
            {**OUTPUTS, "command": "a"},
            {**UPGRADE, "Sec-WebSocket-Protocol": "v9.channel.k8s.io"},
            403,
            "unable to negotiate",
            id="unknown subprotocol",
        ),
        pytest.param(
            EXEC,
            {**OUTPUTS, "command": "a"},
            {**SPDY, "X-Stream-Protocol-Version": "v9.channel.k8s.io"},
            403,
            "unable to negotiate protocol",
            id="unknown protocol",
        ),
        pytest.param("/portForward/default/q", {}, SPDY, 404, "pod does not exist", id="forward to no pod"),
        pytest.param("/portForward/default/p", {}, UPGRADE, 400, 'query parameter "port" is required', id="no port"),
        pytest.param("/portForward/default/p", {"port": "0"}, UPGRADE, 400, 'port "0" must be > 0', id="bad port"),
    ],
)
async def test_what_is_refused(
    rig: Rig,
    http: httpx.AsyncClient,
    path: str,
    params: dict[str, str],
    headers: dict[str, str],
    code: int,
    text: str,
) -> None:
    await start_pod(rig)
    answer = await http.get(path, params=params, headers=headers)
    assert (answer.status_code, text in answer.text) == (code, True), answer.text


async def test_attach_sees_hears_and_ends_with_the_container(rig: Rig, session: aiohttp.ClientSession) -> None:
    await start_pod(rig, "read a; echo got $a; echo err >&2", stdin=True)
    params = {**OUTPUTS, "input": "1"}
    async with session.ws_connect("/attach/default/p/main", params=params, protocols=("v5.channel.k8s.io",)) as socket:
        client = Channels(socket)
        await client.send(0, b"hello\n")
        received = await client.to_the_end()
    assert (received[1], received[2]) == (b"got hello\n", b"err\n")
    assert client.status()["status"] == "Success"


class SpdyClient:
    """A client of a bare SPDY connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.peer = Peer()
        self.received: dict[int, bytes] = {}
        self._buffer = bytearray()

    @classmethod
    async def connect(cls, http: httpx.AsyncClient, path: str, version: str = "") -> "SpdyClient":
        reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n"
        head += f"X-Stream-Protocol-Version: {version}\r\n" if version else ""
        writer.write(f"{head}\r\n".encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        assert f"X-Stream-Protocol-Version: {version or 'channel.k8s.io'}".encode() in answer
        return cls(reader, writer)

    def open(self, number: int, **headers: str) -> None:
        self.writer.write(self.peer.open(number, headers))

    def send(self, number: int, content: bytes, *, end: bool = False) -> None:
        self.writer.write(data(number, content, end=end))

    async def to_the_end(self) -> dict[int, bytes]:
        """Receive until the server closes the connection; return what came on each stream."""
        async with asyncio.timeout(SECONDS):
            while more := await self.reader.read(65536):
                self._buffer += more
                self._sort()
        self.writer.close()
        return self.received

    async def until(self, number: int, content: bytes) -> None:
        async with asyncio.timeout(SECONDS):
            while content not in self.received.get(number, b""):
                self._buffer += await self.reader.read(65536)
                self._sort()

    def _sort(self) -> None:
        while (frame := self.peer.take(self._buffer)) is not None:
            kind, stream, content = frame
            if kind == 0:
                self.received[stream] = self.received.get(stream, b"") + content


@pytest.mark.parametrize("version", ["v4.channel.k8s.io", "v3.channel.k8s.io", "channel.k8s.io", ""])
async def test_exec_over_spdy(rig: Rig, http: httpx.AsyncClient, version: str) -> None:
    await start_pod(rig)
    command = "command=sh&command=-c&command=cat%3B+echo+err+%3E%262%3B+exit+3"
    client = await SpdyClient.connect(http, f"{EXEC}?input=1&output=1&error=1&{command}", version)
    for number, kind in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr")):
        client.open(number, streamType=kind)
    client.send(3, b"hello\n", end=True)
    received = await client.to_the_end()
    assert (received[5], received[7]) == (b"hello\n", b"err\n")
    if version.startswith("v4"):
        assert json.loads(received[1])["details"] == {"causes": [{"reason": "ExitCode", "message": "3"}]}
    else:
        assert received[1] == b"command terminated with non-zero exit code: exit status 3"


async def test_a_terminal_over_spdy(rig: Rig, http: httpx.AsyncClient) -> None:
    await start_pod(rig)
    command = "command=sh&command=-c&command=trap+%27echo+resized%3B+exit%27+WINCH%3B+echo+ready%3B+sleep+9999+%26+wait"
    client = await SpdyClient.connect(http, f"{EXEC}?input=1&output=1&tty=1&{command}", "v4.channel.k8s.io")
    for number, kind in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "resize")):
        client.open(number, streamType=kind)
    await client.until(5, b"ready\r\n")
    client.send(7, b'{"Width":120,"Height":40}\n{"Wid')
    received = await client.to_the_end()
    assert received[5] == b"ready\r\nresized\r\n"


async def test_a_client_that_speaks_no_spdy_is_left(rig: Rig, http: httpx.AsyncClient) -> None:
    await start_pod(rig)
    client = await SpdyClient.connect(http, f"{EXEC}?output=1&command=ls", "v4.channel.k8s.io")
    client.writer.write(b"\x80\x02" + bytes(6))
    assert await client.to_the_end() == {}


async def test_a_client_that_opens_no_streams_is_left_in_time(rig: Rig, http: httpx.AsyncClient) -> None:
    await start_pod(rig)
    client = await SpdyClient.connect(http, f"{EXEC}?output=1&command=ls", "v4.channel.k8s.io")
    client.open(1, streamType="error")
    await rig.clock.advance(31)
    assert await client.to_the_end() == {}


SERVE = "while true; do echo hello | nc -l -p 7000; done"


async def until_listening(rig: Rig) -> None:
    """Wait for the pod to listen on port 7000."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection(rig.runtime.list_pod_sandboxes()[0].ip, 7000)
            except OSError:
                await rig.settle()
                continue
            writer.close()
            await rig.settle()
            return


async def test_ports_are_forwarded_over_spdy(rig: Rig, http: httpx.AsyncClient) -> None:
    await start_pod(rig, SERVE)
    await until_listening(rig)
    client = await SpdyClient.connect(http, "/portForward/default/p", "portforward.k8s.io")
    client.open(1, streamType="error", port="7000", requestID="0")
    client.open(3, streamType="data", port="7000", requestID="0")
    await client.until(3, b"hello\n")
    client.open(5, streamType="error", port="7999", requestID="1")
    client.open(7, streamType="data", port="7999", requestID="1")
    await client.until(5, b"connection refused")
    assert client.received[5].startswith(b"error forwarding port 7999 to pod: ")
    client.open(9, streamType="data", port="none", requestID="2")
    client.writer.write_eof()
    await client.to_the_end()


async def test_ports_are_forwarded_through_a_tunnel(rig: Rig, session: aiohttp.ClientSession) -> None:
    """As kubectl does: SPDY frames in the messages of a WebSocket."""
    await start_pod(rig, SERVE)
    await until_listening(rig)
    peer, buffer = Peer(), bytearray()
    protocols = ("SPDY/3.1+portforward.k8s.io",)
    async with session.ws_connect("/portForward/default/p", protocols=protocols) as socket:
        assert socket.protocol == protocols[0]
        headers = {"port": "7000", "requestID": "0"}
        await socket.send_bytes(peer.open(1, {"streamType": "error", **headers}))
        await socket.send_bytes(peer.open(3, {"streamType": "data", **headers}))
        received = b""
        async with asyncio.timeout(SECONDS):
            while received != b"hello\n":
                buffer += await socket.receive_bytes()
                while (frame := peer.take(buffer)) is not None:
                    received += frame[2] if frame[:2] == (0, 3) else b""


async def test_ports_are_forwarded_over_channels(rig: Rig, session: aiohttp.ClientSession) -> None:
    await start_pod(rig, SERVE)
    await until_listening(rig)
    params = [("port", "7000"), ("port", "7999")]
    protocols = ("v4.channel.k8s.io",)
    async with session.ws_connect("/portForward/default/p", params=params, protocols=protocols) as socket:
        client = Channels(socket)
        await client.until(lambda: b"hello\n" in client.received.get(0, b"") and len(client.received.get(3, b"")) > 2)
    ports = [(7000).to_bytes(2, "little"), (7999).to_bytes(2, "little")]
    assert client.received[0] == ports[0] + b"hello\n"
    assert client.received[1] == ports[0]
    assert client.received[2] == ports[1]
    assert client.received[3].startswith(ports[1] + b"error forwarding port 7999 to pod: ")
