"""NodeResourcesBalancedAllocation: better a node whose cpu and memory would be used in equal measure."""

import numpy as np
import numpy.typing as npt

from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import MAX_NODE_SCORE, Handle, ScorePlugin
from scheduler.framework.node_info import CPU, MEMORY
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.resources import ResourceColumn
from scheduler.framework.row_cache import RowCache


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


class NodeResourcesBalancedAllocation(ScorePlugin):
    """Pods that ask for neither are not scored: they would all go to the one most balanced node."""

    name = "NodeResourcesBalancedAllocation"

    def __init__(self) -> None:
        self._scores: RowCache[tuple[int, int]] = RowCache()

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        wanted = dict(pod.requests.amounts)
        cpu, memory = wanted.get(CPU, 0), wanted.get(MEMORY, 0)
        if not cpu and not memory:
            return None
        return self._scores.of(
            (cpu, memory), nodes.resources.journal, nodes.count, lambda rows: balance(nodes, rows, cpu, memory)
        )


def new(args: None, handle: Handle) -> NodeResourcesBalancedAllocation:
    return NodeResourcesBalancedAllocation()
