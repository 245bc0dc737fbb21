"""Columns of what nodes have to give and what is left of it."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import IntArray, grown
from scheduler.framework.node_info import CPU, MEMORY
from scheduler.framework.pod_requests import Requests
from scheduler.framework.row_cache import RowJournal


class ResourceColumn:
    """One resource on all nodes. What is left is negative on a node that holds too much.

    ``divisor`` is ``allocatable`` to divide by: a float, and 1 where there is nothing. ``providers`` is how many
    nodes have any of the resource.
    """

    __slots__ = ("allocatable", "divisor", "free", "providers", "used")

    def __init__(self, capacity: int) -> None:
        self.allocatable: IntArray = np.zeros(capacity, dtype=np.int64)
        self.used: IntArray = np.zeros(capacity, dtype=np.int64)
        self.free: IntArray = np.zeros(capacity, dtype=np.int64)
        self.divisor: npt.NDArray[np.float64] = np.ones(capacity)
        self.providers = 0

    def set_allocatable(self, row: int, amount: int) -> None:
        self.providers += (amount > 0) - int(self.allocatable[row] > 0)
        self.allocatable[row] = amount
        self.free[row] = amount - self.used[row]
        self.divisor[row] = amount if amount > 0 else 1.0

    def take(self, row: int, amount: int) -> None:
        self.used[row] += amount
        self.free[row] -= amount

    def resize(self, capacity: int) -> None:
        self.allocatable = grown(self.allocatable, capacity)
        self.used = grown(self.used, capacity)
        self.free = grown(self.free, capacity)
        self.divisor = grown(self.divisor, capacity, 1.0)

    def move(self, source: int, target: int) -> None:
        self.take(target, int(self.used[source]))
        self.take(source, -int(self.used[source]))
        self.set_allocatable(target, int(self.allocatable[source]))
        self.set_allocatable(source, 0)


class ResourceColumns:
    """The columns by resource name, and the number of further pods that each node takes.

    ``scored`` has columns for cpu and memory that count pods as scoring does, with the defaults for containers that
    request nothing. :attr:`journal` tells which rows have changed.
    """

    def __init__(self, capacity: int) -> None:
        self.journal = RowJournal()
        self._capacity = capacity
        self._columns = {name: ResourceColumn(capacity) for name in (CPU, MEMORY)}
        self._scored = {name: ResourceColumn(capacity) for name in (CPU, MEMORY)}
        self._free_slots: IntArray = np.zeros(capacity, dtype=np.int64)

    # Reading

    def column(self, resource: str) -> ResourceColumn | None:
        """Return the column, ``None`` when no node has the resource and no pod on one asks for it."""
        return self._columns.get(resource)

    def scored(self, resource: str) -> ResourceColumn:
        """Return the column of ``cpu`` or ``memory`` as scoring counts."""
        return self._scored[resource]

    @property
    def free_slots(self) -> IntArray:
        return self._free_slots

    # Writing

    def set_allocatable(self, row: int, amounts: Iterable[tuple[str, int]], more_slots: int) -> None:
        """Change what a node has to ``amounts``, and let it take ``more_slots`` more pods than before."""
        wanted = dict(amounts)
        for name in wanted:
            self._existing(name)
        for columns in (self._columns, self._scored):
            for name, column in columns.items():
                column.set_allocatable(row, wanted.get(name, 0))
        self._free_slots[row] += more_slots
        self.journal.note(row)

    def _existing(self, name: str) -> ResourceColumn:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = ResourceColumn(self._capacity)
        return column

    def add(self, row: int, requests: Requests, pods: int) -> None:
        """Let ``pods`` pods of this kind take their place on a node; -1 gives it back."""
        for name, amount in requests.amounts:
            self._existing(name).take(row, pods * amount)
        self._scored[CPU].take(row, pods * requests.scored_milli_cpu)
        self._scored[MEMORY].take(row, pods * requests.scored_memory)
        self._free_slots[row] -= pods
        self.journal.note(row)

    # Rows

    def resize(self, capacity: int) -> None:
        self._capacity = capacity
        for columns in (self._columns, self._scored):
            for column in columns.values():
                column.resize(capacity)
        self._free_slots = grown(self._free_slots, capacity)

    def move(self, source: int, target: int) -> None:
        for columns in (self._columns, self._scored):
            for column in columns.values():
                column.move(source, target)
        self._free_slots[target] = self._free_slots[source]
        self._free_slots[source] = 0
        self.journal.note(target)
