"""A container's files: an image's tree shared by all its containers, changed by copying, with mounts grafted in.

Trees are made of plain nodes. Each node belongs to a *layer*; a file system changes nodes of its own layer in
place and copies all others before changing them, directory by directory along the path. A container that has
written nothing therefore costs one object. The node's own file system, where volumes live, is a tree like any
other, and a mount is a path at which the walk steps over into it.
"""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from kubelet.fake.changing import ChangingView
from kubelet.fake.mounts import DEVICE, EXT4, OVERLAY, TMPFS, Grafted
from kubelet.fake.tree import BlockDevice, BoundedLayer, Directory, File, Layer, Node, split
from kubelet.fake.tree_snapshot import JSONObject, decode, encode
from kubelet.fake.view import error
from kubelet.few import Few


@lru_cache(maxsize=4096)
def _same(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return one and the same tuple for equal ones: thousands of containers have the same mount points."""
    return parts


@dataclass(frozen=True, slots=True)
class Offer:
    """What another file system can mount: a node with its layer, and what is mounted below it, by the names there.

    ``kind`` and ``limit`` are those of the file system that it is from.
    """

    node: Node
    layer: Layer
    readonly: bool
    kind: str
    limit: int
    below: Mapping[tuple[str, ...], Grafted]


class FileSystem(ChangingView):
    """One view of the world: a root tree and mounts. All paths are absolute.

    Errors are those of the operating system, with their errno.
    """

    __slots__ = ()

    def confined(self, path: str) -> "FileSystem":
        """Return the files below a folder as a file system of their own, as ``chroot`` has it; raise ``OSError``."""
        place = self._walk(path)
        if not isinstance(place.node, Directory):
            raise error(errno.ENOENT if place.node is None else errno.ENOTDIR, path)
        # Both see what either changes, so the folder has to be one that is changed in place.
        root = place.node if place.readonly else self._writable_directory(place.parts, path)[0]
        around = self._graft_around(place.parts)
        inner = FileSystem(self._clock, root, readonly=place.readonly, kind=around.kind if around else self.kind)
        inner._layer = place.layer
        below = self._grafts_below(place.parts)
        if below and self._mounts is not None:
            inner._grafts = {point[len(place.parts) :]: self._mounts[point] for point in below}
        return inner

    # Keeping

    def saved(self, base: Directory) -> JSONObject | None:
        """Return what of the root's own tree is not that of ``base``, as JSON."""
        return encode(self._root, base)

    def load(self, saved: JSONObject | None, base: Directory) -> None:
        """Take over a root that another file system over the same ``base`` has :meth:`saved`; mounts stay."""
        root = decode(saved, base, self._layer)
        assert isinstance(root, Directory)
        self._root = root

    def saved_memory(self) -> dict[str, JSONObject]:
        """Return what is in the file systems in memory, as JSON, by where they are mounted."""
        return {
            "/" + "/".join(parts): {"limit": graft.limit, "tree": encode(graft.node, None)}
            for parts, graft in (self._mounts or {}).items()
            if graft.kind == TMPFS
        }

    def load_memory(self, saved: dict[str, JSONObject]) -> None:
        """Mount file systems in memory with what :meth:`saved_memory` has returned."""
        for path, mount in saved.items():
            layer = BoundedLayer(mount["limit"])
            layer.root = decode(mount["tree"], None, layer)
            self._graft(path, Grafted(layer.root, layer, readonly=False, kind=TMPFS, limit=layer.limit))

    # Mounts

    def offered(self, path: str) -> Offer:
        """Return a folder or a file, for another file system to :meth:`mount`; raise ``OSError`` where there is none.

        Both sides see each other's writes.
        """
        place = self._walk(path)
        if place.node is None:
            raise error(errno.ENOENT, path)
        # What cannot be written to need not be this file system's own.
        node = place.node if place.readonly else self._owned(place, path)
        around = self._graft_around(place.parts)
        kind, limit = (around.kind, around.limit) if around is not None else (self.kind, 0)
        mounts = self._mounts or {}
        below = {point[len(place.parts) :]: mounts[point] for point in self._grafts_below(place.parts)}
        return Offer(node, place.layer, place.readonly, kind, limit, below)

    def mount(self, path: str, offer: Offer, *, readonly: bool = False, recursive_readonly: bool = False) -> None:
        """Show at ``path`` what another file system has :meth:`offered`.

        What is missing along ``path`` is made, read-only root or not. What is mounted below it there comes along, and
        is read-only with the rest when that is so recursively.
        """
        readonly = readonly or offer.readonly
        here = self._graft(path, Grafted(offer.node, offer.layer, readonly, offer.kind, offer.limit))
        for parts, graft in offer.below.items():
            below = "/" + "/".join((*here, *parts))
            self._graft(below, replace(graft, readonly=graft.readonly or recursive_readonly))

    def mount_tree(self, path: str, tree: Node, kind: str = OVERLAY) -> None:
        """Show a tree that nobody writes to at ``path``."""
        self._graft(path, Grafted(tree, tree.layer, readonly=True, kind=kind))

    def mount_file(self, path: str, file: File) -> None:
        """Show a file that all who mount it write to at ``path``."""
        self._graft(path, Grafted(file, file.layer, readonly=False, kind=EXT4))

    def add_device(self, path: str, source: "FileSystem", source_path: str, *, writable: bool) -> None:
        """Have a block device of another file system at ``path`` too: the same disk, under a mode and owner of its own.

        What is no block device there is ``ENODEV``, as for runtimes.
        """
        found = source.node(source_path)
        if not isinstance(found, BlockDevice):
            raise error(errno.ENODEV, source_path)
        node = BlockDevice(
            Layer(), found.mode, found.disk, found.uid, found.gid, self._now(), writable=writable and found.writable
        )
        self._graft(path, Grafted(node, node.layer, readonly=False, kind=DEVICE))

    def mount_memory(self, path: str, *, mode: int = 0o777, limit: int = 0) -> None:
        """Mount an empty ``tmpfs`` at ``path``, whose files have ``limit`` bytes at most, 0 for any number."""
        layer = BoundedLayer(limit)
        layer.root = Directory(layer, mode, mtime=self._now())
        self._graft(path, Grafted(layer.root, layer, readonly=False, kind=TMPFS, limit=limit))

    def mount_later(self, mount: Callable[[], None]) -> None:
        """Have ``mount`` mount more once somebody looks. The mount points have to be there."""
        self._later = mount

    def take_mounts(self) -> Mapping[tuple[str, ...], Grafted]:
        """Return what is mounted, which is not mounted any more, for :meth:`put_mounts`."""
        taken: Few[tuple[str, ...], Grafted] = Few()
        taken.update(self._grafts or {})
        self._grafts = None
        return taken

    def put_mounts(self, mounts: Mapping[tuple[str, ...], Grafted]) -> None:
        """Mount again what was; it goes in the place of what has been mounted meanwhile."""
        self._grafts = {**(self._mounts or {}), **mounts}

    def make_mount_point(self, path: str, *, folder: bool) -> tuple[str, ...]:
        """Make what is missing along ``path`` for something to be mounted there, read-only root or not.

        Returns the names that lead there.
        """
        place, _ = self._reach(path)
        if place.node is None:
            writable, self._readonly = self._readonly, False
            try:
                self.mkdir("/".join(["", *split(path)[:-1]]), parents=True, exist_ok=True)
                if folder:
                    self.mkdir(path)
                else:
                    self.write(path, b"")
            finally:
                self._readonly = writable
            place = self._walk(path)
        return tuple(place.parts)

    def _graft(self, path: str, graft: Grafted) -> tuple[str, ...]:
        point = _same(self.make_mount_point(path, folder=isinstance(graft.node, Directory)))
        mounts = self._mounts
        if mounts is None:
            mounts = self._grafts = {}
        mounts[point] = graft
        return point
