"""NodeResourcesBalancedAllocation: better a node whose cpu and memory would be used in equal measure."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from apimachinery.names import is_extended_resource
from scheduler.config.args import NodeResourcesBalancedAllocationArgs
from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import MAX_NODE_SCORE, Handle, ScorePlugin
from scheduler.framework.node_info import CPU, MEMORY
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.resources import ResourceColumn
from scheduler.framework.row_cache import RowCache
from scheduler.plugins.resource_allocation import Wanted


def balance(nodes: NodeTable, rows: Rows, wanted_cpu: int, wanted_memory: int) -> IntArray:
    """Return 100 where the fractions of cpu and memory in use would be equal, down to 50 where one is full, one empty.

    Half the difference of the two fractions is their standard deviation, which is what upstream subtracts.
    """
    cpu, memory = nodes.resources.column(CPU), nodes.resources.column(MEMORY)
    assert cpu is not None
    assert memory is not None
    deviation = _fraction(cpu, rows, wanted_cpu)
    deviation -= _fraction(memory, rows, wanted_memory)
    np.abs(deviation, out=deviation)
    deviation /= 2
    if not cpu.providers == memory.providers == nodes.count:
        # With one fraction there is nothing to compare: the deviation is zero.
        deviation[(cpu.allocatable[rows] <= 0) | (memory.allocatable[rows] <= 0)] = 0.0
    np.subtract(1.0, deviation, out=deviation)
    deviation *= MAX_NODE_SCORE
    return deviation.astype(np.int64)


def _fraction(column: ResourceColumn, rows: Rows, wanted: int) -> npt.NDArray[np.float64]:
    """Return the fraction that would be in use, at most 1."""
    fraction: npt.NDArray[np.float64] = (column.used[rows] + wanted) / column.divisor[rows]
    return np.minimum(fraction, 1.0, out=fraction)


def deviation(nodes: NodeTable, rows: Rows, names: Sequence[str], wanted: Wanted) -> IntArray:
    """Return the same for any resources: 100 less the standard deviation of the fractions in use, in percent.

    A resource that a node has none of plays no part there, as does an extended one that the pod does not ask for.
    """
    fractions, present = [], []
    for name, amount in zip(names, wanted, strict=True):
        column = nodes.resources.column(name)
        if column is not None and (amount or not is_extended_resource(name)):
            fractions.append(_fraction(column, rows, amount))
            present.append(column.allocatable[rows] > 0)
    if not fractions:
        return np.zeros(rows.stop if isinstance(rows, slice) else len(rows), dtype=np.int64)
    used, there = np.array(fractions), np.array(present)
    used[~there] = 0.0
    parts = np.maximum(there.sum(axis=0), 1)
    spread = np.where(there, used - used.sum(axis=0) / parts, 0.0)
    balanced: IntArray = ((1.0 - np.sqrt((spread**2).sum(axis=0) / parts)) * MAX_NODE_SCORE).astype(np.int64)
    return balanced


class NodeResourcesBalancedAllocation(ScorePlugin):
    """Pods that ask for none of the resources are not scored: they would all go to the one most balanced node."""

    name = "NodeResourcesBalancedAllocation"

    def __init__(self, args: NodeResourcesBalancedAllocationArgs | None = None) -> None:
        args = args or NodeResourcesBalancedAllocationArgs()
        self._names = tuple(entry.name for entry in args.resources)
        self._two = self._names == (CPU, MEMORY)
        self._scores: RowCache[Wanted] = RowCache()

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        amounts = dict(pod.requests.amounts)
        wanted = tuple(amounts.get(name, 0) for name in self._names)
        if not any(wanted):
            return None
        return self._scores.of(
            wanted, nodes.resources.journal, nodes.count, lambda rows: self._balance(nodes, rows, wanted)
        )

    def _balance(self, nodes: NodeTable, rows: Rows, wanted: Wanted) -> IntArray:
        if self._two:
            return balance(nodes, rows, *wanted)
        return deviation(nodes, rows, self._names, wanted)


def new(args: NodeResourcesBalancedAllocationArgs | None, handle: Handle) -> NodeResourcesBalancedAllocation:
    return NodeResourcesBalancedAllocation(args)
