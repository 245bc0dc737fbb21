"""A container's files as one user may use them, by owners, groups and modes; root may do everything.

The same tree as everybody's: what one changes, all see. Of a path through links, the folders it leads to in the end
are those that have to let one through.
"""

import errno
import os
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import BlockDevice, Directory, File, Layer, Node, NullDevice
from kubelet.fake.view import Place, error

if TYPE_CHECKING:
    from kubelet.fake.mounts import Grafted

_READ, _WRITE, _SEARCH = 4, 2, 1


def permits(mode: int, uid: int, gid: int, *, user: int, groups: Sequence[int], bits: int) -> bool:
    """Say whether a node's mode and owner let a user who is not root read (4), write (2) or search (1) it."""
    shift = 6 if uid == user else 3 if gid in groups else 0
    return mode >> shift & bits == bits


class UserFiles(FileSystem):
    """``files`` as seen by a user; ``groups`` are all that he is in."""

    __slots__ = ("_files", "_groups", "_user")

    def __init__(self, files: FileSystem, user: int, groups: Sequence[int]) -> None:
        self._files = files
        self._user = user
        self._groups = groups
        self._clock, self._layer, self._readonly, self.kind = files._clock, files._layer, files._readonly, files.kind

    # Nothing is kept here: root and mounts are those of the files.

    @property
    def _root(self) -> Directory:
        return self._files._root

    @_root.setter
    def _root(self, root: Directory) -> None:
        self._files._root = root

    @property
    def _mounts(self) -> "dict[tuple[str, ...], Grafted] | None":
        return self._files._mounts

    # Rights

    def _may(self, node: Node, bits: int) -> bool:
        return permits(node.mode, node.uid, node.gid, user=self._user, groups=self._groups, bits=bits)

    def _demand(self, node: Node, bits: int, path: str) -> None:
        # Whoever has ``/dev/null`` and its like at all may use them.
        if not isinstance(node, NullDevice) and not self._may(node, bits):
            raise error(errno.EACCES, path)

    def _demand_owner(self, node: Node, path: str) -> None:
        if node.uid != self._user:
            raise error(errno.EPERM, path)

    def may_enter(self, path: str) -> bool:
        return self._may(self._find(path), _SEARCH)

    # Walking

    def _reach(self, path: str, *, follow: bool = True) -> tuple[Place, list[str]]:
        place, missing = super()._reach(path, follow=follow)
        node: Node = self._root
        for depth, name in enumerate(place.parts, 1):
            self._demand(node, _SEARCH, path)
            if depth == len(place.parts):
                break
            graft = self._mounts.get(tuple(place.parts[:depth])) if self._mounts is not None else None
            assert isinstance(node, Directory)
            node = graft.node if graft is not None else node.entries[name]
        return place, missing

    def _straight(self, path: str) -> Node | None:
        # The short way asks nobody.
        return None

    def _parent(self, place: Place, path: str) -> tuple[Directory, Layer, str]:
        directory, layer, name = super()._parent(place, path)
        self._demand(directory, _WRITE | _SEARCH, path)
        if place.node is not None and directory.mode & stat.S_ISVTX and directory.uid != self._user:
            self._demand_owner(place.node, path)
        return directory, layer, name

    # Looking

    def listdir(self, path: str) -> list[str]:
        self._demand(self._find(path), _READ, path)
        return super().listdir(path)

    def read(self, path: str) -> bytes:
        self._demand(self._find(path), _READ, path)
        return super().read(path)

    def open(self, path: str) -> "File | NullDevice | BlockDevice":
        self._demand(self._find(path), _READ, path)
        return super().open(path)

    # Changing

    def _demand_write(self, path: str) -> None:
        place = self._walk(path)
        if isinstance(place.node, File | BlockDevice) and not place.readonly:
            self._demand(place.node, _WRITE, path)

    def write(
        self, path: str, content: bytes, *, append: bool = False, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        self._demand_write(path)
        super().write(path, content, append=append, mode=mode, uid=uid, gid=gid)

    def open_for_writing(
        self, path: str, *, truncate: bool, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> "File | NullDevice | BlockDevice":
        self._demand_write(path)
        return super().open_for_writing(path, truncate=truncate, mode=mode, uid=uid, gid=gid)

    def link(self, source: str, path: str) -> None:
        # As ``fs.protected_hardlinks`` has it.
        node = self._find(source)
        if node.uid != self._user and not self._may(node, _READ | _WRITE):
            raise error(errno.EPERM, path)
        super().link(source, path)

    def rmtree(self, path: str) -> None:
        # What cannot be emptied keeps its folder, too.
        for below in self.walk(path):
            node = self._find(below, follow=False)
            if isinstance(node, Directory) and node.entries:
                self._demand(node, _WRITE | _SEARCH, below)
        super().rmtree(path)

    def chmod(self, path: str, mode: int) -> None:
        self._demand_owner(self._find(path), path)
        super().chmod(path, mode)

    def chown(self, path: str, uid: int, gid: int, *, follow: bool = True) -> None:
        node = self._find(path, follow=follow)
        if uid != node.uid or (gid != node.gid and gid not in self._groups):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), path)
        self._demand_owner(node, path)
        super().chown(path, uid, gid, follow=follow)

    def touch(self, path: str, *, uid: int = 0, gid: int = 0) -> None:
        if self.exists(path) and self._find(path).uid != self._user:
            self._demand(self._find(path), _WRITE, path)
        super().touch(path, uid=uid, gid=gid)

    def utime(self, path: str, mtime: float) -> None:
        self._demand_owner(self._find(path), path)
        super().utime(path, mtime)
