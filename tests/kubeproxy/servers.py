"""Endpoints on real sockets, and clients that ask them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from apimachinery.clock import Clock
from kubeproxy.entrances import Entrances
from kubeproxy.routes import Backend, Frontend, Route

RANGE = "127.153.0"
"""Of these tests alone."""


def frontend(number: int, protocol: str = "TCP", port: int = 8080) -> Frontend:
    return Frontend(protocol, f"{RANGE}.{number}", port)


def route(*backends: Backend, affinity_seconds: int = 0) -> Route:
    return Route("default/web:80", backends, affinity_seconds=affinity_seconds)


@asynccontextmanager
async def running(clock: Clock) -> AsyncIterator[Entrances]:
    """What is listened on, closed with the block."""
    async with asyncio.TaskGroup() as tasks:
        opened = Entrances(tasks, clock)
        try:
            yield opened
        finally:
            opened.close()


@asynccontextmanager
async def tcp_server(number: int, port: int = 9000) -> AsyncIterator[Backend]:
    """A server that greets every client with its own address and the client's, then echoes until the client's end."""
    ip = f"{RANGE}.{number}"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{ip} {writer.get_extra_info('peername')[0]}\n".encode())
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, ip, port) as server:
        yield Backend(ip, port)
        server.close()


class Who(asyncio.DatagramProtocol):
    """Answers every datagram with its own address and the client's."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        own = self.transport.get_extra_info("sockname")[0]
        self.transport.sendto(b" ".join([own.encode(), addr[0].encode(), data]), addr)


@asynccontextmanager
async def udp_server(number: int, port: int = 9000) -> AsyncIterator[Backend]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Who, local_addr=(f"{RANGE}.{number}", port))
    try:
        yield Backend(f"{RANGE}.{number}", port)
    finally:
        transport.close()


async def connect(to: Frontend, client: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(to.ip, to.port, local_addr=(client, 0))


async def greeting(to: Frontend, client: str = "127.0.0.1") -> list[str]:
    """Connect, and return which server answers and whom it sees."""
    reader, writer = await connect(to, client)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line.decode().split()


def udp_client(to: Frontend, client: str = "127.0.0.1") -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.bind((client, 0))
    opened.connect((to.ip, to.port))
    return opened


async def ask(client: socket.socket, data: bytes = b"hi") -> list[str]:
    """Send a datagram and return the answer's words."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(client, data)
    async with asyncio.timeout(5):
        return (await loop.sock_recv(client, 65536)).decode().split()
