"""The server's sockets: one for datagrams, one for connections, at the same port."""

import asyncio
import errno
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from apimachinery.clock import Clock
from apimachinery.errors import FatalError
from componentbase.low_ports import stand_in

Respond = Callable[[bytes], bytes | None]
"""Takes a message and returns the answer, if it gets any."""

IDLE_SECONDS = 10.0
"""A connection on which nothing has been asked for this long, or up to twice as long, is closed."""

MOST_CONNECTIONS = 1000
_LENGTH = struct.Struct("!H")
_WAITING = 128


class AddressTaken(OSError):
    """Somebody else listens there."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Bound sockets. ``port`` is the one that they really have."""

    datagrams: socket.socket
    connections: socket.socket
    port: int

    def close(self) -> None:
        self.datagrams.close()
        self.connections.close()


def bind(address: str, port: int) -> Listeners:
    """Bind both sockets, to the stand-in of a low port where that may not be had.

    Raises :class:`AddressTaken`, or :class:`~apimachinery.errors.FatalError` for an address that nobody can have here.
    """
    try:
        return _bind(address, port)
    except PermissionError as error:
        if not (other := stand_in(port)):
            raise FatalError(f"no permission to listen on {address}:{port}") from error
    return _bind(address, other)


def _bind(address: str, port: int) -> Listeners:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    connections = socket.socket(family, socket.SOCK_STREAM)
    try:
        connections.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connections.bind((address, port))
        port = connections.getsockname()[1]
        datagrams.bind((address, port))
        connections.listen(_WAITING)
    except OSError as error:
        datagrams.close()
        connections.close()
        if isinstance(error, PermissionError):
            raise
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(error.errno, f"{address}:{port} is taken") from error
        raise FatalError(f"cannot listen on {address}:{port}: {error.strerror or error}") from error
    datagrams.setblocking(False)
    connections.setblocking(False)
    return Listeners(datagrams, connections, port)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._respond(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


class _Connection(asyncio.Protocol):
    """Questions one after the other, each with its length before it; whoever does not read is not read from."""

    def __init__(self, respond: Respond, open_: "set[_Connection]") -> None:
        self._respond = respond
        self._open = open_
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.asked = True
        """Whether anything has come since idle connections were looked for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if len(self._open) >= MOST_CONNECTIONS:
            self._transport.abort()
            return
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        self.asked = True
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            message = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            answer = self._respond(message)
            if self._transport is None:
                return
            if answer is None:
                # What was answered before is still sent.
                self._transport.close()
                return
            self._transport.write(_LENGTH.pack(len(answer)) + answer)

    def pause_writing(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def _close_idle(connections: set[_Connection], clock: Clock) -> None:
    while True:
        await clock.sleep(IDLE_SECONDS)
        for connection in list(connections):
            if not connection.asked:
                connection.close()
            connection.asked = False


@asynccontextmanager
async def answering(listeners: Listeners, over_udp: Respond, over_tcp: Respond, *, clock: Clock) -> AsyncIterator[None]:
    """Answer for as long as the block runs; the sockets are closed at its end."""
    loop = asyncio.get_running_loop()
    connections: set[_Connection] = set()
    datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(over_udp), sock=listeners.datagrams)
    server = await loop.create_server(lambda: _Connection(over_tcp, connections), sock=listeners.connections)
    try:
        async with asyncio.TaskGroup() as group:
            sweeper = group.create_task(_close_idle(connections, clock), name="dns-idle")
            try:
                yield
            finally:
                sweeper.cancel()
    finally:
        datagrams.close()
        server.close()
        for connection in list(connections):
            connection.close()
