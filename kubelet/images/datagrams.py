"""Datagrams for programs: a server that answers each as it comes, and a client that waits for what comes back."""

import asyncio
import errno
from collections.abc import Callable
from typing import cast

from kubelet.fake.process import Process

Answer = Callable[[bytes, tuple[str, int]], bytes | None]
"""Takes a datagram and where it is from; returns what is sent back there, if anything."""

_MOST_WAITING = 256


class DatagramServer(asyncio.DatagramProtocol):
    """Answers datagrams: ``process.listen_udp(port, lambda: DatagramServer(answer))``."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data, addr)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


class DatagramClient(asyncio.DatagramProtocol):
    """A socket towards one place; made by :func:`open_datagrams`."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[bytes | OSError] = asyncio.Queue(_MOST_WAITING)
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._put(data)

    def error_received(self, exc: Exception) -> None:
        self._put(exc if isinstance(exc, OSError) else OSError(errno.EIO, str(exc)))

    def _put(self, item: bytes | OSError) -> None:
        # As in a socket's buffer, what finds no room is lost.
        if not self._arrived.full():
            self._arrived.put_nowait(item)

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data)

    async def receive(self) -> bytes:
        """Return the next datagram; raise ``OSError`` when nobody takes ours."""
        item = await self._arrived.get()
        if isinstance(item, OSError):
            raise item
        return item

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def open_datagrams(process: Process, host: str, port: int) -> DatagramClient:
    """Open a socket towards ``host:port``; raise ``OSError``."""
    client = DatagramClient()
    await process.connect_udp(host, port, lambda: client)
    return client
