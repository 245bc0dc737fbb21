"""The ASGI side of a request, without the cost of request and response objects.

Handlers take a :class:`Call` and answer through it. FastAPI still routes and hosts them; its parameter parsing
and response classes stay off the paths that carry the load.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

import orjson
from starlette.types import Message, Receive, Scope, Send

from apimachinery.errors import MethodNotAllowed, NotAcceptable, RequestEntityTooLarge, StatusError
from apiserver import compression, negotiation
from apiserver.negotiation import JSON, PRETTY_JSON, Representation
from apiserver.request import Query, Target
from apiserver.user import ADMIN
from apiserver.warning_headers import warning_headers
from apiserver.whole_answers import send_whole

BODY_LIMIT = 3 * 1024 * 1024
"""Upstream's ``MaxRequestBodyBytes``."""

CALL = "kubemu.call"
"""Where in an ASGI scope the :class:`Call` of the request is."""

CONNECTION = "kubemu.connection"
"""Where in an ASGI scope the :class:`~apiserver.tunnel.ClientConnection` is, when the server has put it there."""

CYCLE = "kubemu.cycle"
"""Where in an ASGI scope the server's side of the request is, for :mod:`apiserver.whole_answers`."""

_INLINE_ENCODING_LIMIT = 64 * 1024
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}


class ClientDisconnected(Exception):
    """The client went away before its request was read; nobody is left to answer."""


