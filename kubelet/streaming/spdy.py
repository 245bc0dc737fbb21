"""SPDY/3.1, as far as Kubernetes speaks it: streams, their headers and data, and nothing that waits.

kubectl forwards ports by SPDY frames inside a WebSocket, and older clients upgrade a connection to bare SPDY for exec,
attach and port-forward. The frames follow draft-mbelshe-httpbis-spdy-00 in the subset of moby/spdystream v0.5: there
is no flow control, and streams are opened by the client only.

:class:`SpdyConnection` does no I/O. Bytes that have arrived go in and events come out; what is to be sent is collected.
"""

import enum
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = 3
LONGEST_CONTROL_FRAME = 64 * 1024
"""Control frames carry a few short headers; a longer one is no client of ours."""
LONGEST_DATA_FRAME = 0xFFFFFF
MOST_HEADERS = 256

_CONTROL = 0x8000_0000
_STREAM_ID = 0x7FFF_FFFF
_FIN = 0x01


class FrameType(enum.IntEnum):
    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    HEADERS = 8
    WINDOW_UPDATE = 9


class ResetStatus(enum.IntEnum):
    PROTOCOL_ERROR = 1
    INVALID_STREAM = 2
    REFUSED_STREAM = 3
    CANCEL = 5
    INTERNAL_ERROR = 6


