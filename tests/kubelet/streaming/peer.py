"""The client's side of SPDY, written from the draft's pictures of frames."""

import struct
import zlib
from collections.abc import Mapping

from kubelet.streaming.spdy import DICTIONARY


class Peer:
    """One client: its side of the compression of headers."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)

    def headers(self, entries: Mapping[str, str]) -> bytes:
        plain = struct.pack(">I", len(entries))
        for text in (text for entry in entries.items() for text in entry):
            plain += struct.pack(">I", len(text)) + text.encode("latin-1")
        return self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def open(self, stream: int, entries: Mapping[str, str], *, flags: int = 0) -> bytes:
        return control(1, flags, struct.pack(">IIH", stream, 0, 0) + self.headers(entries))

    def read_headers(self, block: bytes) -> bytes:
        return self._inflate.decompress(block)

    def take(self, received: bytearray) -> tuple[int, int, bytes] | None:
        """Take a frame off what was received: its kind (0 for data), its stream, and its data or nothing."""
        if len(received) < 8:
            return None
        first, second = struct.unpack_from(">II", received)
        length = second & 0xFFFFFF
        if len(received) < 8 + length:
            return None
        payload = bytes(received[8 : 8 + length])
        del received[: 8 + length]
        if first & 0x8000_0000:
            if first & 0xFFFF == 2:
                self.read_headers(payload[4:])
            return first & 0xFFFF, struct.unpack_from(">I", payload)[0], b""
        return 0, first, payload


def control(kind: int, flags: int, payload: bytes, *, version: int = 3) -> bytes:
    return struct.pack(">HHI", 0x8000 | version, kind, flags << 24 | len(payload)) + payload


def data(stream: int, content: bytes, *, end: bool = False) -> bytes:
    return struct.pack(">II", stream, (1 << 24 if end else 0) | len(content)) + content
