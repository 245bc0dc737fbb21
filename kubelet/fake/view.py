"""Looking at a tree of files with other trees mounted in it.

A mount is a path at which the walk steps over into another file system's tree.
"""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from apimachinery.clock import Clock
from kubelet.fake.disk import MOST_KEPT
from kubelet.fake.mounts import DEVICE, OVERLAY, Grafted, MountEntry
from kubelet.fake.tree import (
    BlockDevice,
    Directory,
    File,
    Layer,
    Node,
    NullDevice,
    Socket,
    Stat,
    Symlink,
    split,
    stat_of,
    steps_along,
)

_MAX_LINKS = 40


def error(code: int, path: str) -> OSError:
    """Return the ``OSError`` of that errno (``FileNotFoundError`` and so on)."""
    return OSError(code, os.strerror(code), path)


@dataclass(slots=True)
class Place:
    """Where a walk ended: the names leading there, the node (``None``: nothing there yet), and its mount."""

    parts: list[str]
    node: Node | None
    layer: Layer
    readonly: bool


class View:
    """A root tree and mounts, to be looked at. All paths are absolute.

    Errors are those of the operating system, with their errno.
    """

    __slots__ = ("_clock", "_grafts", "_later", "_layer", "_readonly", "_root", "kind")

    def __init__(
        self, clock: Clock, root: Directory | None = None, *, readonly: bool = False, kind: str = OVERLAY
    ) -> None:
        self.kind = kind
        """The type that ``mount`` shows for the root."""
        self._clock = clock
        self._layer = Layer()
        self._root = root if root is not None else Directory(self._layer)
        self._readonly = readonly
        self._grafts: dict[tuple[str, ...], Grafted] | None = None
        self._later: Callable[[], None] | None = None
        """Mounts what is to be mounted once somebody looks."""

    @property
    def _mounts(self) -> dict[tuple[str, ...], Grafted] | None:
        """What is mounted, by the names that lead there."""
        mount = self._later
        if mount is not None:
            self._later = None
            mount()
        return self._grafts

    # Walking

    def _walk(self, path: str, *, follow: bool = True) -> Place:
        """Follow a path through links and mounts; only its last name may be missing."""
        place, missing = self._reach(path, follow=follow)
        if missing:
            raise error(errno.ENOENT, path)
        return place

    def _reach(self, path: str, *, follow: bool = True) -> tuple[Place, list[str]]:
        """Follow a path as far as there is something; return where that is, with the first name of which there is
        nothing, and the names that come after it, last one first."""
        todo = split(path)[::-1]
        # Before the root is looked at, which mounting may change.
        mounts = self._mounts if todo else None
        parts: list[str] = []
        trail: list[tuple[Node, Layer, bool]] = [(self._root, self._layer, self._readonly)]
        links = 0
        while todo:
            name = todo.pop()
            node, layer, readonly = trail[-1]
            if not isinstance(node, Directory):
                raise error(errno.ENOTDIR, path)
            if name == "..":
                if parts:
                    parts.pop()
                    trail.pop()
                continue
            child = node.entries.get(name)
            if mounts is not None and (graft := mounts.get((*parts, name))) is not None:
                child, layer, readonly = graft.node, graft.layer, graft.readonly
            if child is None:
                if ".." in todo:
                    raise error(errno.ENOENT, path)
                return Place([*parts, name], None, layer, readonly), todo
            if isinstance(child, Symlink) and (todo or follow):
                links += 1
                if links > _MAX_LINKS:
                    raise error(errno.ELOOP, path)
                if child.target.startswith("/"):
                    parts, trail = [], trail[:1]
                todo += split(child.target)[::-1]
                continue
            parts.append(name)
            trail.append((child, layer, readonly))
        node, layer, readonly = trail[-1]
        return Place(parts, node, layer, readonly), todo

    def _straight(self, path: str) -> Node | None:
        """Return what is at a path that leads there by folders and mounts alone; ``None`` where it needs a walk."""
        mounts = self._mounts or {}
        node: Node = self._root
        for name, names in steps_along(path):
            child = node.entries.get(name) if isinstance(node, Directory) else None
            if (graft := mounts.get(names)) is not None:
                child = graft.node
            if child is None or isinstance(child, Symlink):
                # There is no folder ``..`` either.
                return None
            node = child
        return node

    def _find(self, path: str, *, follow: bool = True) -> Node:
        # Reading files is what containers do most of all, and most paths have nothing special.
        node = self._straight(path)
        if node is None:
            node = self._walk(path, follow=follow).node
        if node is None:
            raise error(errno.ENOENT, path)
        return node

    # Looking

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        return stat_of(self._find(path, follow=follow))

    def exists(self, path: str) -> bool:
        try:
            return self._walk(path).node is not None
        except OSError:
            return False

    def is_dir(self, path: str) -> bool:
        try:
            return isinstance(self._walk(path).node, Directory)
        except OSError:
            return False

    def is_file(self, path: str) -> bool:
        try:
            return isinstance(self._walk(path).node, File)
        except OSError:
            return False

    def may_enter(self, path: str) -> bool:
        """Whether a folder can be gone into; anybody can here."""
        return True

    def realpath(self, path: str) -> str:
        return "/" + "/".join(self._walk(path).parts)

    def readlink(self, path: str) -> str:
        node = self._find(path, follow=False)
        if not isinstance(node, Symlink):
            raise error(errno.EINVAL, path)
        return node.target

    def node(self, path: str) -> Node:
        """Return what is at a path, to be looked at or mounted; links are followed."""
        return self._find(path)

    def listdir(self, path: str) -> list[str]:
        node = self._find(path)
        if not isinstance(node, Directory):
            raise error(errno.ENOTDIR, path)
        return sorted(node.entries)

    def read(self, path: str) -> bytes:
        node = self._find(path)
        if isinstance(node, Directory):
            raise error(errno.EISDIR, path)
        if isinstance(node, BlockDevice):
            if node.disk.size > MOST_KEPT:
                raise error(errno.ENOMEM, path)
            return node.disk.read(0, node.disk.size)
        return bytes(node.content) if isinstance(node, File) else b""

    def read_inside(self, folder: str, path: str) -> bytes:
        """Read a file below a folder, which links cannot leave: its own root is what they start from."""
        root = self._find(folder)
        if not isinstance(root, Directory):
            raise error(errno.ENOTDIR, folder)
        return View(self._clock, root, readonly=True).read(path)

    def open(self, path: str) -> "File | NullDevice | BlockDevice":
        """Return the node to read from, which stays the same whatever becomes of its name."""
        node = self._find(path)
        if isinstance(node, Directory):
            raise error(errno.EISDIR, path)
        if isinstance(node, Socket):
            raise error(errno.ENXIO, path)
        assert isinstance(node, File | NullDevice | BlockDevice)
        return node

    def walk(self, path: str) -> Iterator[str]:
        """Yield ``path`` and everything below it, parents first, links not followed."""
        yield path
        if _is_directory(self._find(path, follow=False)):
            for name in self.listdir(path):
                yield from self.walk(f"{path.rstrip('/')}/{name}")

    def written_bytes(self) -> int:
        """Return the size of all files that are this file system's own: not its image's, not those of mounts."""
        return own_bytes(self._root, self._layer)

    # Mounts

    @property
    def root(self) -> Directory:
        """The root's own tree, without mounts."""
        return self._root

    def is_mount_point(self, path: str) -> bool:
        """Whether something is mounted at exactly ``path``, which exists."""
        return self._mounts is not None and tuple(self._walk(path).parts) in self._mounts

    def _graft_around(self, parts: list[str]) -> Grafted | None:
        """Return the mount that a place is in, ``None`` for the root's own tree."""
        for depth in range(len(parts), 0, -1) if self._mounts else ():
            assert self._mounts is not None
            if (graft := self._mounts.get(tuple(parts[:depth]))) is not None:
                return graft
        return None

    def _grafts_below(self, parts: list[str]) -> list[tuple[str, ...]]:
        """Return the mount points below a place, in the order of their mounting."""
        depth, above = len(parts), tuple(parts)
        return [point for point in self._mounts or () if len(point) > depth and point[:depth] == above]

    def mounts(self) -> list[MountEntry]:
        """Return what is mounted, the root first."""
        root = MountEntry("/", self.kind, self._readonly, 0, _bytes(self._root))
        return [
            root,
            *(
                MountEntry("/" + "/".join(point), graft.kind, graft.readonly, graft.limit, _bytes(graft.node))
                for point, graft in (self._mounts or {}).items()
                if graft.kind != DEVICE
            ),
        ]

    def tree_size(self, path: str) -> int:
        """Return the size in bytes of all files at and below ``path``, mounts there not included."""
        return _bytes(self._find(path))


def own_bytes(node: Node, layer: Layer) -> int:
    """Return the size of the files of one layer, of which one with several names counts in parts.

    What is below another layer's folder is never this one's.
    """
    if node.layer is not layer:
        return 0
    if isinstance(node, Directory):
        return sum(own_bytes(child, layer) for child in node.entries.values())
    return len(node.content) // node.links if isinstance(node, File) else 0


def _bytes(node: Node) -> int:
    """Return the size of the files of a tree, whosever they are."""
    if isinstance(node, Directory):
        return sum(_bytes(child) for child in node.entries.values())
    return node.size // node.links if isinstance(node, File) else 0


def _is_directory(node: Node) -> bool:
    return isinstance(node, Directory)
