"""What every connection has that answers are read from: where they end, and what is no answer."""

import asyncio
from typing import cast

import httptools


class Broken(OSError):
    """The connection ended before the answer did, or what came is no answer."""


class Answering(asyncio.Protocol):
    """One connection; httptools calls its ``on_…`` methods. A subclass takes what they tell."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._in_body = False
        """Whether what comes is of an answer, and no interim one, that has begun and not ended."""
        self._bounded = False
        """Whether the answer says where it ends; else it ends with the connection."""

    def close(self) -> None:
        """Break the connection off."""
        if self._transport is not None:
            self._transport.abort()

    def _finish(self) -> None:
        """Take note that the answer has come to its end."""
        raise NotImplementedError

    def _fail(self, error: Exception) -> None:
        """Take note that nothing more comes; an answer that has ended before is none the worse for it."""
        raise NotImplementedError

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(Broken(f"what was answered is no HTTP: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._in_body and not self._bounded and exc is None:
            self._finish()
        else:
            self._fail(Broken(str(exc) if exc is not None else "the server has closed the connection"))

    # What httptools calls

    def on_message_begin(self) -> None:
        self._bounded = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._bounded = True

    def on_headers_complete(self) -> None:
        # Before 200 it is an interim answer; the other one is to come.
        self._in_body = self._parser.get_status_code() >= 200

    def on_message_complete(self) -> None:
        if self._in_body:
            self._in_body = False
            self._finish()
