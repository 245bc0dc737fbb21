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


class Patient(End):
    """An end that is there before the other one: what it hears until :meth:`begin` is kept for that.

    A transport cannot be made so that it does not read: uvloop's starts to whatever ``connection_made`` asks for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._begun = False
        self._early = b""
        self._early_end = False

    def data_received(self, data: bytes) -> None:
        if self._begun:
            super().data_received(data)
            return
        self._early += data
        if self.transport is not None:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        if self._begun:
            return super().eof_received()
        self._early_end = True
        return True

    def begin(self) -> None:
        """The other side is joined and there: let it have what was said so far, and go on."""
        self._begun = True
        if self._early:
            super().data_received(self._early)
            self._early = b""
        if self._early_end and not super().eof_received():
            self.close()
        elif self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
