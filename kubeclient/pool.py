"""Requests to one server over connections that are kept: HTTP/1.1, one request at a time on each, parsed by httptools.

A component sends a handful of small requests for every pod that starts, and a general client (aiohttp) spends twice
as long on each of them: on URLs, cookies, redirects, compression, and a reader task. None of that happens here.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from kubeclient.answering import Answering, Broken
from kubeclient.streams import Stream
from kubeclient.turns import Turns

_PLAIN = re.compile(r"[!-~]*").fullmatch
"""What may stand in a request line as it is."""

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
"""What does no harm when it reaches the server twice."""

P = TypeVar("P", bound=asyncio.Protocol)


class Answer(NamedTuple):
    status: int
    body: bytes


class Pool:
    """Connections to the server at the URL ``server``, at most ``limit`` at once.

    Further requests wait their turn, and go on in crowds (:class:`~kubeclient.turns.Turns`).
    ``headers`` go with every request. A connection has ``connect_seconds`` to come about, a request ``seconds`` to be
    answered from then on.
    """

    def __init__(
        self, server: str, headers: Mapping[str, str], *, limit: int, seconds: float, connect_seconds: float
    ) -> None:
        url = urlsplit(server)
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._host = url.hostname or ""
        self._port = url.port or (443 if self._tls is not None else 80)
        self._prefix = url.path.rstrip("/")
        host = url.netloc.rpartition("@")[2]
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in {"Host": host, **headers}.items())
        self._turns = Turns(limit)
        self._seconds = seconds
        self._connect_seconds = connect_seconds
        self._idle: list[_Connection] = []
        self._all: set[_Connection | Stream] = set()
        self._under_way = 0
        self._at_rest = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether a request is under way, or waits for its turn."""
        return self._under_way > 0

    async def until_idle(self) -> None:
        """Wait until no request is under way."""
        self._at_rest.clear()
        if self.busy:
            await self._at_rest.wait()

    async def request(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> Answer:
        """Send one request and return the answer, whatever its status.

        Raises ``OSError`` when there is none, ``TimeoutError`` when there is none in time. A request that does no harm
        when it is repeated is sent once more when the server has let go of the connection meanwhile.
        """
        wire = self._wire(method, path, body, content_type)
        self._under_way += 1
        try:
            async with self._turns:
                return await self._send(wire, repeatable=method in _REPEATABLE)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._at_rest.set()

    async def _send(self, wire: bytes, *, repeatable: bool) -> Answer:
        while self._idle:
            connection = self._idle.pop()
            if not connection.reusable:
                self._drop(connection)
                continue
            try:
                return await self._ask(connection, wire)
            except Broken:
                if not repeatable or connection.answering:
                    raise
        return await self._ask(await self._connect(_Connection), wire)

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[Stream]:
        """Ask for an answer that may go on for ever, on a connection of its own, which does not count for ``limit``.

        It has begun when this yields, and ends with the block. Raises as :meth:`request` does when there is none.
        """
        stream = await self._connect(Stream)
        self._all.add(stream)
        try:
            await stream.ask(self._wire("GET", path, None, ""))
            yield stream
        finally:
            self._drop(stream)

    def _wire(self, method: str, path: str, body: bytes | None, content_type: str) -> bytes:
        if not _PLAIN(path):
            path = quote(path, safe="/%:@!$&'()*+,;=~-._?")
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._headers}"
        if body is None:
            return f"{head}\r\n".encode("latin-1")
        length = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return (head + length).encode("latin-1") + body

    async def _connect(self, protocol: Callable[[], P]) -> P:
        async with asyncio.timeout(self._connect_seconds):
            _, connection = await asyncio.get_running_loop().create_connection(
                protocol, self._host, self._port, ssl=self._tls
            )
        return connection

    async def _ask(self, connection: "_Connection", wire: bytes) -> Answer:
        self._all.add(connection)
        try:
            answer = await connection.ask(wire, self._seconds)
        except BaseException:
            self._drop(connection)
            raise
        if connection.reusable:
            self._idle.append(connection)
        else:
            self._drop(connection)
        return answer

    def _drop(self, connection: "_Connection | Stream") -> None:
        self._all.discard(connection)
        connection.close()

    def close(self) -> None:
        """End all connections, those with a request under way too."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._idle.clear()


class _Connection(Answering):
    """A connection for one request after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = False
        """Whether something has come since the last request."""
        self._asked: asyncio.Future[Answer] | None = None
        self._body: list[bytes] = []
        self._keep = True

    @property
    def reusable(self) -> bool:
        return self._keep and self._transport is not None and not self._transport.is_closing()

    async def ask(self, wire: bytes, seconds: float) -> Answer:
        """Send a request and wait for the answer to it; raise ``TimeoutError`` when it takes longer than that."""
        if not self.reusable:
            raise Broken("the server has closed the connection")
        assert self._transport is not None
        self.answering = self._in_body = False
        loop = asyncio.get_running_loop()
        self._asked = loop.create_future()
        self._transport.write(wire)
        # Not asyncio.timeout(), which would cost a tenth of the whole.
        overdue = loop.call_later(seconds, self._fail, TimeoutError())
        try:
            return await self._asked
        finally:
            overdue.cancel()

    def close(self) -> None:
        self._keep = False
        super().close()

    def _finish(self) -> None:
        self._keep = self._keep and self._parser.should_keep_alive()
        body, self._body = b"".join(self._body), []
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(Answer(self._parser.get_status_code(), body))

    def _fail(self, error: Exception) -> None:
        self._keep = False
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(error)

    def data_received(self, data: bytes) -> None:
        self.answering = True
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._keep = False
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._body = []

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
