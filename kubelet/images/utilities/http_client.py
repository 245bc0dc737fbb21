"""A small HTTP/1.1 client for fake programs: one request on one connection over the pod network."""

import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import httptools

from kubelet.fake.process import Process
from kubelet.images.utilities.hosts import resolve

_CHUNK = 64 * 1024
_BODY_LIMIT = 64 * 1024 * 1024


class BadURL(Exception):
    """The address cannot be understood; the text says why."""


class UnsupportedScheme(BadURL):
    """The address asks for a protocol there is none of."""


class EmptyReply(Exception):
    """The server closed the connection without an answer."""


class BadReply(Exception):
    """What came back is no HTTP."""


@dataclass(slots=True)
class Request:
    """``headers`` may replace the ones that are sent anyway; an empty value leaves a header out."""

    url: SplitResult
    method: str = "GET"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    user_agent: str = ""


@dataclass(slots=True)
class Reply:
    version: str = "1.1"
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    address: str = ""
    """Where the connection went, without the port."""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def head(self) -> str:
        """Return the status line and headers as they came."""
        lines = [f"HTTP/{self.version} {self.status} {self.reason}".rstrip()]
        return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in self.headers), "", ""])


def parse_url(text: str) -> SplitResult:
    """Complete and split an address; raise :class:`BadURL`."""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", text) is None:
        text = f"http://{text}"
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError as error:
        raise BadURL(str(error)) from error
    if url.scheme != "http":
        raise UnsupportedScheme(url.scheme)
    if not url.hostname:
        raise BadURL("no host part in the URL")
    return url


def follow(url: SplitResult, location: str) -> SplitResult:
    """Return where a redirect leads; raise :class:`BadURL`."""
    return parse_url(urljoin(url.geturl(), location))


async def exchange(process: Process, request: Request) -> Reply:
    """Send a request and return the whole answer.

    Raises ``OSError`` when there is no connection (:class:`~kubelet.images.utilities.hosts.UnknownHost` when there is
    no such host), :class:`EmptyReply` and :class:`BadReply`.
    """
    url = request.url
    host, port = url.hostname or "", url.port or 80
    address = await resolve(process, host)
    reader, writer = await process.connect(address, port)
    try:
        writer.write(_encoded(request, host, port))
        reply = await _receive(reader, head_only=request.method == "HEAD")
    finally:
        writer.transport.abort()
        process.connections.discard(writer.transport)
    reply.address = address
    return reply


def _encoded(request: Request, host: str, port: int) -> bytes:
    url = request.url
    shown = f"[{host}]" if ":" in host else host
    headers = {"Host": shown if port == 80 else f"{shown}:{port}", "User-Agent": request.user_agent, "Accept": "*/*"}
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        headers["Content-Length"] = str(len(request.body))
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    for name, value in request.headers:
        known = next((key for key in headers if key.lower() == name.lower()), name)
        headers[known] = value
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value)]
    lines.append("Connection: close\r\n\r\n")
    return "\r\n".join(lines).encode("utf-8", errors="surrogateescape") + request.body


class _Collector:
    """What httptools tells about an answer."""

    def __init__(self) -> None:
        self.reply = Reply()
        self.headed = False
        self.complete = False

    def on_status(self, status: bytes) -> None:
        self.reply.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.reply.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.headed = True

    def on_body(self, body: bytes) -> None:
        if len(self.reply.body) + len(body) > _BODY_LIMIT:
            raise BadReply("the answer is too long")
        self.reply.body += body

    def on_message_complete(self) -> None:
        self.complete = True


async def _receive(reader: asyncio.StreamReader, *, head_only: bool) -> Reply:
    collector = _Collector()
    parser = httptools.HttpResponseParser(collector)
    received = False
    while not collector.complete and not (head_only and collector.headed):
        chunk = await reader.read(_CHUNK)
        if not chunk:
            break
        received = True
        try:
            parser.feed_data(chunk)
        except httptools.HttpParserError as error:
            raise BadReply(str(error)) from error
    if not received:
        raise EmptyReply
    if not collector.headed:
        raise BadReply("the answer ends in its head")
    collector.reply.status = parser.get_status_code()
    collector.reply.version = parser.get_http_version()
    return collector.reply
