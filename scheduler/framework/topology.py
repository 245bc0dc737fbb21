"""Topology domains: the nodes that have the same value of one label, such as a zone."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import BoolArray
from scheduler.framework.labels import LabelColumns
from scheduler.framework.taints import TaintColumn

_KEPT = 64

Numbers = npt.NDArray[np.int32]


@dataclass(slots=True, eq=False)
class Domains:
    """Nodes by their value of one label.

    ``numbers[row]`` is the number of the node's domain, -1 when it lacks the label; ``counted[row]`` is the same, but
    -1 too for nodes whose pods do not count. ``present[domain]`` tells which domains have a node that counts,
    ``found`` how many those are; ``size`` is one more than the largest number. ``key`` is what
    :meth:`Topology.domains` was asked for.
    """

    key: Hashable
    version: tuple[int, int]
    numbers: Numbers
    counted: Numbers
    size: int
    present: BoolArray
    found: int


class Topology:
    """Makes and keeps :class:`Domains` of the node table's labels."""

    def __init__(self, labels: LabelColumns, taints: TaintColumn) -> None:
        self._labels = labels
        self._taints = taints
        self._kept: OrderedDict[Hashable, Domains] = OrderedDict()
        self._masks: OrderedDict[Hashable, tuple[tuple[int, int], BoolArray]] = OrderedDict()

    @property
    def version(self) -> tuple[int, int]:
        """Changes whenever labels or taints of a node do, or nodes come and go."""
        return self._labels.version, self._taints.version

    def mask(self, key: Hashable, compute: Callable[[], BoolArray]) -> BoolArray:
        """Return a mask of nodes that depends on nothing but ``key``, labels and taints."""
        kept = self._masks.get(key)
        version = self.version
        if kept is None or kept[0] != version:
            kept = self._masks[key] = (version, compute())
            if len(self._masks) > _KEPT:
                self._masks.popitem(last=False)
        self._masks.move_to_end(key)
        return kept[1]

    def domains(self, label: str, count: int, among: Hashable = None, eligible: BoolArray | None = None) -> Domains:
        """Return the domains of the first ``count`` rows.

        Only the pods of ``eligible`` nodes count; ``among`` is the key under which that mask was made.
        """
        key = (label, among)
        kept = self._kept.get(key)
        version = self.version
        if kept is None or kept.version != version:
            kept = self._kept[key] = self._make(key, version, label, count, eligible)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept

    def _make(
        self, key: Hashable, version: tuple[int, int], label: str, count: int, eligible: BoolArray | None
    ) -> Domains:
        numbers, size = self._labels.numbers(label, count)
        counted = numbers if eligible is None else np.where(eligible, numbers, np.int32(-1))
        present = np.zeros(size, dtype=np.bool_)
        present[counted[counted >= 0]] = True
        return Domains(key, version, numbers, counted, size, present, int(present.sum()))