class Call:
    """A request under way, and its answer."""

    __slots__ = (
        "_representation",
        "_send",
        "answer_headers",
        "audit_id",
        "body",
        "code",
        "headers",
        "long_running",
        "method",
        "path",
        "query",
        "receive",
        "scope",
        "sent",
        "target",
        "transform",
        "user",
        "warnings",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self._send = send
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query = Query(scope["query_string"])
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.body = b""
        self.warnings: list[str] = []
        self.target: Target | None = None
        """What the path names, when that is a resource."""
        self.long_running = False
        """A watch or a proxied request: bound by no deadline, and counted against no limit."""
        self.audit_id = ""
        self.user = ADMIN
        """In whose name the request is made."""
        self.transform: Callable[[bytes], bytes] | None = None
        """How an object is turned into what the client asked to see instead; not used on errors."""
        self.answer_headers: list[tuple[bytes, bytes]] = []
        """What every answer carries, whoever gives it."""
        self.code = 0
        """The answer's code once it has begun."""
        self.sent = 0
        """How many bytes of the answer's body have been sent."""
        self._representation: Representation | None = None

    def header(self, name: bytes) -> str:
        """Return a header by its lower-case name, empty when it was not sent."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def uri(self) -> str:
        """The path and query as the client sent them."""
        query = self.scope["query_string"]
        raw: bytes = self.scope.get("raw_path") or self.path.encode()
        return (b"%b?%b" % (raw, query) if query else raw).decode("latin-1")

    def negotiate(self) -> Representation:
        """Return the form that the answer has to have; raise 406 when there is none that the client takes."""
        if self._representation is None:
            found = negotiation.negotiate(self.header(b"accept"))
            if not found.plain or not self._wants_pretty():
                self._representation = found
            else:
                self._representation = PRETTY_JSON if found is JSON else replace(found, pretty=True)
        return self._representation

    def _wants_pretty(self) -> bool:
        if asked := self.query.text("pretty"):
            return asked in _TRUE
        return negotiation.is_human(self.headers.get(b"user-agent", b""))

    async def read_body(self) -> None:
        """Read the whole body into :attr:`body`; raise 413 past the limit."""
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts, size = [body], len(body)
            while message.get("more_body"):
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnected
                part = message.get("body", b"")
                size += len(part)
                # Past the limit the rest is read and forgotten, so that the client gets to see the answer.
                if size <= BODY_LIMIT:
                    parts.append(part)
            if size > BODY_LIMIT:
                raise RequestEntityTooLarge(f"Request entity too large: limit is {BODY_LIMIT}")
            body = b"".join(parts)
        elif len(body) > BODY_LIMIT:
            raise RequestEntityTooLarge(f"Request entity too large: limit is {BODY_LIMIT}")
        self.body = body

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message of the answer on; what every answer carries is added here."""
        if message["type"] == "http.response.start":
            self.code = message["status"]
            message["headers"] = self._with_common(list(message["headers"]))
        else:
            self.sent += len(message.get("body", b""))
        return self._send(message)

    def _with_common(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Return headers with those that every answer carries; a page that may be kept says so itself."""
        own = any(name == b"cache-control" for name, _ in headers)
        return headers + [pair for pair in self.answer_headers if not (own and pair[0] == b"cache-control")]

    async def answer(self, code: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Send a JSON document whole, in the form that was asked for.

        ``headers`` are none of those that every answer carries.
        """
        form = self.negotiate()
        if self.transform is not None and code < 300:
            body = self.transform(body)
        if not form.plain and body:
            # YAML is slow to write, and the interpreter can do something else now and then meanwhile.
            small = len(body) < _INLINE_ENCODING_LIMIT
            body = form.encode(body) if small else await asyncio.to_thread(form.encode, body)
        sent = [(b"content-type", form.content_type), *headers]
        if len(body) >= compression.THRESHOLD and compression.wants_gzip(self.headers.get(b"accept-encoding")):
            body = await compression.compress(body)
            sent += compression.HEADERS
        sent.append((b"content-length", b"%d" % len(body)))
        if self.warnings:
            sent += warning_headers(self.warnings)
        if self.method == "HEAD":
            body = b""
        cycle = self.scope.get(CYCLE)
        if cycle is not None and send_whole(cycle, code, sent + self.answer_headers, body):
            self.code, self.sent = code, len(body)
            return
        await self.send({"type": "http.response.start", "status": code, "headers": sent})
        await self.send({"type": "http.response.body", "body": body})

    async def answer_pieces(self, pieces: AsyncIterator[bytes], length: int | None) -> None:
        """Send a document that is already in the form that was asked for, piece by piece, with code 200.

        ``length`` is that of all pieces, ``None`` when it is not known beforehand. Between any two of them the
        client gets time to read and others to be served.
        """
        headers = [(b"content-type", self.negotiate().content_type)]
        large = length is None or length >= compression.THRESHOLD
        if large and compression.wants_gzip(self.headers.get(b"accept-encoding")):
            pieces, length = compression.compress_pieces(pieces), None
            headers += compression.HEADERS
        if length is not None:
            headers.append((b"content-length", b"%d" % length))
        if self.warnings:
            headers += warning_headers(self.warnings)
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})
        if self.method != "HEAD":
            async for piece in pieces:
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def answer_object(self, code: int, obj: dict[str, Any]) -> None:
        await self.answer(code, orjson.dumps(obj))

    async def answer_error(self, error: StatusError) -> None:
        """The one place where an error becomes a ``Status``."""
        try:
            self.negotiate()
        except NotAcceptable:
            # Said in the one form that every client can be expected to understand.
            self._representation = JSON
        headers: list[tuple[bytes, bytes]] = []
        if error.retry_after_seconds is not None:
            headers.append((b"retry-after", b"%d" % error.retry_after_seconds))
        status = error.to_status()
        try:
            body = orjson.dumps(status)
        except orjson.JSONEncodeError:
            # The message quotes half a surrogate pair from the request.
            body = json.dumps(status).encode()
        await self.answer(error.code, body, headers)

    async def cut(self) -> None:
        """Break the connection off: the answer has begun and will not be completed."""
        connection = self.scope.get(CONNECTION)
        if connection is not None:
            connection.transport.abort()
            while (await self.receive())["type"] != "http.disconnect":
                pass


def asks_for_upgrade(call: Call) -> bool:
    """Whether a request asks to speak something else than HTTP from here on."""
    if b"upgrade" not in call.headers or CONNECTION not in call.scope:
        return False
    return "upgrade" in {token.strip() for token in call.header(b"connection").lower().split(",")}


def asks_for_websocket(call: Call) -> bool:
    """Whether a GET asks to become a WebSocket, and the server can make one of it."""
    return call.method == "GET" and call.header(b"upgrade").lower() == "websocket" and asks_for_upgrade(call)


def method_not_allowed() -> MethodNotAllowed:
    return MethodNotAllowed("the server does not allow this method on the requested resource")


def success_status(*, name: str, group: str, kind: str, uid: str = "") -> dict[str, Any]:
    """Return the ``Status`` of a deletion or binding that worked."""
    details = {key: value for key, value in (("name", name), ("group", group), ("kind", kind), ("uid", uid)) if value}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
