"""Columns of the images on nodes."""

from collections.abc import Mapping

from scheduler.framework.arrays import IntArray
from scheduler.framework.row_counts import CountTable, DerivedCache


class ImageColumns:
    """The size of each image on each node, by all of its names."""

    def __init__(self, capacity: int, derived: DerivedCache) -> None:
        self._sizes: CountTable[str] = CountTable(capacity, derived)

    def sizes(self, name: str, count: int) -> IntArray | None:
        """Return an image's size on each of the first ``count`` rows, 0 where it is not, ``None`` if nowhere."""
        return self._sizes.vector(name, count)

    def holders(self, name: str) -> int:
        """Return how many nodes have an image."""
        return len(self._sizes.by_row(name))

    def set_images(self, row: int, old: Mapping[str, int], new: Mapping[str, int]) -> None:
        """Change what a node has from ``old`` to ``new``: bytes by name."""
        for name, size in old.items():
            if new.get(name) != size:
                self._sizes.add(row, name, -size)
        for name, size in new.items():
            if old.get(name) != size:
                self._sizes.add(row, name, size)

    def resize(self, capacity: int) -> None:
        self._sizes.resize(capacity)

    def move(self, source: int, target: int) -> None:
        self._sizes.move(source, target)
