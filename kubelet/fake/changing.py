"""Changing a tree of files: nodes of one's own layer in place, all others by copying, folder by folder along the path.

Errors are those of the operating system, with their errno.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Mapping
from sys import intern

from kubelet.fake.disk import Disk
from kubelet.fake.planting import Content, LaterEntries, grow
from kubelet.fake.tree import (
    BlockDevice,
    BoundedLayer,
    Directory,
    File,
    Layer,
    Node,
    NullDevice,
    Socket,
    Symlink,
    copy_node,
)
from kubelet.fake.view import Place, View, error, own_bytes
from kubelet.few import Few
from kubelet.node_files import NewFile

MAX_FILE_SIZE = 64 * 1024 * 1024
"""As large as one file may grow; a container that writes without end meets ``ENOSPC``, not the machine's limit."""

DISK_MODE = 0o660
DISK_GROUP = 6
"""Of block devices: what udev gives them, and the group ``disk``."""


class ChangingView(View):
    """A view through which files are written, made, renamed and removed. All paths are absolute."""

    __slots__ = ()

    # Owning

    def _writable_directory(self, parts: list[str], path: str) -> tuple[Directory, Layer]:
        """Return the directory at resolved ``parts``, this layer's own or a mount's, ready to be changed."""
        mounts = self._mounts
        if self._root.layer is not self._layer:
            self._root = self._root.copy(self._layer)
        current, layer, readonly = self._root, self._layer, self._readonly
        walked: list[str] = []
        for name in parts:
            walked.append(name)
            if mounts is not None and (graft := mounts.get(tuple(walked))) is not None:
                child, layer, readonly = graft.node, graft.layer, graft.readonly
            else:
                child = current.entries[name]
                if isinstance(child, Directory) and child.layer is not layer:
                    child = child.copy(layer)
                    current.entries[name] = child
            if not isinstance(child, Directory):
                raise error(errno.ENOTDIR, path)
            current = child
        if readonly and not _always_writable(parts):
            raise error(errno.EROFS, path)
        return current, layer

    def _parent(self, place: Place, path: str) -> tuple[Directory, Layer, str]:
        if not place.parts:
            raise error(errno.EBUSY, path)
        if self._mounts is not None and tuple(place.parts) in self._mounts:
            raise error(errno.EBUSY, path)
        directory, layer = self._writable_directory(place.parts[:-1], path)
        return directory, layer, intern(place.parts[-1])

    def _own(self, path: str, *, follow: bool = True) -> Node:
        """Return the existing node at ``path``, copied into its layer if need be, ready to be changed."""
        return self._owned(self._walk(path, follow=follow), path)

    def _owned(self, place: Place, path: str) -> Node:
        """Return the node at a place that ``path`` leads to, as :meth:`_own` does."""
        node = place.node
        if node is None:
            raise error(errno.ENOENT, path)
        if place.readonly and not _always_writable(place.parts):
            raise error(errno.EROFS, path)
        if node.layer is place.layer:
            # So are all folders around it.
            return node
        if isinstance(node, Directory):
            return self._writable_directory(place.parts, path)[0]
        directory, layer = self._writable_directory(place.parts[:-1], path)
        copied = copy_node(node, layer)
        directory.entries[place.parts[-1]] = copied
        return copied

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def yield_turn(self, seconds: float = 0.0) -> None:
        """Let others run, for those who do much with files; ``seconds`` holds them back."""
        await self._clock.sleep(seconds)

    # Changing

    def write(
        self, path: str, content: bytes, *, append: bool = False, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        """Create a file, replace its content, or add to it; ``mode`` and owner are those of a new file."""
        place = self._walk(path)
        if isinstance(place.node, Directory):
            raise error(errno.EISDIR, path)
        if isinstance(place.node, Socket):
            raise error(errno.ENXIO, path)
        if isinstance(place.node, NullDevice):
            return
        if isinstance(place.node, BlockDevice):
            _write_disk(place.node, content, path)
            return
        if place.node is None:
            directory, layer, name = self._parent(place, path)
            _check_room(layer, len(content))
            directory.entries[name] = File(layer, mode, content, uid, _group(directory, gid), self._now())
            directory.mtime = self._now()
            return
        node = self._own(path)
        assert isinstance(node, File)
        _check_room(node.layer, len(content) - (0 if append else node.size))
        if append:
            if not isinstance(node.content, bytearray):
                node.content = bytearray(node.content)
            node.content += content
        else:
            node.content = content
        node.mtime = self._now()

    def open_for_writing(
        self, path: str, *, truncate: bool, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> "File | NullDevice | BlockDevice":
        """Return the node to write to with :meth:`write_at`, made if it is not there."""
        place = self._walk(path)
        if isinstance(place.node, BlockDevice):
            _check_device(place.node, path)
            return place.node
        if isinstance(place.node, NullDevice):
            return place.node
        if place.node is None or not isinstance(place.node, File):
            self.write(path, b"", mode=mode, uid=uid, gid=gid)
        node = self._own(path)
        assert isinstance(node, File)
        if truncate and node.content:
            self.write(path, b"")
        return node

    def write_at(self, file: File, position: int | None, data: bytes) -> int:
        """Write into an open file, at its end for ``None``; return the position behind what was written.

        A file holds at most :data:`MAX_FILE_SIZE` bytes, and those of a file system in memory together what that
        holds; more is ``ENOSPC``.
        """
        content = file.content
        start = len(content) if position is None else position
        if start + len(data) > MAX_FILE_SIZE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _check_room(file.layer, start + len(data) - len(content))
        if not isinstance(content, bytearray):
            content = file.content = bytearray(content)
        if start > len(content):
            content.extend(bytes(start - len(content)))
        content[start : start + len(data)] = data
        file.mtime = self._now()
        return start + len(data)

    def mkdir(
        self, path: str, *, mode: int = 0o755, parents: bool = False, exist_ok: bool = False, uid: int = 0, gid: int = 0
    ) -> bool:
        place, missing = self._reach(path)
        if place.node is not None:
            if exist_ok and isinstance(place.node, Directory):
                return False
            raise error(errno.EEXIST, path)
        if missing and not parents:
            raise error(errno.ENOENT, path)
        now = self._now()
        while missing:
            self._make_directory(place, path, 0o755, uid, gid, now)
            place.parts.append(missing.pop())
        self._make_directory(place, path, mode, uid, gid, now)
        return True

    def _make_directory(self, place: Place, path: str, mode: int, uid: int, gid: int, now: float) -> None:
        directory, layer, name = self._parent(place, path)
        # Most numbers are kept as they are: another of the same value would be one more object for each folder.
        if directory.mode & stat.S_ISGID:
            mode |= stat.S_ISGID
        directory.entries[name] = Directory(layer, mode, Few(), uid, _group(directory, gid), now)
        directory.mtime = now

    def make_block_device(self, path: str, size: int) -> None:
        """Make a device with ``size`` bytes, all zero, and the folders around it.

        One that is there grows to that size; what is no device is ``EEXIST``.
        """
        self.mkdir(posixpath.dirname(path), parents=True, exist_ok=True)
        place = self._walk(path)
        if isinstance(place.node, BlockDevice):
            place.node.disk.size = max(size, place.node.disk.size)
            return
        if place.node is not None:
            raise error(errno.EEXIST, path)
        directory, layer, name = self._parent(place, path)
        directory.entries[name] = BlockDevice(layer, DISK_MODE, Disk(size), 0, DISK_GROUP, self._now())
        directory.mtime = self._now()

    def symlink(self, target: str, path: str, *, uid: int = 0, gid: int = 0) -> None:
        place = self._walk(path, follow=False)
        if place.node is not None:
            raise error(errno.EEXIST, path)
        directory, layer, name = self._parent(place, path)
        directory.entries[name] = Symlink(layer, target, uid, _group(directory, gid), self._now())

    def link(self, source: str, path: str) -> None:
        """Give a file one more name. What is no file is ``EPERM``, a name in another mount ``EXDEV``."""
        node = self._find(source)
        if not isinstance(node, File):
            raise error(errno.EPERM, source)
        place = self._walk(path, follow=False)
        if place.node is not None:
            raise error(errno.EEXIST, path)
        if self._walk(source).layer is not place.layer:
            raise error(errno.EXDEV, path)
        directory, _, name = self._parent(place, path)
        node = self._own(source)
        assert isinstance(node, File)
        directory.entries[name] = node
        node.links += 1
        directory.mtime = self._now()

    def plant(self, path: str, files: Mapping[str, NewFile]) -> None:
        """Make a folder that is not there, with files in it by their paths, and the folders these are in."""
        self.mkdir(path)
        place = self._walk(path)
        root = place.node
        assert isinstance(root, Directory)
        grow(root.entries, files, place.layer, root.gid, self._now(), path)

    def fill(self, folder: str, content: Callable[[], Content]) -> None:
        """Put what ``content`` returns into an empty folder: files by their paths, links by their targets.

        It is asked when somebody looks.
        """
        directory = self._own(folder)
        if not isinstance(directory, Directory):
            raise error(errno.ENOTDIR, folder)
        if directory.entries:
            raise error(errno.ENOTEMPTY, folder)
        directory.mtime = self._now()
        directory.entries = LaterEntries(content, directory.layer, _group(directory, 0), directory.mtime)

    def symlinks(self, folder: str, targets: Mapping[str, str]) -> None:
        """Make links in a folder, by their names; none of these may be there."""
        place = self._walk(folder)
        directory, layer = self._writable_directory(place.parts, folder)
        now = self._now()
        for name, target in targets.items():
            if name in directory.entries:
                raise error(errno.EEXIST, f"{folder}/{name}")
            directory.entries[intern(name)] = Symlink(layer, intern(target), 0, _group(directory, 0), now)
        directory.mtime = now

    def unlink(self, path: str) -> None:
        place = self._walk(path, follow=False)
        if place.node is None:
            raise error(errno.ENOENT, path)
        if isinstance(place.node, Directory):
            raise error(errno.EISDIR, path)
        directory, _, name = self._parent(place, path)
        _without_name(directory.entries.pop(name))
        directory.mtime = self._now()

    def rmdir(self, path: str) -> None:
        place = self._walk(path, follow=False)
        if place.node is None:
            raise error(errno.ENOENT, path)
        if not isinstance(place.node, Directory):
            raise error(errno.ENOTDIR, path)
        directory, _, name = self._parent(place, path)
        if place.node.entries:
            raise error(errno.ENOTEMPTY, path)
        del directory.entries[name]
        directory.mtime = self._now()

    def rmtree(self, path: str) -> None:
        """Remove a file or folder with all below it; raise ``FileNotFoundError`` when there is none."""
        place = self._walk(path, follow=False)
        if place.node is None:
            raise error(errno.ENOENT, path)
        directory, _, name = self._parent(place, path)
        _without_name(directory.entries.pop(name))
        directory.mtime = self._now()
        for below in self._grafts_below(place.parts):
            assert self._mounts is not None
            del self._mounts[below]

    def rename(self, source: str, target: str) -> None:
        place = self._walk(source, follow=False)
        if place.node is None:
            raise error(errno.ENOENT, source)
        goal = self._walk(target, follow=False)
        if isinstance(goal.node, Directory):
            if not isinstance(place.node, Directory):
                raise error(errno.EISDIR, target)
            if goal.node.entries:
                raise error(errno.ENOTEMPTY, target)
        if goal.parts[: len(place.parts)] == place.parts:
            if goal.parts == place.parts:
                return
            raise error(errno.EINVAL, target)
        if goal.layer is not place.layer:
            raise error(errno.EXDEV, target)
        if goal.node is place.node:
            # Two names of one file: POSIX has both stay.
            return
        directory, _, name = self._parent(place, source)
        moved = directory.entries.pop(name)
        other, _, new_name = self._parent(goal, target)
        if goal.node is not None:
            _without_name(goal.node)
        other.entries[new_name] = moved
        directory.mtime = other.mtime = self._now()

    def chmod(self, path: str, mode: int) -> None:
        self._own(path).mode = mode & 0o7777

    def chown(self, path: str, uid: int, gid: int, *, follow: bool = True) -> None:
        node = self._own(path, follow=follow)
        node.uid, node.gid = uid, gid

    def touch(self, path: str, *, uid: int = 0, gid: int = 0) -> None:
        if self.exists(path):
            self._own(path).mtime = self._now()
        else:
            self.write(path, b"", uid=uid, gid=gid)

    def utime(self, path: str, mtime: float) -> None:
        """Say when a file was last changed, in seconds since 1970."""
        self._own(path).mtime = mtime


def _check_device(device: BlockDevice, path: str) -> None:
    """Raise ``EPERM`` for a device that the container's control group lets it only read."""
    if not device.writable:
        raise error(errno.EPERM, path)


def _write_disk(device: BlockDevice, content: bytes, path: str) -> None:
    _check_device(device, path)
    if device.disk.write(0, content) < len(content):
        raise error(errno.ENOSPC, path)


def _check_room(layer: Layer, growth: int) -> None:
    """Raise ``ENOSPC`` when a layer has no room for so many bytes more."""
    if growth <= 0 or not isinstance(layer, BoundedLayer) or not layer.limit or layer.root is None:
        return
    if own_bytes(layer.root, layer) + growth > layer.limit:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _always_writable(parts: list[str]) -> bool:
    """Say whether a place can be written to under a read-only root too, as ``/dev`` can: it is a ``tmpfs``."""
    return parts[:1] == ["dev"]


def _without_name(node: Node) -> None:
    """Note that a node, and all below it, has one name less."""
    if isinstance(node, Directory):
        entries = node.entries
        if isinstance(entries, LaterEntries) and not entries.made:
            # What nobody has looked at has no second name, and need not be made to go.
            return
        for child in entries.values():
            _without_name(child)
    elif isinstance(node, File) and node.links > 1:
        node.links -= 1


def _group(directory: Directory, gid: int) -> int:
    """Return whose a new entry is: a folder with the set-group-id bit passes on its own group."""
    return directory.gid if directory.mode & stat.S_ISGID else gid
