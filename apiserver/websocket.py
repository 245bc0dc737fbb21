"""Answers over a WebSocket: what would be the body of a long answer comes in messages.

Upstream's ``wsstream.Reader`` (``k8s.io/streaming``, v0.36) for logs, and for watches ``WatchServer.HandleWS``
(``endpoints/handlers/watch.go`` of ``k8s.io/apiserver``, v0.36). A handler answers as it always does, through the
:class:`~apiserver.http.Call` that :func:`over_websocket` makes of its own: the start of an answer that went well makes
the connection a WebSocket, every part of its body is sent in messages, and its end closes it. Any other answer stays an
HTTP answer. What the client sends is not looked at.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from starlette.types import Message

from apimachinery.clock import Clock
from apimachinery.errors import BadRequest, Forbidden
from apiserver.http import CONNECTION, Call
from apiserver.tunnel import ClientConnection

Framing = Callable[[bytes], Iterable[bytes | str]]
"""Makes messages of a part of a body: text ones of text, binary ones of bytes."""

_TOKEN_PROTOCOL = "base64url.bearer.authorization.k8s.io."
"""What a subprotocol begins with that is none: browsers have no other place for a token."""

_FAREWELL_SECONDS = 1.0
"""How long a client has to close its side once it has been told of the end."""


def binary(body: bytes) -> Iterable[bytes | str]:
    """One message with the bytes, the empty one at the start included."""
    return (body,)


def base64_text(body: bytes) -> Iterable[bytes | str]:
    """One message with the bytes in base64."""
    return (base64.b64encode(body).decode(),)


def text_lines(body: bytes) -> Iterable[bytes | str]:
    """A message of text for each line."""
    return (line.decode() for line in body.splitlines(keepends=True))


LOG_FRAMINGS: Mapping[str, Framing] = {
    "": binary,
    "binary.k8s.io": binary,
    "base64.binary.k8s.io": base64_text,
}
"""How a log is sent, by subprotocol; the empty one is that of a client which names none."""


def offered(call: Call) -> list[str]:
    """Return the subprotocols that a client would speak, in its order."""
    named = (name.strip() for name in call.header(b"sec-websocket-protocol").split(","))
    return [name for name in named if name and not name.startswith(_TOKEN_PROTOCOL)]


def choose_log_framing(protocols: list[str]) -> tuple[str, Framing]:
    """Return the first subprotocol that logs can be sent in, and how; raise 403 when there is none."""
    for name in protocols or [""]:
        if name in LOG_FRAMINGS:
            return name, LOG_FRAMINGS[name]
    raise Forbidden(f"requested protocol(s) are not supported: {protocols}; supports {sorted(LOG_FRAMINGS)}")


@asynccontextmanager
async def log_call(call: Call, clock: Clock) -> AsyncIterator[Call]:
    """Yield the call to answer with a log."""
    protocol, framing = choose_log_framing(offered(call))
    async with over_websocket(call, protocol, framing, clock) as wrapped:
        yield wrapped


@asynccontextmanager
async def watch_call(call: Call, clock: Clock) -> AsyncIterator[Call]:
    """Yield the call to answer with a watch: one message of text for each event. Any single subprotocol will do."""
    protocols = offered(call)
    async with over_websocket(call, protocols[0] if len(protocols) == 1 else "", text_lines, clock) as wrapped:
        yield wrapped


@asynccontextmanager
async def over_websocket(call: Call, protocol: str, framing: Framing, clock: Clock) -> AsyncIterator[Call]:
    """Yield a call whose answer goes over a WebSocket; raise 400 when the client's request for one is not in order."""
    key = call.header(b"sec-websocket-key")
    if call.header(b"sec-websocket-version") != "13" or not key:
        raise BadRequest("websocket: the client is not using version 13 of the protocol, or has sent no key")
    answer = _Answer(call, key, protocol, framing, clock)
    wrapped = Call(call.scope, answer.receive, answer.send)
    for name in ("answer_headers", "audit_id", "long_running", "target", "user", "warnings"):
        setattr(wrapped, name, getattr(call, name))
    try:
        yield wrapped
    finally:
        answer.release()


