"""A small HTTP/1.1 server for fake images: keep-alive, pipelining, HEAD, and one line of log a request.

Parsed by httptools, answered without a task as long as the handler is a plain function. An idle listening server
costs a socket and a handful of objects.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import httptools

from kubelet.fake.process import Connection, Process

_BODY_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """``target`` is the raw request target, ``path`` its decoded path; header names are lower-case."""

    method: str
    target: str
    version: str
    headers: dict[str, str]
    body: bytes
    client: str

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path) or "/"

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class HTTPResponse:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[HTTPRequest], HTTPResponse]
AccessLog = Callable[[HTTPRequest, HTTPResponse], None]


class HTTPConnection(Connection):
    """One client's connection to a fake web server; ``server`` is what its ``Server`` header says, if anything."""

    def __init__(self, process: Process, server: str, handler: Handler, access_log: AccessLog | None) -> None:
        super().__init__(process)
        self._server = server
        self._handler = handler
        self._access_log = access_log
        self._parser = httptools.HttpRequestParser(self)
        self._reset()

    def _reset(self) -> None:
        self._target = ""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(400)
        except httptools.HttpParserError:
            self._refuse(400)

    # httptools' callbacks

    def on_message_begin(self) -> None:
        self._reset()

    def on_url(self, url: bytes) -> None:
        self._target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        if len(self._body) + len(body) > _BODY_LIMIT:
            self._refuse(413)
            return
        self._body += body

    def on_message_complete(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        peer = self.transport.get_extra_info("peername") or ("", 0)
        request = HTTPRequest(
            self._parser.get_method().decode(),
            self._target,
            self._parser.get_http_version(),
            self._headers,
            bytes(self._body),
            f"{peer[0]}:{peer[1]}",
        )
        response = self._handler(request)
        self._write(request.method, response, keep_alive=self._parser.should_keep_alive())
        if self._access_log is not None:
            self._access_log(request, response)

    # Answers

    def _refuse(self, status: int) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self._write("GET", error_page(status), keep_alive=False)

    def _write(self, method: str, response: HTTPResponse, *, keep_alive: bool) -> None:
        assert self.transport is not None
        now = format_datetime(self.process.clock.now(), usegmt=True)
        head = [
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
            *((f"Server: {self._server}",) if self._server else ()),
            f"Date: {now}",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(response.body)}",
            f"Connection: {'keep-alive' if keep_alive else 'close'}",
            *(f"{name}: {value}" for name, value in response.headers.items()),
            "\r\n",
        ]
        self.transport.write("\r\n".join(head).encode("latin-1") + (b"" if method == "HEAD" else response.body))
        if not keep_alive:
            self.transport.close()


def error_page(status: int, server: str = "") -> HTTPResponse:
    """Return a short HTML page for an error."""
    title = f"{status} {HTTPStatus(status).phrase}"
    footer = f"<hr><center>{server}</center>\n" if server else ""
    page = (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n{footer}"
        "</body>\n</html>\n"
    )
    return HTTPResponse(status, page.encode(), "text/html")
