"""What carries SPDY: a connection that was upgraded to it, or a WebSocket with its frames in binary messages."""

import asyncio
from typing import Protocol, Self

from aiohttp import WSMsgType, web

TUNNEL = "SPDY/3.1+portforward.k8s.io"
"""The subprotocol of a WebSocket that carries SPDY (``pkg/portforward`` in ``k8s.io/apimachinery``, v0.36)."""

SPDY = "SPDY/3.1"


class Carrier(Protocol):
    """Takes bytes both ways, whole and in order."""

    async def receive(self) -> bytes:
        """Return what has arrived; empty once the client has gone."""
        ...

    async def send(self, data: bytes) -> None:
        """Send, waiting for a slow client; raise ``BrokenPipeError`` when it has gone."""
        ...

    async def close(self) -> None:
        """Close what carries it. May be repeated."""
        ...


class WebSocketCarrier:
    """Frames in the binary messages of a WebSocket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def receive(self) -> bytes:
        async for message in self._socket:
            if message.type is WSMsgType.BINARY and message.data:
                return bytes(message.data)
        return b""

    async def send(self, data: bytes) -> None:
        try:
            await self._socket.send_bytes(data)
        except (ConnectionError, RuntimeError) as error:
            raise BrokenPipeError("the client has gone") from error

    async def close(self) -> None:
        await self._socket.close()


class UpgradedCarrier(asyncio.Protocol):
    """Frames on a connection that was HTTP until its request was answered with 101."""

    def __init__(self, before: asyncio.BaseProtocol, transport: asyncio.Transport) -> None:
        self._before = before
        self._transport = transport
        self._arrived = bytearray()
        self._ended = False
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    @classmethod
    def take_over(cls, request: web.Request, head: bytes) -> Self:
        """Answer a request with ``head``, a whole 101 answer, and take its connection."""
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        carrier = cls(request.protocol, transport)
        transport.write(head)
        transport.set_protocol(carrier)
        return carrier

    # What the connection calls

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if len(self._arrived) > _MOST_WAITING:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        self._ended = True
        self._news.set()
        return True

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._ended = True
        self._news.set()
        self._writable.set()
        # The server still counts the connection as its own.
        self._before.connection_lost(error)

    # What its user calls

    async def receive(self) -> bytes:
        while not self._arrived and not self._ended:
            self._news.clear()
            await self._news.wait()
        data = bytes(self._arrived)
        self._arrived.clear()
        if not self._transport.is_closing():
            self._transport.resume_reading()
        return data

    async def send(self, data: bytes) -> None:
        if self._transport.is_closing():
            raise BrokenPipeError("the client has gone")
        self._transport.write(data)
        await self._writable.wait()

    async def close(self) -> None:
        self._transport.close()


_MOST_WAITING = 256 * 1024
"""How many bytes may wait to be looked at before the client is not listened to for a while."""