class _Answer:
    """Takes the ASGI messages of an answer, and does something else with them."""

    def __init__(self, call: Call, key: str, protocol: str, framing: Framing, clock: Clock) -> None:
        self._call = call
        self._key = key
        self._protocol = protocol
        self._framing = framing
        self._clock = clock
        self._connection: ClientConnection = call.scope[CONNECTION]
        self._socket: _Socket | None = None

    async def receive(self) -> Message:
        if self._socket is None:
            return await self._call.receive()
        await self._socket.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 200:
                self._open()
            else:
                await self._call.send(message)
        elif self._socket is None:
            await self._call.send(message)
        else:
            await self._send_body(self._socket, message)

    def _open(self) -> None:
        from wsproto.utilities import generate_accept_token

        lines = [
            b"HTTP/1.1 101 Switching Protocols",
            b"upgrade: websocket",
            b"connection: Upgrade",
            b"sec-websocket-accept: " + generate_accept_token(self._key.encode("latin-1")),
        ]
        if self._protocol:
            lines.append(b"sec-websocket-protocol: " + self._protocol.encode("latin-1"))
        lines += [b"%b: %b" % header for header in self._call.answer_headers]
        self._socket = _Socket(self._connection.transport)
        self._call.code = 101
        self._connection.switch(b"\r\n".join([*lines, b"", b""]), self._socket)

    async def _send_body(self, socket: "_Socket", message: Message) -> None:
        body = message.get("body", b"")
        more = message.get("more_body", False)
        self._call.sent += len(body)
        if body or (more and self._framing is not text_lines):
            await socket.send(self._framing(body))
        if not more:
            await socket.finish(self._clock)

    def release(self) -> None:
        """Let the connection go, if it has become a WebSocket."""
        if self._socket is not None:
            self._connection.transport.close()
            self._connection.release()


class _Socket(asyncio.Protocol):
    """The server's end of a WebSocket that only it speaks on."""

    def __init__(self, transport: asyncio.Transport) -> None:
        # Few servers are ever asked for one.
        from wsproto.connection import Connection, ConnectionType

        self.closed = asyncio.Event()
        self._transport = transport
        self._frames: Connection = Connection(ConnectionType.SERVER)
        self._writable = asyncio.Event()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        from wsproto.events import CloseConnection, Ping
        from wsproto.utilities import LocalProtocolError, RemoteProtocolError

        try:
            self._frames.receive_data(data)
            for event in self._frames.events():
                if isinstance(event, Ping | CloseConnection):
                    self._transport.write(self._frames.send(event.response()))
                if isinstance(event, CloseConnection):
                    self._transport.close()
        except LocalProtocolError:
            # Both sides have said that they close.
            self._transport.close()
        except RemoteProtocolError:
            self._transport.abort()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._writable.set()
        self.closed.set()

    async def send(self, messages: Iterable[bytes | str]) -> None:
        """Send messages, waiting for a slow client; what a client does not hear any more is forgotten."""
        from wsproto.events import BytesMessage, TextMessage

        for data in messages:
            if self._transport.is_closing():
                return
            event = TextMessage(data) if isinstance(data, str) else BytesMessage(data)
            self._transport.write(self._frames.send(event))
            await self._writable.wait()

    async def finish(self, clock: Clock) -> None:
        """Tell the client that this was all, and give it a moment to close its side."""
        from wsproto.events import CloseConnection

        if self._transport.is_closing():
            return
        self._transport.write(self._frames.send(CloseConnection(code=1000)))
        try:
            async with clock.timeout(_FAREWELL_SECONDS):
                await self.closed.wait()
        except TimeoutError:
            self._transport.close()
