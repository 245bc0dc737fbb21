"""Open block devices as streams, which keep to what is there: neither is anything cut off nor does a device grow."""

import errno
import os

from kubelet.fake.disk import CHUNK, Disk
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.streams import MOST_READ

_TURN = 16
"""After how many reads or writes others get their turn."""


class DiskInput:
    """Reads a device from its beginning; sees what is written to it meanwhile."""

    __slots__ = ("_disk", "_fs", "_position", "_reads")

    def __init__(self, fs: FileSystem, disk: Disk) -> None:
        self._fs = fs
        self._disk = disk
        self._position = 0
        self._reads = 0

    async def read(self, limit: int = -1) -> bytes:
        left = self._disk.size - self._position
        if limit < 0 and left > MOST_READ:
            # All of it is more than there is room for.
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        self._reads += 1
        if self._reads % _TURN == 0:
            await self._fs.yield_turn()
        chunk = self._disk.read(self._position, left if limit < 0 else min(limit, CHUNK))
        self._position += len(chunk)
        return chunk

    async def readline(self) -> bytes:
        began, line = self._position, bytearray()
        while (chunk := await self.read(CHUNK)) and b"\n" not in chunk:
            line += chunk
            if len(line) > MOST_READ:
                raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        head, newline, _ = chunk.partition(b"\n")
        line += head + newline
        self._position = began + len(line)
        return bytes(line)


class DiskOutput:
    """Writes to a device from ``position`` on."""

    __slots__ = ("_disk", "_fs", "_position", "_writes")

    def __init__(self, fs: FileSystem, disk: Disk, position: int) -> None:
        self._fs = fs
        self._disk = disk
        self._position = position
        self._writes = 0

    async def write(self, data: bytes) -> None:
        """Write all of ``data``; what does not fit behind what does is ``ENOSPC``."""
        self._writes += 1
        if self._writes % _TURN == 0:
            await self._fs.yield_turn()
        done = 0
        while done < len(data):
            count = self._disk.write(self._position, data[done:])
            self._position += count
            done += count
