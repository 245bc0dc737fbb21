"""The node's own files as the kubelet handles them: where volumes live.

A runtime on a real machine would give the machine's; the fake one gives a tree in memory. All paths are absolute, and
errors are the operating system's, with their errno.
"""

from collections.abc import Callable, Mapping
from typing import Protocol


class FileInfo(Protocol):
    """What is known of an entry. ``mode`` includes the bits of the file type; ``size`` is in bytes."""

    @property
    def mode(self) -> int: ...

    @property
    def uid(self) -> int: ...

    @property
    def gid(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def is_dir(self) -> bool: ...

    @property
    def is_link(self) -> bool: ...

    @property
    def is_file(self) -> bool: ...


class NewFile(Protocol):
    """What a file is made from; ``owner`` is a user id, ``None`` for root."""

    @property
    def content(self) -> bytes: ...

    @property
    def mode(self) -> int: ...

    @property
    def owner(self) -> int | None: ...


class NodeFiles(Protocol):
    """A file system. What is made belongs to root unless an owner is given."""

    def stat(self, path: str, *, follow: bool = True) -> FileInfo: ...

    def exists(self, path: str) -> bool:
        """Whether there is something at the end of the path, links followed."""
        ...

    def is_dir(self, path: str) -> bool: ...

    def listdir(self, path: str) -> list[str]:
        """Return the names in a folder, sorted."""
        ...

    def read(self, path: str) -> bytes: ...

    def read_inside(self, folder: str, path: str) -> bytes:
        """Read a file below a folder, which links cannot leave: its own root is what they start from."""
        ...

    def readlink(self, path: str) -> str: ...

    def realpath(self, path: str) -> str:
        """Return the path with all links followed; only its last name may be missing."""
        ...

    def tree_size(self, path: str) -> int:
        """Return the size in bytes of all files at and below ``path``."""
        ...

    def is_mount_point(self, path: str) -> bool: ...

    def mount_memory(self, path: str, *, mode: int = 0o777, limit: int = 0) -> None:
        """Mount an empty ``tmpfs``, which goes with the folder around it; ``limit`` is in bytes, 0 for none."""
        ...

    def write(
        self, path: str, content: bytes, *, append: bool = False, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        """Make a file or replace its content; ``mode`` and owner are those of a new file."""
        ...

    def mkdir(
        self, path: str, *, mode: int = 0o755, parents: bool = False, exist_ok: bool = False, uid: int = 0, gid: int = 0
    ) -> bool:
        """Make a folder, with ``parents`` those around it too; return whether it was not there.

        One that was is an error unless ``exist_ok``.
        """
        ...

    def make_block_device(self, path: str, size: int) -> None:
        """Make a device with ``size`` bytes, all zero, and the folders around it.

        One that is there grows to that size; what is no device is ``EEXIST``.
        """
        ...

    def plant(self, path: str, files: Mapping[str, NewFile]) -> None:
        """Make a folder that is not there, with files in it by their paths, and the folders these are in."""
        ...

    def fill(self, folder: str, content: Callable[[], Mapping[str, NewFile | str]]) -> None:
        """Put files by their paths, and links by their targets, into an empty folder.

        ``content`` may be called at any later moment. There are no folders but those that files are in.
        """
        ...

    def symlinks(self, folder: str, targets: Mapping[str, str]) -> None:
        """Make links in a folder, by their names; none of these may be there."""
        ...

    def symlink(self, target: str, path: str) -> None: ...

    def rename(self, source: str, target: str) -> None: ...

    def unlink(self, path: str) -> None: ...

    def rmtree(self, path: str) -> None:
        """Remove a file or folder with all below it; raise ``FileNotFoundError`` when there is none."""
        ...

    def chmod(self, path: str, mode: int) -> None: ...

    def chown(self, path: str, uid: int, gid: int, *, follow: bool = True) -> None: ...
