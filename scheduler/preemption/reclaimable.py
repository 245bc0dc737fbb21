"""What less important pods have of each node, as columns."""

from collections.abc import Callable, Hashable, Iterable

import numpy as np

from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.demands import Demand
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.row_cache import RowCache

PodsOn = Callable[[str], Iterable[PodInfo]]


class Reclaimable:
    """Sums over the pods of each node whose priority is lower than a given one.

    A sum is made when it is first asked for, and follows the nodes' journal from then on: without preemption
    there is nothing to keep.
    """

    def __init__(self, pods_on: PodsOn) -> None:
        self._pods_on = pods_on
        self._sums: RowCache[tuple[int, Hashable]] = RowCache()

    def pods(self, nodes: NodeTable, priority: int) -> IntArray:
        """Return how many such pods there are."""
        return self._of(nodes, priority, Reclaimable, lambda pod: 1)

    def amounts(self, nodes: NodeTable, priority: int, demand: Demand) -> IntArray:
        """Return how much they have of what is demanded."""
        return self._of(nodes, priority, demand.key, demand.takes)

    def _of(self, nodes: NodeTable, priority: int, key: Hashable, takes: Callable[[PodInfo], int]) -> IntArray:
        def compute(rows: Rows) -> IntArray:
            names = nodes.names[: rows.stop] if isinstance(rows, slice) else [nodes.names[row] for row in rows]
            sums = (sum(takes(pod) for pod in self._pods_on(name) if pod.priority < priority) for name in names)
            return np.fromiter(sums, dtype=np.int64, count=len(names))

        return self._sums.of((priority, key), nodes.resources.journal, nodes.count, compute)
