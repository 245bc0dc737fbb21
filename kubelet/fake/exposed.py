"""Folders of the real machine, shown in a node's file system to be read.

Nothing is read before somebody looks, and nothing is kept. Links stay links: they are followed in the node's file
system, so that none leads to a real file outside of the folder.
"""

import errno
import os
import stat
from collections.abc import Iterator, MutableMapping

from kubelet.fake.tree import Directory, File, Layer, Node, Socket, Symlink

_TOO_LARGE = 64 * 1024 * 1024
"""A real file beyond this many bytes is shown, but cannot be read."""


class _RealEntries(MutableMapping[str, Node]):
    """The entries of one real folder, looked up as they are asked for."""

    def __init__(self, layer: Layer, root: str, folder: str) -> None:
        self._layer = layer
        self._root = root
        self._folder = folder

    def __getitem__(self, name: str) -> Node:
        path = os.path.join(self._folder, name)
        if not _inside(self._root, self._folder):
            raise KeyError(name)
        try:
            found = os.lstat(path)
            target = os.readlink(path) if stat.S_ISLNK(found.st_mode) else ""
        except OSError:
            raise KeyError(name) from None
        mode, owner = stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid, found.st_mtime)
        if stat.S_ISDIR(found.st_mode):
            return RealDirectory(self._layer, self._root, path, mode, *owner)
        if stat.S_ISREG(found.st_mode):
            return RealFile(self._layer, self._root, path, found.st_size, mode, *owner)
        if stat.S_ISLNK(found.st_mode):
            return Symlink(self._layer, target, *owner)
        # Devices and pipes are nothing to read either.
        return Socket(self._layer, mode, *owner)

    def __iter__(self) -> Iterator[str]:
        try:
            return iter(os.listdir(self._folder) if _inside(self._root, self._folder) else ())
        except OSError as failure:
            raise OSError(failure.errno, failure.strerror, self._folder) from failure

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __setitem__(self, name: str, node: Node) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)

    def __delitem__(self, name: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)


class RealDirectory(Directory):
    """A real folder at or below ``root``."""

    __slots__ = ()

    def __init__(
        self, layer: Layer, root: str, folder: str, mode: int = 0o755, uid: int = 0, gid: int = 0, mtime: float = 0.0
    ) -> None:
        Node.__init__(self, layer, mode, uid, gid, mtime)
        self.entries = _RealEntries(layer, root, folder)


class RealFile(File):
    """A real file below ``root``."""

    __slots__ = ("_path", "_root", "_size")

    def __init__(
        self, layer: Layer, root: str, path: str, size: int, mode: int, uid: int, gid: int, mtime: float
    ) -> None:
        Node.__init__(self, layer, mode, uid, gid, mtime)
        self.links = 1
        self._root = root
        self._path = path
        self._size = size

    @property
    def size(self) -> int:
        return self._size

    @property
    def content(self) -> bytes | bytearray:
        if self._size > _TOO_LARGE:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), self._path)
        if not _inside(self._root, self._path):
            # It was swapped for a link since it was looked up.
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), self._path)
        with open(self._path, "rb") as file:
            return file.read(_TOO_LARGE)

    @content.setter
    def content(self, content: bytes | bytearray) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), self._path)


def _inside(root: str, path: str) -> bool:
    real = os.path.realpath(path)
    return real == root or real.startswith(root.rstrip("/") + "/")


def real_folder(folder: str) -> RealDirectory:
    """Return the tree of a real folder, to be mounted read-only."""
    root = os.path.realpath(folder)
    return RealDirectory(Layer(), root, root)
