"""Servers that take one connection after the other, as streams."""

import asyncio

from kubelet.fake.process import Process

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def listen_for_streams(process: Process, port: int, *, host: str = "") -> "asyncio.Queue[Streams]":
    """Listen until the process ends; return a queue of the connections that come. Raises ``OSError``."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Streams] = asyncio.Queue()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        process.connections.add(writer.transport)
        arrived.put_nowait((reader, writer))

    def protocol() -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(loop=loop), accepted, loop=loop)

    await process.listen(port, protocol, host=host)
    return arrived
