"""Open files as streams: what redirections and utilities read from and write to.

A file stays what it was when it was opened, whatever becomes of its name. Reading and writing never wait, so now and
then they let others run: a program that goes through large files, or feeds one to itself, starves nobody.
"""

from kubelet.fake.devices import device_input, device_output
from kubelet.fake.disk_streams import DiskInput, DiskOutput
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.streams import Input, Output
from kubelet.fake.tree import BlockDevice, File

_TURN = 64
"""After how many reads or writes others get their turn."""


class FileInput:
    """Reads a file from its beginning; sees what is written to it meanwhile."""

    __slots__ = ("_file", "_fs", "_position", "_reads")

    def __init__(self, fs: FileSystem, file: File) -> None:
        self._fs = fs
        self._file = file
        self._position = 0
        self._reads = 0

    async def read(self, limit: int = -1) -> bytes:
        self._reads += 1
        if self._reads % _TURN == 0:
            await self._fs.yield_turn()
        content = self._file.content
        end = len(content) if limit < 0 else self._position + limit
        chunk = bytes(content[self._position : end])
        self._position += len(chunk)
        return chunk

    async def readline(self) -> bytes:
        end = self._file.content.find(b"\n", self._position)
        return await self.read(-1 if end < 0 else end + 1 - self._position)


class FileOutput:
    """Writes to a file at its own position, or always at the end when appending."""

    __slots__ = ("_append", "_file", "_fs", "_position", "_writes")

    def __init__(self, fs: FileSystem, file: File, *, append: bool, position: int = 0) -> None:
        self._fs = fs
        self._file = file
        self._append = append
        self._position = position
        self._writes = 0

    async def write(self, data: bytes) -> None:
        self._writes += 1
        if self._writes % _TURN == 0:
            await self._fs.yield_turn()
        self._position = self._fs.write_at(self._file, None if self._append else self._position, data)


def open_input(fs: FileSystem, path: str) -> Input:
    """Open a file for reading; raise ``OSError``."""
    node = fs.open(path)
    match node:
        case File():
            return FileInput(fs, node)
        case BlockDevice():
            return DiskInput(fs, node.disk)
    return device_input(fs, node, path)


def open_output(
    fs: FileSystem,
    path: str,
    *,
    append: bool = False,
    truncate: bool = True,
    mode: int = 0o644,
    uid: int = 0,
    gid: int = 0,
    position: int = 0,
) -> Output:
    """Open a file for writing from ``position`` on, made if it is not there; raise ``OSError``."""
    node = fs.open_for_writing(path, truncate=truncate and not append, mode=mode, uid=uid, gid=gid)
    match node:
        case File():
            return FileOutput(fs, node, append=append, position=position)
        case BlockDevice():
            # Appending has no meaning for what cannot grow.
            return DiskOutput(fs, node.disk, position)
    return device_output(node, path)
