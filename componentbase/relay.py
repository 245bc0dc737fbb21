"""Two connections joined, byte for byte: what relays and tunnels are made of."""

import asyncio
from typing import cast


class End(asyncio.Protocol):
    """One of two joined connections: what it hears the other one says. A slow one slows the other down."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed = asyncio.Event()
        self._other: End | None = None
        self._ended = False

    def join(self, other: "End") -> None:
        """Make two ends one relay. Either may still be without its connection, but then nothing must arrive."""
        self._other, other._other = other, self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if (transport := self._across()) is not None:
            transport.write(data)

    def eof_received(self) -> bool:
        self._ended = True
        transport = self._across()
        if transport is None or not transport.can_write_eof():
            return False
        if self._other is not None and self._other._ended:
            # Both have said all: closing sends what is left, and then ends the two.
            transport.close()
            return False
        transport.write_eof()
        # What the other side still has to say is let through.
        return True

    def pause_writing(self) -> None:
        if (transport := self._across()) is not None:
            transport.pause_reading()

    def resume_writing(self) -> None:
        if (transport := self._across()) is not None:
            transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()
        if (transport := self._across()) is not None:
            transport.close()

    def close(self) -> None:
        """Close the connection, if there is one; what was written is still sent."""
        if self.transport is not None:
            self.transport.close()

    def _across(self) -> asyncio.Transport | None:
        transport = self._other.transport if self._other is not None else None
        return transport if transport is not None and not transport.is_closing() else None
