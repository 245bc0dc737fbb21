"""An answer that goes on for as long as there is something to tell, such as a watch: on a connection of its own."""

import asyncio

from kubeclient.answering import Answering

HELD_BYTES = 128 * 1024
"""The server is made to wait once so much has come that nobody has read."""


class Stream(Answering):
    """The answer to one request."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        """The code of the answer, once :meth:`ask` has returned."""
        self._parts: list[bytes] = []
        self._held = 0
        self._paused = False
        self._ended = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None
        """Done when there is something that whoever waits does not know of."""

    async def ask(self, wire: bytes) -> None:
        """Send the request and return when the answer begins.

        Raises :class:`~kubeclient.answering.Broken` if none does.
        """
        assert self._transport is not None
        self._transport.write(wire)
        while not self.status:
            await self._wait()

    async def read(self) -> bytes:
        """Return what has come since the last time, at least a byte; nothing at the end of the answer.

        Raises :class:`~kubeclient.answering.Broken` when the connection ends before that.
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

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._news = asyncio.get_running_loop().create_future()
        await self._news

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _finish(self) -> None:
        self._ended = True
        self._tell()

    def _fail(self, error: Exception) -> None:
        if not self._ended:
            self._error = self._error or error
            self._tell()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._held > HELD_BYTES and not self._paused and not self._ended and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._paused = False
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self._in_body:
            self.status = self._parser.get_status_code()
            self._tell()

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)
        self._held += len(body)
        self._tell()
