"""Requests over kept connections, against servers that answer in every way there is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from kubeclient.answering import Broken
from kubeclient.pool import Answer, Pool
from tests.kubeclient.requests import read_request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

DEADLINE_SECONDS = 30.0


class Server:
    """Answers each request with what ``answer`` makes of its head; ``None`` closes the connection instead.

    With ``hang_up`` each answer is the last of its connection.
    """

    def __init__(self, answer: Callable[[str], bytes | None], *, hang_up: bool) -> None:
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self._answer = answer
        self._hang_up = hang_up

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for writer in self.open:
                writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        try:
            while True:
                head, body = await read_request(reader)
                self.bodies.append(body)
                self.heads.append(head)
                answer = self._answer(head)
                if answer is None:
                    break
                writer.write(answer)
                if self._hang_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.open.discard(writer)
        writer.close()


@asynccontextmanager
async def open_pool(
    answer: Callable[[str], bytes | None] = lambda head: OK,
    *,
    hang_up: bool = False,
    limit: int = 4,
    seconds: float = DEADLINE_SECONDS,
) -> AsyncIterator[tuple[Pool, Server]]:
    server = Server(answer, hang_up=hang_up)
    async with server.serve():
        pool = Pool(
            f"http://127.0.0.1:{server.port}/base/",
            {"Accept": "application/json"},
            limit=limit,
            seconds=seconds,
            connect_seconds=DEADLINE_SECONDS,
        )
        try:
            yield pool, server
        finally:
            pool.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS), aclosing(_turns()) as turns:
        async for _ in turns:
            if condition():
                return


async def _turns() -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    while True:
        yield
        turn = loop.create_future()
        loop.call_later(0.001, turn.set_result, None)
        await turn


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        pytest.param(OK, Answer(200, b"ok"), id="with a length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
            Answer(200, b"ok"),
            id="in chunks",
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nok", Answer(200, b"ok"), id="to the end of the connection"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, b""), id="without a body"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + OK, Answer(200, b"ok"), id="after an interim one"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Answer(404, b""), id="a refusal"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", Answer(200, b"ok"), id="and no more"
        ),
    ],
)
async def test_answers(wire: bytes, answer: Answer) -> None:
    async with open_pool(lambda head: wire, hang_up=b"HTTP/1.0" in wire) as (pool, _):
        # The second one shows what the first has left of its connection.
        assert await pool.request("GET", "/a") == answer
        assert await pool.request("GET", "/a") == answer


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok", id="bad headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", id="cut short"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n", id="a chunk too few"),
    ],
)
async def test_no_answers(wire: bytes) -> None:
    async with open_pool(lambda head: wire, hang_up=True) as (pool, server):
        with pytest.raises(Broken):
            await pool.request("GET", "/a")
        await until(lambda: not server.open)


async def test_what_is_sent() -> None:
    async with open_pool() as (pool, server):
        await pool.request("GET", "/a b?c=%20ü")
        await pool.request("POST", "/a", b"{}", "application/json")
        host = f"Host: 127.0.0.1:{server.port}\r\nAccept: application/json\r\n"
        assert server.heads == [
            f"GET /base/a%20b?c=%20%C3%BC HTTP/1.1\r\n{host}\r\n",
            f"POST /base/a HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n",
        ]
        assert server.bodies == [b"", b"{}"]


async def test_connections_are_kept_and_bounded() -> None:
    async with open_pool(limit=2) as (pool, server):
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(pool.request("GET", "/a"))
        assert len(server.heads) == 10
        assert server.connections == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_that_the_server_has_closed_is_not_used(method: str) -> None:
    async with open_pool() as (pool, server):
        await pool.request("GET", "/a")
        for writer in list(server.open):
            writer.close()
        (connection,) = pool._idle
        await until(lambda: not connection.reusable)
        assert await pool.request(method, "/a", b"") == Answer(200, b"ok")
        assert server.connections == 2


async def test_only_what_does_no_harm_is_sent_again() -> None:
    """The server closes a kept connection while the next request is on its way there."""
    answers = {"/first": OK}
    async with open_pool(lambda head: answers.get(head.split()[1].removeprefix("/base"))) as (pool, server):
        await pool.request("GET", "/first")
        with pytest.raises(Broken):
            await pool.request("POST", "/second", b"{}")
        assert len(server.heads) == 2
        await pool.request("GET", "/first")
        with pytest.raises(Broken):
            await pool.request("GET", "/second")
        # Once on the kept connection, once on a new one.
        assert len(server.heads) == 5


async def test_an_answer_that_does_not_come() -> None:
    never = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
    async with open_pool(lambda head: never, seconds=0.01) as (pool, server):
        with pytest.raises(TimeoutError):
            await pool.request("GET", "/a")
        await until(lambda: not server.open)


async def test_a_request_that_is_cancelled_leaves_no_answer_for_the_next() -> None:
    asked = asyncio.Event()

    def answer(head: str) -> bytes:
        asked.set()
        return b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" if "/slow" in head else OK

    async with open_pool(answer, limit=1) as (pool, server):
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(pool.request("GET", "/slow"))
            await asked.wait()
            slow.cancel()
        assert await pool.request("GET", "/quick") == Answer(200, b"ok")
        assert server.connections == 2
