"""Answers that go on, against servers that end them in every way there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from kubeclient.answering import Broken
from kubeclient.pool import Pool
from kubeclient.streams import HELD_BYTES, Stream

DEADLINE_SECONDS = 30.0
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def says(*parts: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk


@asynccontextmanager
async def open_pool(talk: Talk, heads: list[bytes] | None = None) -> AsyncIterator[Pool]:
    """Give a pool for a server that reads one request's head, answers as told, and closes the connection."""

    talks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.append(task)
        head = await reader.readuntil(b"\r\n\r\n")
        if heads is not None:
            heads.append(head)
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = Pool(f"http://127.0.0.1:{port}", {}, limit=1, seconds=DEADLINE_SECONDS, connect_seconds=DEADLINE_SECONDS)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            yield pool
    finally:
        pool.close()
        server.close()
        await asyncio.gather(*talks)


@pytest.mark.parametrize(
    ("parts", "status", "content"),
    [
        pytest.param([CHUNKED, chunk(b"a"), chunk(b"b"), b"0\r\n\r\n"], 200, b"ab", id="in chunks"),
        pytest.param([CHUNKED, b"0\r\n\r\n"], 200, b"", id="nothing"),
        pytest.param([b"HTTP/1.1 410 Gone\r\nContent-Length: 2\r\n\r\nno"], 410, b"no", id="a refusal"),
        pytest.param([b"HTTP/1.0 200 OK\r\n\r\n", b"ab"], 200, b"ab", id="to the end of the connection"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n", CHUNKED, b"0\r\n\r\n"], 200, b"", id="after an interim one"),
    ],
)
async def test_whole_answers(parts: list[bytes], status: int, content: bytes) -> None:
    heads: list[bytes] = []
    async with open_pool(says(*parts), heads) as pool, pool.stream("/watch?a=b c") as stream:
        assert (stream.status, await stream.rest()) == (status, content)
        assert await stream.read() == b""
    assert [head.split(b"\r\n")[0] for head in heads] == [b"GET /watch?a=b%20c HTTP/1.1"]


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        pytest.param([], None, id="before it began"),
        pytest.param([b"what is this?\r\n\r\n"], None, id="no HTTP"),
        pytest.param([CHUNKED], b"", id="before the first part"),
        pytest.param([CHUNKED, chunk(b"a")], b"a", id="between parts"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"], b"ab", id="short of its length"),
    ],
)
async def test_broken_answers(parts: list[bytes], seen: bytes | None) -> None:
    """What came before is read all the same."""
    found: list[bytes] = []
    async with open_pool(says(*parts)) as pool:
        with pytest.raises(Broken):
            await read_into(found, pool)
    assert (b"".join(found) if found else None) == seen


async def read_into(found: list[bytes], pool: Pool) -> None:
    async with pool.stream("/") as stream:
        found.append(b"")
        while part := await stream.read():
            found.append(part)


async def test_parts_are_read_as_they_come() -> None:
    go = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(b"first"))
        await go.wait()
        writer.write(chunk(b"second") + b"0\r\n\r\n")

    async with open_pool(talk) as pool, pool.stream("/") as stream:
        assert await stream.read() == b"first"
        go.set()
        assert await stream.rest() == b"second"


class Transport(asyncio.Transport):
    """Takes note of whether it is to read on."""

    reading = True

    def write(self, data: object) -> None:
        pass

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True


async def test_a_reader_that_is_slow_holds_the_server_up() -> None:
    """Else what it has not read would fill the memory."""
    stream, transport = Stream(), Transport()
    stream.connection_made(transport)
    stream.data_received(CHUNKED + chunk(b"x" * HELD_BYTES))
    assert transport.reading
    stream.data_received(chunk(b"y"))
    stream.data_received(chunk(b"z"))
    assert not transport.reading
    assert await stream.read() == b"x" * HELD_BYTES + b"yz"
    assert transport.reading


async def test_a_closed_pool_ends_its_streams() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        await reader.read()

    async with open_pool(talk) as pool, pool.stream("/") as stream, asyncio.TaskGroup() as group:
        reading = group.create_task(read_to_the_end(stream))
        pool.close()
        assert isinstance(await reading, Broken)


async def read_to_the_end(stream: Stream) -> BaseException | None:
    try:
        await stream.rest()
    except Broken as error:
        return error
    return None
