"""Connections that stop being HTTP: a client and what it talks to through the server, joined byte for byte.

The counterpart of upstream's ``UpgradeAwareHandler`` (``k8s.io/apimachinery/pkg/util/proxy``, v0.36). WebSockets and
SPDY pass through alike: whoever answers the request decides what the connection becomes, and the server understands
none of it.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Protocol

import httptools

from apimachinery.errors import ServiceUnavailable
from componentbase.relay import End

_ANSWER_LIMIT = 1024 * 1024
"""Bytes that a refusal may have; what asks to be connected gets a ``Status`` or a short text."""


class ClientConnection(Protocol):
    """The HTTP connection that a request came on, as the server keeps it."""

    transport: asyncio.Transport

    def switch(self, head: bytes, successor: asyncio.Protocol) -> None:
        """Send ``head``, which ends the HTTP on the connection, and give it to ``successor``."""
        ...

    def release(self) -> None:
        """Close the connection and forget it: its successor has no more use for it."""
        ...


@dataclass(slots=True)
class Answer:
    """What a backend said to the request to connect; ``early`` is what it already sent on the new connection."""

    code: int = 0
    reason: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    early: bytes = b""

    @property
    def switched(self) -> bool:
        return self.code == 101

    def head(self) -> bytes:
        """Return the answer's first lines, as they go to the client."""
        lines = [f"HTTP/1.1 {self.code} {self.reason}".encode("latin-1")]
        lines += [b"%b: %b" % header for header in self.headers]
        return b"\r\n".join([*lines, b"", b""])


class Backend(End):
    """The end towards what is to be connected to: first it reads one HTTP answer, then it is a tunnel's end."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answer = Answer()
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            super().data_received(data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._answer.early = data[upgrade.args[0] :]
            self._settle()
        except httptools.HttpParserError as error:
            self._fail(f"malformed HTTP response: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(str(error) if error else "EOF")
        super().connection_lost(error)

    def _settle(self) -> None:
        self._parser = None
        if not self.answered.done():
            if self.transport is not None:
                # Nothing more may arrive before there is somebody to pass it to.
                self.transport.pause_reading()
            self.answered.set_result(self._answer)

    def _fail(self, why: str) -> None:
        if not self.answered.done():
            self.answered.set_exception(ServiceUnavailable(f"error trying to reach service: {why}"))

    # What the parser calls

    def on_status(self, status: bytes) -> None:
        self._answer.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers.append((name, value))

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        self._answer.code = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._answer.body += body
        if len(self._answer.body) > _ANSWER_LIMIT:
            self._fail("the answer is too long")

    def on_message_complete(self) -> None:
        if not self._answer.switched:
            self._settle()


async def connect(host: str, port: int, request: bytes, *, tls: bool = False) -> tuple[Backend, Answer]:
    """Send ``request``, which asks for another protocol, and return the connection with the answer to it.

    With ``tls`` the certificate is not looked at: those of pods are signed by nobody.

    Raises :class:`~apimachinery.errors.ServiceUnavailable` when nobody answers. The caller closes the connection.
    """
    backend = Backend()
    try:
        secure = _unverified() if tls else None
        await asyncio.get_running_loop().create_connection(lambda: backend, host, port, ssl=secure)
    except OSError as error:
        raise ServiceUnavailable(f"error trying to reach service: dial tcp {host}:{port}: {error.strerror}") from error
    assert backend.transport is not None
    backend.transport.write(request)
    try:
        return backend, await backend.answered
    except BaseException:
        backend.close()
        raise


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def tunnel(client: ClientConnection, backend: Backend, answer: Answer) -> None:
    """Give the client the answer that switches protocols, and pass bytes both ways until either side has had enough."""
    end = End()
    end.connection_made(client.transport)
    end.join(backend)
    client.switch(answer.head() + answer.early, end)
    assert backend.transport is not None
    backend.transport.resume_reading()
    try:
        await end.closed.wait()
    finally:
        client.release()
        backend.close()
