"""Two connections that are one: what is said, how fast, and how it ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from componentbase.relay import End, Patient

SECONDS = 10
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def relay() -> AsyncIterator[tuple[Stream, Stream, End]]:
    """Open two connections to a server that joins them."""
    loop = asyncio.get_running_loop()
    first, second = End(), End()
    waiting = [first, second]
    server = await loop.create_server(lambda: waiting.pop(0), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    one, two = await asyncio.open_connection(host, port), await asyncio.open_connection(host, port)
    async with asyncio.timeout(SECONDS):
        while first.transport is None or second.transport is None:
            await asyncio.wait([loop.create_future()], timeout=0)
        first.join(second)
        try:
            yield one, two, first
        finally:
            server.close()
            for _, writer in (one, two):
                writer.close()


async def test_bytes_pass_both_ways() -> None:
    async with relay() as ((one_in, one_out), (two_in, two_out), _):
        one_out.write(b"question")
        assert await two_in.readexactly(8) == b"question"
        two_out.write(b"answer")
        assert await one_in.readexactly(6) == b"answer"


async def test_one_side_may_end_before_the_other() -> None:
    async with relay() as ((one_in, one_out), (two_in, two_out), end):
        one_out.write(b"all")
        one_out.write_eof()
        assert await two_in.read() == b"all"
        two_out.write(b"an answer to that")
        two_out.close()
        assert await one_in.read() == b"an answer to that"
        await end.closed.wait()


async def test_a_slow_reader_slows_the_writer() -> None:
    """What nobody reads fills the buffers on the way, and then no more is taken in."""
    async with relay() as ((_, one_out), (two_in, _), end):
        sent = 64 * 1024 * 1024
        one_out.write(bytes(sent))
        assert end.transport is not None
        while end.transport.is_reading():
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0)
        assert one_out.transport.get_write_buffer_size() > 0
        received = 0
        while received < sent:
            received += len(await two_in.read(1024 * 1024))
        assert end.transport.is_reading()


async def test_a_connection_that_breaks_ends_the_other() -> None:
    async with relay() as ((_, one_out), (two_in, two_out), end):
        # What is on its way to somebody who has gone is answered with a reset.
        two_out.write(bytes(1024 * 1024))
        await two_out.drain()
        one_out.transport.abort()
        with contextlib.suppress(ConnectionResetError):
            await two_in.read()
        await end.closed.wait()


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_what_is_said_early_is_kept(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """On both loops, one of which reads before anybody can ask it not to."""

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        early, late = Patient(), End()
        ends: list[End] = [early, late]
        server = await loop.create_server(lambda: ends.pop(0), "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        async with asyncio.timeout(SECONDS):
            _, first_out = await asyncio.open_connection(host, port)
            first_out.write(b"early ")
            first_out.write_eof()
            while not early._early:
                await asyncio.wait([loop.create_future()], timeout=0)
            second_in, second_out = await asyncio.open_connection(host, port)
            while late.transport is None:
                await asyncio.wait([loop.create_future()], timeout=0)
            late.join(early)
            early.begin()
            assert await second_in.read() == b"early "
            second_out.close()
            await late.closed.wait()
        first_out.close()
        server.close()
        await server.wait_closed()

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(talk())