class ProtocolError(Exception):
    """The peer does not speak SPDY/3.1; the connection is of no more use."""


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """``headers`` have lower-case names; of a repeated one the first value counts."""

    stream: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DataReceived:
    """A piece of what a stream carries; frames may arrive in several."""

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The peer sends nothing more on a stream, but may go on reading it."""

    stream: int


@dataclass(frozen=True, slots=True)
class StreamReset:
    """The peer has given a stream up, both ways."""

    stream: int


@dataclass(frozen=True, slots=True)
class ConnectionEnding:
    """The peer opens no more streams."""


Event = StreamOpened | DataReceived | StreamEnded | StreamReset | ConnectionEnding


_DICTIONARY_NAMES = """
options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow
authorization cache-control connection content-base content-encoding content-language content-length content-location
content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match
if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range
referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get
status
"""


def _dictionary() -> bytes:
    """Build what the compression of headers starts from: names with their length before them, then loose values."""
    counted = [
        *_DICTIONARY_NAMES.split(),
        "200 OK",
        "version",
        "HTTP/1.1",
        "url",
        "public",
        "set-cookie",
        "keep-alive",
        "origin",
    ]
    loose = (
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
        "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
        "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
        "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
        "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
        "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
    )
    return b"".join(struct.pack(">I", len(text)) + text.encode() for text in counted) + loose.encode()


DICTIONARY = _dictionary()


class SpdyConnection:
    """The serving side of one connection.

    Feed :meth:`receive` with what arrives and act on its events; send what :meth:`take_output` returns after either.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._output: list[bytes] = []
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._data_stream = 0
        self._data_left = 0
        self._data_ends = False

    # Receiving

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the peer and return what they say; raise :class:`ProtocolError`."""
        self._buffer += data
        events: list[Event] = []
        while self._step(events):
            pass
        return events

    def _step(self, events: list[Event]) -> bool:
        """Take one frame, or a part of a data frame, off the buffer; return whether there was one."""
        buffer = self._buffer
        if self._data_left:
            return self._take_data(events)
        if len(buffer) < 8:
            return False
        first, second = struct.unpack_from(">II", buffer)
        flags, length = second >> 24, second & 0xFFFFFF
        if not first & _CONTROL:
            del buffer[:8]
            self._data_stream, self._data_left, self._data_ends = first, length, bool(flags & _FIN)
            if not length and self._data_ends:
                events.append(StreamEnded(first))
            return True
        if (first >> 16) & 0x7FFF != VERSION:
            raise ProtocolError(f"SPDY version {(first >> 16) & 0x7FFF} is not spoken")
        if length > LONGEST_CONTROL_FRAME:
            raise ProtocolError(f"a control frame of {length} bytes is too long")
        if len(buffer) < 8 + length:
            return False
        payload = bytes(buffer[8 : 8 + length])
        del buffer[: 8 + length]
        self._control(first & 0xFFFF, flags, payload, events)
        return True

    def _take_data(self, events: list[Event]) -> bool:
        buffer = self._buffer
        if not buffer:
            return False
        count = min(self._data_left, len(buffer))
        events.append(DataReceived(self._data_stream, bytes(memoryview(buffer)[:count])))
        del buffer[:count]
        self._data_left -= count
        if not self._data_left and self._data_ends:
            events.append(StreamEnded(self._data_stream))
        return True

    def _control(self, kind: int, flags: int, payload: bytes, events: list[Event]) -> None:
        try:
            if kind == FrameType.SYN_STREAM:
                stream = struct.unpack_from(">I", payload)[0] & _STREAM_ID
                events.append(StreamOpened(stream, self._headers(payload[10:])))
                if flags & _FIN:
                    events.append(StreamEnded(stream))
            elif kind in {FrameType.SYN_REPLY, FrameType.HEADERS}:
                # What they say is of no use here, but the state of the compression has to follow.
                self._headers(payload[4:])
            elif kind == FrameType.RST_STREAM:
                events.append(StreamReset(struct.unpack_from(">I", payload)[0] & _STREAM_ID))
            elif kind == FrameType.PING:
                self._send_control(FrameType.PING, 0, payload[:4])
            elif kind == FrameType.GOAWAY:
                events.append(ConnectionEnding())
        except struct.error as error:
            raise ProtocolError(f"a frame of type {kind} is cut short") from error

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block, LONGEST_CONTROL_FRAME)
        except zlib.error as error:
            raise ProtocolError(f"headers do not decompress: {error}") from error
        if self._inflate.unconsumed_tail:
            raise ProtocolError("headers are too long")
        (count,) = struct.unpack_from(">I", plain)
        if count > MOST_HEADERS:
            raise ProtocolError(f"{count} headers are too many")
        at, headers = 4, {}
        for _ in range(count):
            name, at = _text(plain, at)
            value, at = _text(plain, at)
            headers[name.lower()] = value.partition("\0")[0]
        return headers

    # Sending

    def take_output(self) -> bytes:
        """Return what is to be sent to the peer, once."""
        output = b"".join(self._output)
        self._output.clear()
        return output

    def reply(self, stream: int, headers: Mapping[str, str] | None = None) -> None:
        """Accept a stream that the peer has opened."""
        entries = headers or {}
        plain = struct.pack(">I", len(entries))
        for name, value in entries.items():
            for text in (name.lower().encode(), value.encode()):
                plain += struct.pack(">I", len(text)) + text
        block = self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._send_control(FrameType.SYN_REPLY, 0, struct.pack(">I", stream) + block)

    def send(self, stream: int, data: bytes, *, end: bool = False) -> None:
        """Send data on a stream; ``end`` says that nothing follows."""
        for start in range(0, len(data) or 1, LONGEST_DATA_FRAME):
            piece = data[start : start + LONGEST_DATA_FRAME]
            last = end and start + len(piece) == len(data)
            self._output += [struct.pack(">II", stream, (_FIN if last else 0) << 24 | len(piece)), piece]

    def reset(self, stream: int, status: ResetStatus = ResetStatus.CANCEL) -> None:
        """Give a stream up, both ways."""
        self._send_control(FrameType.RST_STREAM, 0, struct.pack(">II", stream, status))

    def go_away(self) -> None:
        """Say that the connection is about to end."""
        self._send_control(FrameType.GOAWAY, 0, struct.pack(">II", 0, 0))

    def _send_control(self, kind: FrameType, flags: int, payload: bytes) -> None:
        self._output += [struct.pack(">II", _CONTROL | VERSION << 16 | kind, flags << 24 | len(payload)), payload]


def _text(plain: bytes, at: int) -> tuple[str, int]:
    """Return the counted text at a position, and where the next one begins."""
    (length,) = struct.unpack_from(">I", plain, at)
    end = at + 4 + length
    if end > len(plain):
        raise ProtocolError("headers are cut short")
    return plain[at + 4 : end].decode("latin-1"), end
