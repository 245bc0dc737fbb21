"""Archives of ``tar`` as they are read: heads, what stands before them, and contents, in bounded memory.

The heads are the standard library's ``TarInfo``; its ``TarFile`` reads and writes files that wait for nobody.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from tarfile import (
    BLOCKSIZE,
    GNUTYPE_LONGLINK,
    GNUTYPE_LONGNAME,
    XGLTYPE,
    XHDTYPE,
    HeaderError,
    TarInfo,
)

from kubelet.fake.streams import Input
from kubelet.images.utilities.command import CHUNK, CommandFault

_LONGEST_EXTENSION = 1024 * 1024
"""As many bytes may be in the head that stands before another head."""


class Blocks:
    """An archive's bytes, in exact amounts."""

    def __init__(self, source: Input) -> None:
        self._source = source
        self._held = b""

    def unread(self, data: bytes) -> None:
        self._held = data + self._held

    async def some(self, limit: int) -> bytes:
        if not self._held:
            self._held = await self._source.read(CHUNK)
        chunk, self._held = self._held[:limit], self._held[limit:]
        return chunk

    async def exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count and (chunk := await self.some(count - len(parts))):
            parts += chunk
        return bytes(parts)

    async def content(self, size: int) -> AsyncIterator[bytes]:
        left = size
        while left:
            chunk = await self.some(min(left, CHUNK))
            if not chunk:
                raise CommandFault("short read")
            left -= len(chunk)
            yield chunk
        await self.exactly(-size % BLOCKSIZE)


@dataclass(slots=True)
class _Extension:
    """What a head before the head says of the next member, or of all that follow."""

    name: str | None = None
    link: str | None = None
    records: dict[str, str] = field(default_factory=dict)

    def apply(self, info: TarInfo, common: dict[str, str]) -> None:
        records = {**common, **self.records}
        info.name = self.name or records.get("path") or info.name
        info.linkname = self.link or records.get("linkpath") or info.linkname
        if records.get("size", "").isdecimal():
            info.size = int(records["size"])
        for key in ("uid", "gid"):
            if records.get(key, "").isdecimal():
                setattr(info, key, int(records[key]))
        if re.fullmatch(r"-?\d+(\.\d*)?", records.get("mtime", "")):
            info.mtime = float(records["mtime"])


def _records(data: bytes) -> dict[str, str]:
    """Read ``LENGTH KEY=VALUE`` lines, as POSIX.1-2001's heads have them."""
    found: dict[str, str] = {}
    while match := re.match(rb"(\d+) ([^=]+)=", data):
        length = int(match[1])
        if not match.end() < length <= len(data):
            break
        found[match[2].decode(errors="replace")] = data[match.end() : length - 1].decode(errors="surrogateescape")
        data = data[length:]
    return found


async def members(blocks: Blocks) -> AsyncIterator[tuple[TarInfo, Blocks]]:
    """Yield an archive's members; before the next one is asked for, the content of each is to be read from its blocks.

    Raises :class:`CommandFault` for what is no archive.
    """
    common: dict[str, str] = {}
    extension = _Extension()
    while head := await blocks.exactly(BLOCKSIZE):
        if not head.strip(b"\0"):
            # What is behind the end is read all the same, so that who writes it is not cut off.
            while await blocks.some(CHUNK):
                pass
            return
        try:
            info = TarInfo.frombuf(head, "utf-8", "surrogateescape")
        except HeaderError:
            raise CommandFault("invalid tar magic" if len(head) == BLOCKSIZE else "short read") from None
        if info.type in {GNUTYPE_LONGNAME, GNUTYPE_LONGLINK, XHDTYPE, XGLTYPE}:
            if info.size > _LONGEST_EXTENSION:
                raise CommandFault("invalid tar header")
            data = b"".join([chunk async for chunk in blocks.content(info.size)])
            text = data.rstrip(b"\0").decode(errors="surrogateescape")
            if info.type == GNUTYPE_LONGNAME:
                extension.name = text
            elif info.type == GNUTYPE_LONGLINK:
                extension.link = text
            else:
                (extension.records if info.type == XHDTYPE else common).update(_records(data))
            continue
        extension.apply(info, common)
        extension = _Extension()
        if not info.isreg():
            info.size = 0
        yield info, blocks
