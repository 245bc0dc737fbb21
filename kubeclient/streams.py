"""An answer that goes on for as long as there is something to tell, such as a watch: on a connection of its own.

As in :mod:`kubeclient.pool`, httptools parses it, and nothing else is done for it.
"""

import asyncio
from typing import cast

import httptools

HELD_BYTES = 128 * 1024
"""The server is made to wait once so much has come that nobody has read."""


class Broken(OSError):
    """The connection ended before the answer did, or what came is no answer."""


class Stream(asyncio.Protocol):
    """The answer to one request; httptools calls its ``on_…`` methods."""

    def __init__(self) -> None:
        self.status = 0
        """The code of the answer, once :meth:`ask` has returned."""
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._held = 0
        self._paused = False
        self._bounded = False
        """Whether the answer says where it ends; else it ends with the connection."""
        self._ended = False
        self._error: OSError | None = None
        self._news: asyncio.Future[None] | None = None
        """Done when there is something that whoever waits does not know of."""

    async def ask(self, wire: bytes) -> None:
        """Send the request and return when the answer begins; raise :class:`Broken` if none does."""
        assert self._transport is not None
        self._transport.write(wire)
        while not self.status:
            await self._wait()

    async def read(self) -> bytes:
        """Return what has come since the last time, at least a byte; nothing at the end of the answer.

        Raises :class:`Broken` when the connection ends before that.
        """
        while not self._parts:
            if self._ended:
                return b""
            await self._wait()
        found = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return found

    async def rest(self) -> bytes:
        """Return all that is still to come of the answer."""
        parts = []
        while part := await self.read():
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._news = asyncio.get_running_loop().create_future()
        await self._news

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _fail(self, message: str) -> None:
        if not self._ended:
            self._error = self._error or Broken(message)
            self._tell()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"what was answered is no HTTP: {error}")
            self.close()
            return
        if self._held > HELD_BYTES and not self._paused and not self._ended and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._paused = False
        if self.status and not self._bounded and exc is None:
            self.on_message_complete()
        else:
            self._fail(str(exc) if exc is not None else "the server has closed the connection")

    # What httptools calls

    def on_message_begin(self) -> None:
        self._bounded = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._bounded = True

    def on_headers_complete(self) -> None:
        code = self._parser.get_status_code()
        if code >= 200:
            # Before that it is an interim answer; the other one is to come.
            self.status = code
            self._tell()

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)
        self._held += len(body)
        self._tell()

    def on_message_complete(self) -> None:
        if self.status:
            self._ended = True
            self._tell()
