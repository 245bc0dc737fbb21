"""Vectors that are kept from one cycle to the next, brought up to date row by row."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from scheduler.framework.arrays import IntArray, Rows

K = TypeVar("K", bound=Hashable)

_JOURNAL_LENGTH = 4096
_VECTORS_KEPT = 64


class RowJournal:
    """Which rows have changed, in order, as far back as the last few thousand changes."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._forgotten = 0

    @property
    def position(self) -> int:
        """How many changes there have been."""
        return self._forgotten + len(self._rows)

    def note(self, row: int) -> None:
        self._rows.append(row)
        if len(self._rows) > 2 * _JOURNAL_LENGTH:
            del self._rows[:_JOURNAL_LENGTH]
            self._forgotten += _JOURNAL_LENGTH

    def since(self, position: int) -> list[int] | None:
        """Return the rows of the changes after ``position``, ``None`` when that is too far back."""
        start = position - self._forgotten
        return self._rows[start:] if start >= 0 else None


@dataclass(slots=True)
class _Kept:
    vector: IntArray
    position: int


class RowCache(Generic[K]):
    """One vector per key, such as the requests of a pod: most pods of a cluster are made from few templates.

    A decision changes one node, so that the next replica's vector differs in that row only.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[K, _Kept] = OrderedDict()

    def of(self, key: K, journal: RowJournal, count: int, compute: Callable[[Rows], IntArray]) -> IntArray:
        """Return the vector of ``count`` rows, which holds until the next call.

        ``journal`` tells which rows are stale; ``compute`` returns the elements of the rows it is given.
        """
        kept = self._kept.get(key)
        stale = journal.since(kept.position) if kept is not None and len(kept.vector) == count else None
        if kept is None or stale is None or len(stale) > count:
            kept = self._kept[key] = _Kept(compute(slice(0, count)), journal.position)
        elif stale:
            # Rows past the end belonged to nodes that are gone.
            rows = np.array([row for row in set(stale) if row < count], dtype=np.intp)
            kept.vector[rows] = compute(rows)
            kept.position = journal.position
        self._kept.move_to_end(key)
        if len(self._kept) > _VECTORS_KEPT:
            self._kept.popitem(last=False)
        return kept.vector
