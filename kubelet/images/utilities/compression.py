"""Compressed streams: what ``tar -z`` and ``gzip`` read and write, a piece at a time."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from kubelet.fake.streams import Input, Output
from kubelet.images.utilities.command import CHUNK, CommandFault

_GZIP_WINDOW = 31
"""zlib's word for the largest window with gzip's head and tail around it."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Decompressor(Protocol):
    """Unlike those of bz2 and lzma, zlib's hands out everything at once; so it is fed little."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


COMPRESSORS: dict[str, Callable[[], _Compressor]] = {
    "z": lambda: zlib.compressobj(6, zlib.DEFLATED, _GZIP_WINDOW),
    "j": bz2.BZ2Compressor,
    "J": lzma.LZMACompressor,
}
_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    "z": lambda: zlib.decompressobj(_GZIP_WINDOW),
    "j": bz2.BZ2Decompressor,
    "J": lzma.LZMADecompressor,
}
_MAGIC = {b"\x1f\x8b": "z", b"BZh": "j", b"\xfd7zXZ": "J"}
_FEED = 4096


def kind_of(head: bytes) -> str:
    """Return the letter of the compression that data with this beginning has; empty for none that is known."""
    return next((letter for magic, letter in _MAGIC.items() if head.startswith(magic)), "")


class CompressingOutput:
    """Writes into another output what is written here, compressed; :meth:`finish` writes the rest."""

    def __init__(self, output: Output, letter: str) -> None:
        self._output = output
        self._compressor = COMPRESSORS[letter]()

    async def write(self, data: bytes) -> None:
        if packed := self._compressor.compress(data):
            await self._output.write(packed)

    async def finish(self) -> None:
        await self._output.write(self._compressor.flush())


class DecompressingInput:
    """Reads what another input holds compressed, several streams one after the other too.

    Raises :class:`CommandFault` for what is not compressed, or ends too early.
    """

    def __init__(self, source: Input, letter: str) -> None:
        self._source = source
        self._letter = letter
        self._decompressor = _DECOMPRESSORS[letter]()
        self._packed = b""
        self._plain = b""
        self._fresh = True

    async def read(self, limit: int = -1) -> bytes:
        if limit < 0:
            parts = []
            while part := await self.read(CHUNK):
                parts.append(part)
            return b"".join(parts)
        while not self._plain and await self._fill():
            pass
        chunk, self._plain = self._plain[:limit], self._plain[limit:]
        return chunk

    async def readline(self) -> bytes:
        while b"\n" not in self._plain and await self._fill():
            pass
        line, newline, self._plain = self._plain.partition(b"\n")
        return line + newline

    async def _fill(self) -> bool:
        """Decompress a little more; false at the end."""
        if self._decompressor.eof:
            self._packed = self._decompressor.unused_data.lstrip(b"\0") + self._packed
            self._decompressor, self._fresh = _DECOMPRESSORS[self._letter](), True
        if not self._packed:
            self._packed = await self._source.read(CHUNK)
        if not self._packed:
            if self._fresh:
                return False
            raise CommandFault("unexpected end of file")
        piece, self._packed = self._packed[:_FEED], self._packed[_FEED:]
        try:
            self._plain += self._decompressor.decompress(piece)
        except (zlib.error, OSError, lzma.LZMAError):
            raise CommandFault("invalid magic" if self._fresh else "corrupted data") from None
        self._fresh = False
        return True
