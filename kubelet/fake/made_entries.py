"""The entries of a folder that nobody writes to, made when somebody looks."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping

from kubelet.fake.tree import Node


class MadeEntries(MutableMapping[str, Node]):
    """What ``make`` returns at the moment."""

    def __init__(self, make: Callable[[], Mapping[str, Node]]) -> None:
        self._make = make

    def __getitem__(self, name: str) -> Node:
        return self._make()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make())

    def __setitem__(self, name: str, node: Node) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)

    def __delitem__(self, name: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)
