"""Putting many files into a folder at once, now or when somebody looks."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from sys import intern

from kubelet.fake.tree import Directory, File, Layer, Node, Symlink, split
from kubelet.node_files import NewFile

Content = Mapping[str, NewFile | str]
"""Files by their paths in the folder, and links by their targets."""


def grow(entries: MutableMapping[str, Node], content: Content, layer: Layer, gid: int, now: float, path: str) -> None:
    """Add what is not there to a folder at ``path``, with the folders that it is in; all is of group ``gid``.

    Raises ``OSError`` where something else is in the way.
    """
    for name, made_from in content.items():
        *folders, last = split(name)
        around = entries
        for folder in folders:
            below = around.get(folder)
            if below is None:
                below = around[intern(folder)] = Directory(layer, gid=gid, mtime=now)
            if not isinstance(below, Directory):
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), f"{path}/{name}")
            around = below.entries
        if isinstance(around.get(last), Directory):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), f"{path}/{name}")
        if isinstance(made_from, str):
            around[intern(last)] = Symlink(layer, intern(made_from), 0, gid, now)
        else:
            around[intern(last)] = File(layer, made_from.mode, made_from.content, made_from.owner or 0, gid, now)


_NOTHING: dict[str, Node] = {}


class LaterEntries(MutableMapping[str, Node]):
    """What :func:`grow` makes of what ``content`` returns, made when it is first looked at.

    Nobody ever looks at most volumes, of which there are as many as pods.
    """

    __slots__ = ("_content", "_gid", "_layer", "_made", "_now")

    def __init__(self, content: Callable[[], Content], layer: Layer, gid: int, now: float) -> None:
        self._content: Callable[[], Content] | None = content
        self._layer = layer
        self._gid = gid
        self._now = now
        self._made: dict[str, Node] = _NOTHING

    @property
    def made(self) -> bool:
        """Whether somebody has looked."""
        return self._content is None

    @property
    def _entries(self) -> dict[str, Node]:
        if self._content is not None:
            content, self._content = self._content(), None
            self._made = {}
            grow(self._made, content, self._layer, self._gid, self._now, "")
        return self._made

    def __getitem__(self, name: str) -> Node:
        return self._entries[name]

    def __setitem__(self, name: str, node: Node) -> None:
        self._entries[name] = node

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
