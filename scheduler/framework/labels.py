"""Columns of node labels: one per label key, each node's value as a small number.

A requirement such as ``zone in (a, b)`` is decided once per different value, and one array look-up carries the
verdicts to all nodes.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from apimachinery.selectors import Operator, Requirement
from scheduler.framework.arrays import BoolArray, grown
from scheduler.framework.interning import Interner
from scheduler.framework.node_selection import parse_integer

_ABSENT = -1


class _LabelColumn:
    """The values of one key: ``numbers[row]`` is the interned value, -1 where the node lacks the key."""

    __slots__ = ("numbers", "values")

    def __init__(self, capacity: int) -> None:
        self.values: Interner[str] = Interner()
        self.numbers: npt.NDArray[np.int32] = np.full(capacity, _ABSENT, dtype=np.int32)

    def verdicts(self, requirement: Requirement) -> BoolArray:
        """Return the answer for each value's number; the last element, index -1, is the one for "absent"."""
        operator = requirement.operator
        holds = np.zeros(self.values.size + 1, dtype=np.bool_)
        if operator in {Operator.NOT_IN, Operator.EXISTS}:
            holds[:] = True
        if operator is Operator.EXISTS:
            holds[-1] = False
        elif operator is Operator.DOES_NOT_EXIST:
            holds[-1] = True
        elif operator in {Operator.IN, Operator.NOT_IN}:
            for value in requirement.values:
                number = self.values.get(value)
                if number is not None:
                    holds[number] = operator is Operator.IN
        else:
            self._compare(requirement, holds)
        return holds

    def _compare(self, requirement: Requirement, holds: BoolArray) -> None:
        bound = parse_integer(next(iter(requirement.values)))
        if bound is None:
            return
        greater = requirement.operator is Operator.GREATER_THAN
        for text, number in self.values.items():
            value = parse_integer(text)
            holds[number] = value is not None and (value > bound if greater else value < bound)


class LabelColumns:
    """All label columns. :attr:`version` changes whenever any node's labels, or the rows themselves, do."""

    def __init__(self, capacity: int) -> None:
        self.version = 0
        self._capacity = capacity
        self._columns: dict[str, _LabelColumn] = {}

    def mask(self, requirement: Requirement, count: int) -> BoolArray:
        """Return for each of the first ``count`` rows whether the node's labels meet the requirement."""
        column = self._columns.get(requirement.key)
        if column is None:
            absent_meets = requirement.operator in {Operator.NOT_IN, Operator.DOES_NOT_EXIST}
            return np.full(count, absent_meets, dtype=np.bool_)
        return column.verdicts(requirement)[column.numbers[:count]]

    def numbers(self, key: str, count: int) -> tuple[npt.NDArray[np.int32], int]:
        """Return a copy of the numbers of the first ``count`` rows' values, and how many different ones there can be.

        -1 stands for nodes that lack the label.
        """
        column = self._columns.get(key)
        if column is None:
            return np.full(count, _ABSENT, dtype=np.int32), 0
        return column.numbers[:count].copy(), column.values.size

    def set_labels(self, row: int, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Change a node's labels from ``old`` to ``new``."""
        self.version += 1
        for key, value in new.items():
            if old.get(key) == value:
                continue
            column = self._columns.get(key)
            if column is None:
                column = self._columns[key] = _LabelColumn(self._capacity)
            number = column.values.acquire(value)
            self._release(column, row)
            column.numbers[row] = number
        for key in old:
            if key not in new:
                column = self._columns[key]
                self._release(column, row)
                column.numbers[row] = _ABSENT
                if not column.values.held:
                    del self._columns[key]

    @staticmethod
    def _release(column: _LabelColumn, row: int) -> None:
        held = int(column.numbers[row])
        if held != _ABSENT:
            column.values.release(held)

    def resize(self, capacity: int) -> None:
        self._capacity = capacity
        for column in self._columns.values():
            column.numbers = grown(column.numbers, capacity, _ABSENT)

    def move(self, source: int, target: int) -> None:
        self.version += 1
        for column in self._columns.values():
            column.numbers[target] = column.numbers[source]
            column.numbers[source] = _ABSENT
