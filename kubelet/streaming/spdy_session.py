"""SPDY streams as things that are read and written, on whatever carries the frames."""

import asyncio
from collections.abc import Mapping

from kubelet.streaming.carriers import Carrier
from kubelet.streaming.inbox import Inbox
from kubelet.streaming.spdy import (
    ConnectionEnding,
    DataReceived,
    Event,
    ProtocolError,
    ResetStatus,
    SpdyConnection,
    StreamEnded,
    StreamOpened,
    StreamReset,
)

MOST_STREAMS = 1024
"""How many streams a client may have open; more are refused."""
_PIECE = 64 * 1024


class SpdyStream:
    """One stream: what the client sends is read with :meth:`read`, what it is to get is written with :meth:`write`."""

    def __init__(self, session: "SpdySession", number: int, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self.inbox = Inbox()
        self.gone = False
        """Whether the client has given the stream up; writing then fails."""
        self._session = session
        self.number = number
        self._closed = False

    async def read(self, limit: int = -1) -> bytes:
        """Return what has arrived; empty once the client sends nothing more (:class:`kubelet.runtime.ByteSource`)."""
        return await self.inbox.read(limit)

    async def write(self, data: bytes) -> None:
        """Send to the client; raise ``BrokenPipeError`` when it does not listen any more."""
        if self.gone or self._closed:
            raise BrokenPipeError("the client has given the stream up")
        for start in range(0, len(data), _PIECE):
            await self._session.send(self.number, data[start : start + _PIECE])

    async def close(self) -> None:
        """Send nothing more. May be repeated."""
        if not self._closed and not self.gone:
            self._closed = True
            await self._session.send(self.number, b"", end=True)

    async def reset(self) -> None:
        """Give the stream up, both ways."""
        if not self.gone:
            self.gone = True
            await self._session.reset(self.number)


class SpdySession:
    """A client's streams. :meth:`run` listens until the client has gone; :meth:`next_stream` returns what it opens."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._connection = SpdyConnection()
        self._streams: dict[int, SpdyStream] = {}
        self._opened: asyncio.Queue[SpdyStream | None] = asyncio.Queue()

    async def next_stream(self) -> SpdyStream:
        """Return the next stream that the client opens; raise ``BrokenPipeError`` once it has gone."""
        stream = await self._opened.get()
        if stream is None:
            self._opened.put_nowait(None)
            raise BrokenPipeError("the client opens no more streams")
        return stream

    async def run(self) -> None:
        """Take in what the client sends; return when it has gone, or speaks no SPDY."""
        try:
            while data := await self._carrier.receive():
                for event in self._connection.receive(data):
                    await self._handle(event)
                await self._flush()
        except ProtocolError:
            self._connection.go_away()
            await self._flush()
        except BrokenPipeError:
            return
        finally:
            for stream in self._streams.values():
                stream.gone = True
                stream.inbox.end()
            self._opened.put_nowait(None)

    async def _handle(self, event: Event) -> None:
        match event:
            case StreamOpened(number, headers):
                self._open(number, headers)
            case DataReceived(number, data):
                if (stream := self._streams.get(number)) is not None:
                    await stream.inbox.put(data)
            case StreamEnded(number):
                if (stream := self._streams.get(number)) is not None:
                    stream.inbox.end()
            case StreamReset(number):
                if (stream := self._streams.pop(number, None)) is not None:
                    stream.gone = True
                    stream.inbox.end()
            case ConnectionEnding():
                self._opened.put_nowait(None)

    def _open(self, number: int, headers: Mapping[str, str]) -> None:
        if len(self._streams) >= MOST_STREAMS or number in self._streams:
            self._connection.reset(number, ResetStatus.REFUSED_STREAM)
            return
        self._connection.reply(number)
        stream = self._streams[number] = SpdyStream(self, number, headers)
        self._opened.put_nowait(stream)

    def forget(self, stream: SpdyStream) -> None:
        """A stream has come to its end both ways: its number counts against no limit any more."""
        self._streams.pop(stream.number, None)

    async def send(self, number: int, data: bytes, *, end: bool = False) -> None:
        self._connection.send(number, data, end=end)
        await self._flush()

    async def reset(self, number: int) -> None:
        self._streams.pop(number, None)
        self._connection.reset(number)
        await self._flush()

    async def _flush(self) -> None:
        if output := self._connection.take_output():
            await self._carrier.send(output)
