"""A small HTTP/1.1 server for fake images: keep-alive, pipelining, HEAD, and one line of log a request.

Parsed by httptools, and answered without a task where the handler is a plain function. An idle listening server costs
a socket and a handful of objects.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import parse_qs, unquote

import httptools

from kubelet.fake.process import Connection, Process

_BODY_LIMIT = 8 * 1024 * 1024
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@lru_cache(maxsize=256)
def _lower(name: bytes) -> str:
    return name.decode("latin-1").lower()


@dataclass(slots=True)
class HTTPRequest:
    """``target`` is the raw request target, ``path`` its decoded path; header names are lower-case.

    ``client`` is where the connection comes from, without the port.
    """

    method: str
    target: str
    version: str
    headers: dict[str, str]
    body: bytes
    client: str
    client_port: int
    path: str = field(init=False)

    def __post_init__(self) -> None:
        path = self.target.partition("?")[0]
        if "://" in path:
            path = "/" + path.partition("://")[2].partition("/")[2]
        self.path = unquote(path) if "%" in path else path or "/"

    @property
    def query(self) -> dict[str, str]:
        """The first value of each parameter."""
        parsed = parse_qs(self.target.partition("?")[2], keep_blank_values=True)
        return {key: values[0] for key, values in parsed.items()}


@dataclass(slots=True)
class HTTPResponse:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[HTTPRequest], HTTPResponse | Awaitable[HTTPResponse]]
"""Answers at once, or takes its time; nearly all servers do the former."""
AccessLog = Callable[[HTTPRequest, HTTPResponse, datetime], None]
"""Is told what was asked and answered, and when."""


class HTTPService:
    """What the connections of one server share: ``process.listen(80, service.connection)``.

    ``server`` is what the ``Server`` header says, if anything. Without ``keep_alive`` a connection is for one request.
    """

    __slots__ = (
        "_date",
        "_heads",
        "_next_second",
        "_second",
        "_server",
        "access_log",
        "clock",
        "handler",
        "keep_alive",
        "process",
    )

    def __init__(
        self,
        process: Process,
        server: str,
        handler: Handler,
        access_log: AccessLog | None = None,
        *,
        keep_alive: bool = True,
    ) -> None:
        self.process = process
        self.clock = process.clock
        self.keep_alive = keep_alive
        self.handler = handler
        self.access_log = access_log
        self._server = f"Server: {server}\r\n" if server else ""
        self._second = self._next_second = datetime.min.replace(tzinfo=UTC)
        self._date = ""
        self._heads: dict[tuple[int, str, int, bool], bytes] = {}

    def connection(self) -> "HTTPConnection":
        return HTTPConnection(self)

    def head(self, response: HTTPResponse, now: datetime, *, keep_alive: bool) -> bytes:
        """Return a response's status line and headers."""
        if not self._second <= now < self._next_second:
            self._second = now.replace(microsecond=0)
            self._next_second = self._second + timedelta(seconds=1)
            self._date = format_datetime(now, usegmt=True)
            self._heads.clear()
        if response.headers:
            return self._head(response, keep_alive=keep_alive)
        # Within a second, answers of one length and kind begin alike.
        key = (response.status, response.content_type, len(response.body), keep_alive)
        if (head := self._heads.get(key)) is None:
            head = self._heads[key] = self._head(response, keep_alive=keep_alive)
        return head

    def _head(self, response: HTTPResponse, *, keep_alive: bool) -> bytes:
        more = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        head = (
            f"HTTP/1.1 {response.status} {_PHRASES.get(response.status, '')}\r\n{self._server}Date: {self._date}\r\n"
            f"Content-Type: {response.content_type}\r\nContent-Length: {len(response.body)}\r\n"
            f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n{more}\r\n"
        )
        return head.encode("latin-1", errors="replace")


class HTTPConnection(Connection):
    """One client's connection to a fake web server."""

    def __init__(self, service: HTTPService) -> None:
        super().__init__(service.process)
        self._service = service
        self._parser = httptools.HttpRequestParser(self)
        self._client: tuple[str, int] | None = None
        self._later: deque[tuple[HTTPRequest, HTTPResponse | Awaitable[HTTPResponse], bool]] | None = None
        self._begun = False
        self._asked: tuple[HTTPRequest, bool] | None = None
        self._again: tuple[bytes, HTTPRequest, bool] | None = None
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def data_received(self, data: bytes) -> None:
        begun, again = self._begun, self._again
        if again is not None and not begun and data == again[0]:
            # Who keeps a connection asks for the same again and again; there is nothing new to parse.
            self._respond(again[1], again[2])
            return
        self._asked = None
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self._refuse(400)
            return
        if self._asked is not None:
            request, keep_alive = self._asked
            alone = not begun and not self._begun and data.endswith(b"\r\n\r\n") and data.count(b"\r\n\r\n") == 1
            self._again = (data, request, keep_alive) if alone and not request.body else None

    # httptools' callbacks

    def on_message_begin(self) -> None:
        self._begun = True
        self._reset()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[_lower(name)] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if "expect" in self._headers and self.transport is not None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if len(self._body) + len(body) > _BODY_LIMIT:
            self._refuse(413)
            return
        self._body += body

    def on_message_complete(self) -> None:
        self._begun = False
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if self._client is None:
            peer = transport.get_extra_info("peername") or ("", 0)
            self._client = (peer[0], peer[1])
        request = HTTPRequest(
            self._parser.get_method().decode(),
            self._target.decode("latin-1"),
            self._parser.get_http_version(),
            self._headers,
            bytes(self._body),
            *self._client,
        )
        keep_alive: bool = self._service.keep_alive and self._parser.should_keep_alive()
        self._asked = (request, keep_alive)
        self._respond(request, keep_alive)

    def _respond(self, request: HTTPRequest, keep_alive: bool) -> None:
        response = self._service.handler(request)
        if self._later is not None:
            # Answers come in the order of their requests.
            self._later.append((request, response, keep_alive))
        elif isinstance(response, HTTPResponse):
            self._answer(request, response, keep_alive=keep_alive)
        else:
            self._later = deque([(request, response, keep_alive)])
            self.process.background(self._answer_later(self._later), "http-answer")

    async def _answer_later(
        self, waiting: deque[tuple[HTTPRequest, HTTPResponse | Awaitable[HTTPResponse], bool]]
    ) -> None:
        while waiting:
            request, response, keep_alive = waiting.popleft()
            if not isinstance(response, HTTPResponse):
                response = await response
            self._answer(request, response, keep_alive=keep_alive)
        self._later = None

    def _answer(self, request: HTTPRequest, response: HTTPResponse, *, keep_alive: bool) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        now = self._service.clock.now()
        self._write(response, now, keep_alive=keep_alive, with_body=request.method != "HEAD")
        if self._service.access_log is not None:
            self._service.access_log(request, response, now)

    # Answers

    def _refuse(self, status: int) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self._write(error_page(status), self._service.clock.now(), keep_alive=False)

    def _write(self, response: HTTPResponse, now: datetime, *, keep_alive: bool, with_body: bool = True) -> None:
        assert self.transport is not None
        head = self._service.head(response, now, keep_alive=keep_alive)
        self.transport.write(head + response.body if with_body else head)
        if not keep_alive:
            self.transport.close()


def error_page(status: int, server: str = "") -> HTTPResponse:
    """Return a short HTML page for an error."""
    title = f"{status} {_PHRASES.get(status, '')}"
    footer = f"<hr><center>{server}</center>\n" if server else ""
    page = (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n{footer}"
        "</body>\n</html>\n"
    )
    return HTTPResponse(status, page.encode(), "text/html")
