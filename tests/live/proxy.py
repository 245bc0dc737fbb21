"""A TCP proxy in front of a live server that can be cut, and counts what passes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Proxy:
    """``requests`` holds everything that clients have sent, in chunks."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    cut: bool = False
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def count(self, *starts: bytes) -> int:
        """Return how many requests began with one of these."""
        return sum(chunk.startswith(starts) for chunk in self.requests)

    def disconnect(self) -> None:
        """Close all connections, and refuse new ones until :meth:`reconnect`."""
        self.cut = True
        for writer in list(self.writers):
            writer.transport.abort()

    def reconnect(self) -> None:
        self.cut = False


@contextlib.asynccontextmanager
async def open_proxy(port: int) -> AsyncIterator[Proxy]:
    """Stand in front of a server on a port of 127.0.0.1."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: list[bytes] | None) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(65536):
                if seen is not None:
                    seen.append(chunk)
                writer.write(chunk)
                await writer.drain()
        writer.transport.abort()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if proxy.cut:
            writer.transport.abort()
            return
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        both = {writer, server_writer}
        proxy.writers |= both
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(copy(reader, server_writer, proxy.requests), name="proxy up")
                group.create_task(copy(server_reader, writer, None), name="proxy down")
        finally:
            proxy.writers -= both

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = Proxy(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield proxy
    finally:
        proxy.disconnect()
        server.close()
        await server.wait_closed()
