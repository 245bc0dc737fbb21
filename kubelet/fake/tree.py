"""What trees of files are made of: files, folders, links and devices, each owned by a layer.

A file system changes the nodes of its own layer in place, and copies all others before changing them.
"""

import stat
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import lru_cache

from kubelet.fake.disk import Disk

TERMINATION_LOG = "/dev/termination-log"
"""Where a container leaves its last words unless it is told otherwise; anybody may."""


class Layer:
    """Owns nodes; two nodes of one layer are changed by the same file system."""

    __slots__ = ()


class BoundedLayer(Layer):
    """Owns the nodes of a file system in memory: ``limit`` bytes of files at most, 0 for any number, below ``root``."""

    __slots__ = ("limit", "root")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.root: Node | None = None


class Node:
    """What all entries have. ``mtime`` is in seconds since 1970, 0 for what came with an image."""

    __slots__ = ("gid", "layer", "mode", "mtime", "uid")

    def __init__(self, layer: Layer, mode: int, uid: int = 0, gid: int = 0, mtime: float = 0.0) -> None:
        self.layer = layer
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.mtime = mtime


class File(Node):
    """``links`` is how many names it has; a copy has one."""

    __slots__ = ("content", "links")

    def __init__(
        self, layer: Layer, mode: int, content: bytes = b"", uid: int = 0, gid: int = 0, mtime: float = 0.0
    ) -> None:
        super().__init__(layer, mode, uid, gid, mtime)
        self.content: bytes | bytearray = content
        self.links = 1

    @property
    def size(self) -> int:
        return len(self.content)

    def copy(self, layer: Layer) -> "File":
        return File(layer, self.mode, bytes(self.content), self.uid, self.gid, self.mtime)


class NullDevice(Node):
    """``/dev/null``: reads nothing, forgets what is written."""

    __slots__ = ()


class ZeroDevice(NullDevice):
    """``/dev/zero``: zeros without end."""

    __slots__ = ()


class FullDevice(NullDevice):
    """``/dev/full``: zeros to read, no room to write."""

    __slots__ = ()


class RandomDevice(NullDevice):
    """``/dev/urandom``: noise without end."""

    __slots__ = ()


class TerminalDevice(NullDevice):
    """``/dev/tty``: the terminal of who opens it."""

    __slots__ = ()


class BlockDevice(Node):
    """A device with ``disk`` on it, which is the same by whatever name; it can be read only unless ``writable``."""

    __slots__ = ("disk", "writable")

    def __init__(
        self,
        layer: Layer,
        mode: int,
        disk: Disk,
        uid: int = 0,
        gid: int = 0,
        mtime: float = 0.0,
        *,
        writable: bool = True,
    ) -> None:
        super().__init__(layer, mode, uid, gid, mtime)
        self.disk = disk
        self.writable = writable


class Socket(Node):
    """A socket that somebody on the node listens on, in theory: nothing can be read or written."""

    __slots__ = ()


class Symlink(Node):
    __slots__ = ("target",)

    def __init__(self, layer: Layer, target: str, uid: int = 0, gid: int = 0, mtime: float = 0.0) -> None:
        super().__init__(layer, 0o777, uid, gid, mtime)
        self.target = target


class Directory(Node):
    __slots__ = ("entries",)

    def __init__(
        self,
        layer: Layer,
        mode: int = 0o755,
        entries: MutableMapping[str, Node] | None = None,
        uid: int = 0,
        gid: int = 0,
        mtime: float = 0.0,
    ) -> None:
        super().__init__(layer, mode, uid, gid, mtime)
        self.entries: MutableMapping[str, Node] = entries if entries is not None else {}

    def copy(self, layer: Layer) -> "Directory":
        return Directory(layer, self.mode, dict(self.entries), self.uid, self.gid, self.mtime)


@dataclass(frozen=True, slots=True)
class Stat:
    """``mode`` includes the file type bits, as ``os.stat`` gives it; ``size`` is in bytes.

    ``ino`` tells one node from another, as long as both are there.
    """

    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    nlink: int = 1
    ino: int = 0

    @property
    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)


@lru_cache(maxsize=1024)
def steps_along(path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the names along a path, each with all up to it; remembered, for files are read again and again."""
    names = tuple(split(path))
    return tuple((name, names[:end]) for end, name in enumerate(names, 1))


def split(path: str) -> list[str]:
    """Return the names along a path; ``.`` and empty ones are dropped, ``..`` are kept."""
    return [part for part in path.split("/") if part and part != "."]


def copy_node(node: Node, layer: Layer) -> Node:
    if isinstance(node, File):
        return node.copy(layer)
    if isinstance(node, Symlink):
        return Symlink(layer, node.target, node.uid, node.gid, node.mtime)
    if isinstance(node, BlockDevice):
        return BlockDevice(layer, node.mode, node.disk, node.uid, node.gid, node.mtime, writable=node.writable)
    return type(node)(layer, node.mode, node.uid, node.gid, node.mtime)


def stat_of(node: Node) -> Stat:
    links = 1
    match node:
        case Directory():
            kind, size, links = stat.S_IFDIR, 4096, 2
        case File():
            kind, size, links = stat.S_IFREG, node.size, node.links
        case Symlink():
            kind, size = stat.S_IFLNK, len(node.target)
        case Socket():
            kind, size = stat.S_IFSOCK, 0
        case BlockDevice():
            kind, size = stat.S_IFBLK, 0
        case _:
            kind, size = stat.S_IFCHR, 0
    return Stat(kind | node.mode, node.uid, node.gid, size, node.mtime, links, id(node) >> 4)


def build_tree(files: dict[str, bytes | str | None], *, modes: dict[str, int] | None = None) -> Directory:
    """Return an image's tree from paths: bytes are files, a string is a link's target, ``None`` a folder.

    Raises ``ValueError`` for a path that leads through what is no folder.
    """
    layer = Layer()
    root = Directory(layer)
    for path in sorted(files):
        *folders, name = split(path)
        current = root
        for folder in folders:
            child = current.entries.setdefault(folder, Directory(layer))
            if not isinstance(child, Directory):
                raise ValueError(f"{path}: {folder} is no folder")
            current = child
        content = files[path]
        mode = (modes or {}).get(path)
        if content is None:
            current.entries[name] = Directory(layer, mode or 0o755)
        elif isinstance(content, str):
            current.entries[name] = Symlink(layer, content)
        else:
            current.entries[name] = File(layer, mode or 0o644, content)
    dev = root.entries.setdefault("dev", Directory(layer))
    assert isinstance(dev, Directory)
    dev.entries.setdefault("null", NullDevice(layer, 0o666))
    dev.entries[TERMINATION_LOG.rpartition("/")[2]] = File(layer, 0o666)
    return root
