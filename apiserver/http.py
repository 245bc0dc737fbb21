"""The ASGI side of a request, without the cost of request and response objects.

Handlers take a :class:`Call` and answer through it. FastAPI still routes and hosts them; its parameter parsing
and response classes stay off the paths that carry the load.
"""

import json
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from apimachinery.errors import MethodNotAllowed, RequestEntityTooLarge, StatusError
from apiserver.request import Query

BODY_LIMIT = 3 * 1024 * 1024
"""Upstream's ``MaxRequestBodyBytes``."""

_JSON = (b"content-type", b"application/json")


class ClientDisconnected(Exception):
    """The client went away before its request was read; nobody is left to answer."""


class Call:
    """A request under way, and its answer."""

    __slots__ = ("_headers", "body", "method", "path", "query", "receive", "scope", "send", "warnings")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query = Query(scope["query_string"])
        self.body = b""
        self.warnings: list[str] = []
        self._headers: dict[bytes, bytes] | None = None

    def header(self, name: bytes) -> str:
        """Return a header by its lower-case name, empty when it was not sent."""
        if self._headers is None:
            self._headers = dict(self.scope["headers"])
        return self._headers.get(name, b"").decode("latin-1")

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

    async def answer(self, code: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Send a JSON answer whole."""
        sent = [_JSON, (b"content-length", b"%d" % len(body)), *headers]
        for warning in self.warnings:
            quoted = warning.replace("\\", "\\\\").replace('"', '\\"')
            sent.append((b"warning", f'299 - "{quoted}"'.encode("latin-1", "replace")))
        await self.send({"type": "http.response.start", "status": code, "headers": sent})
        await self.send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})

    async def answer_object(self, code: int, obj: dict[str, Any]) -> None:
        await self.answer(code, orjson.dumps(obj))

    async def answer_error(self, error: StatusError) -> None:
        """The one place where an error becomes a ``Status``."""
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


def method_not_allowed() -> MethodNotAllowed:
    return MethodNotAllowed("the server does not allow this method on the requested resource")


def success_status(*, name: str, group: str, kind: str, uid: str = "") -> dict[str, Any]:
    """Return the ``Status`` of a deletion or binding that worked."""
    details = {key: value for key, value in (("name", name), ("group", group), ("kind", kind), ("uid", uid)) if value}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
