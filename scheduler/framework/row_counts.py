"""Numbers by row and by key: how many pods of some kind each node holds.

What is kept for every key is sparse, since a cluster has many kinds of pods with few of each. What is asked about a
key as arrays (a vector over all rows, a sum for each topology value) is made of that when it is first asked for,
and from then on changes with it, for as long as it fits in a bounded amount of memory.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, Protocol, TypeVar

import numpy as np

from scheduler.framework.arrays import IntArray
from scheduler.framework.topology import Domains

K = TypeVar("K", bound=Hashable)

_BYTES_KEPT = 16 * 1024 * 1024


class Derived(Protocol):
    """An array that follows a key's numbers."""

    @property
    def nbytes(self) -> int: ...

    def add(self, row: int, amount: int) -> None: ...


class RowVector:
    """The numbers as one array, ``values[row]``."""

    __slots__ = ("values",)

    def __init__(self, by_row: dict[int, int], capacity: int) -> None:
        self.values: IntArray = np.zeros(capacity, dtype=np.int64)
        if by_row:
            self.values[list(by_row)] = list(by_row.values())

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def add(self, row: int, amount: int) -> None:
        self.values[row] += amount


class DomainSums:
    """The sum of the numbers in each topology domain, ``values[domain]``; rows that do not count are left out.

    One element longer than there are domains: the last is the sum for "no domain", always 0.
    """

    __slots__ = ("domains", "values")

    def __init__(self, by_row: dict[int, int], domains: Domains) -> None:
        self.domains = domains
        self.values: IntArray = np.zeros(domains.size + 1, dtype=np.int64)
        if not by_row:
            return
        rows = np.fromiter(by_row, dtype=np.intp, count=len(by_row))
        amounts = np.fromiter(by_row.values(), dtype=np.int64, count=len(by_row))
        np.add.at(self.values, domains.counted[rows], amounts)
        self.values[-1] = 0

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def add(self, row: int, amount: int) -> None:
        # Once nodes have changed, the sums are made anew before anybody looks at them: then rows may be unknown here.
        counted = self.domains.counted
        if row < len(counted) and (domain := counted[row]) >= 0:
            self.values[domain] += amount


class RowCounts:
    """The numbers of one key; only rows with any are in ``by_row``."""

    __slots__ = ("by_row", "derived")

    def __init__(self) -> None:
        self.by_row: dict[int, int] = {}
        self.derived: dict[Hashable, Derived] = {}


class DerivedCache:
    """Remembers which arrays were used last, of all keys of all tables, and lets go of the others."""

    def __init__(self, bytes_kept: int = _BYTES_KEPT) -> None:
        self._bytes_kept = bytes_kept
        self._bytes = 0
        self._used: OrderedDict[tuple[int, Hashable], tuple[RowCounts, int]] = OrderedDict()

    def vector(self, counts: RowCounts, capacity: int) -> IntArray:
        """Return the numbers of all rows up to ``capacity``; it follows them until the next call at least."""
        found = counts.derived.get(None)
        if not isinstance(found, RowVector):
            found = RowVector(counts.by_row, capacity)
        self._keep(counts, None, found)
        return found.values

    def sums(self, counts: RowCounts, domains: Domains) -> IntArray:
        """Return the numbers' sums by domain; it follows them until the next call at least."""
        found = counts.derived.get(domains.key)
        if not isinstance(found, DomainSums) or found.domains is not domains:
            found = DomainSums(counts.by_row, domains)
        self._keep(counts, domains.key, found)
        return found.values

    def _keep(self, counts: RowCounts, key: Hashable, derived: Derived) -> None:
        place = (id(counts), key)
        if counts.derived.get(key) is derived:
            self._used.move_to_end(place)
            return
        _, before = self._used.pop(place, (counts, 0))
        self._bytes += derived.nbytes - before
        counts.derived[key] = derived
        self._used[place] = (counts, derived.nbytes)
        while self._bytes > self._bytes_kept and len(self._used) > 1:
            (_, oldest), (owner, size) = self._used.popitem(last=False)
            del owner.derived[oldest]
            self._bytes -= size

    def forget(self, counts: RowCounts) -> None:
        """Let go of all arrays of a key."""
        for key in counts.derived:
            self._bytes -= self._used.pop((id(counts), key))[1]
        counts.derived.clear()


class CountTable(Generic[K]):
    """The numbers of all keys, a column of the node table."""

    def __init__(self, capacity: int, derived: DerivedCache) -> None:
        self._capacity = capacity
        self._derived = derived
        self._by_key: dict[K, RowCounts] = {}
        self._keys_of: dict[int, dict[K, None]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[K]:
        return iter(self._by_key)

    def by_row(self, key: K) -> dict[int, int]:
        """Return the numbers of the rows that have any; not to be changed."""
        counts = self._by_key.get(key)
        return {} if counts is None else counts.by_row

    def vector(self, key: K, count: int) -> IntArray | None:
        """Return the numbers of the first ``count`` rows, ``None`` when all are zero."""
        counts = self._by_key.get(key)
        return None if counts is None else self._derived.vector(counts, self._capacity)[:count]

    def sums(self, key: K, domains: Domains) -> IntArray | None:
        """Return the sums by topology domain and a last 0 for "no domain", ``None`` when there is nothing to sum."""
        counts = self._by_key.get(key)
        return None if counts is None else self._derived.sums(counts, domains)

    def add(self, row: int, key: K, amount: int) -> None:
        """Add to a number; what comes to zero is forgotten."""
        counts = self._by_key.get(key)
        if counts is None:
            counts = self._by_key[key] = RowCounts()
        held = counts.by_row.get(row, 0) + amount
        if held:
            counts.by_row[row] = held
            self._keys_of.setdefault(row, {})[key] = None
        else:
            counts.by_row.pop(row, None)
            self._leave(row, key)
        for derived in counts.derived.values():
            derived.add(row, amount)
        if not counts.by_row:
            self._derived.forget(counts)
            del self._by_key[key]

    def _leave(self, row: int, key: K) -> None:
        keys = self._keys_of.get(row)
        if keys is not None:
            keys.pop(key, None)
            if not keys:
                del self._keys_of[row]

    def drop(self, key: K) -> None:
        """Forget all numbers of a key."""
        counts = self._by_key.pop(key, None)
        if counts is not None:
            self._derived.forget(counts)
            for row in counts.by_row:
                self._leave(row, key)

    def resize(self, capacity: int) -> None:
        self._capacity = capacity
        for counts in self._by_key.values():
            self._derived.forget(counts)

    def move(self, source: int, target: int) -> None:
        for key in list(self._keys_of.get(source, ())):
            amount = self._by_key[key].by_row[source]
            self.add(target, key, amount)
            self.add(source, key, -amount)
