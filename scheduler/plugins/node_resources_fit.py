"""NodeResourcesFit: a node must have enough left of everything a pod asks for; the emptier, the better."""

from collections.abc import Sequence

import numpy as np

from scheduler.framework.arrays import BoolArray, IntArray, Rows
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import (
    MAX_NODE_SCORE,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    Rejection,
    ScorePlugin,
)
from scheduler.framework.node_info import CPU, MEMORY
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.resources import ResourceColumn
from scheduler.framework.row_cache import RowCache
from scheduler.framework.status import Code

REASON_PODS = "Too many pods"


def insufficient(resource: str) -> str:
    """Return the reason for a node that has too little of a resource."""
    return f"Insufficient {resource}"


def _lacking(resource: str, wanted: int, nodes: NodeTable) -> list[Rejection]:
    reason, count = insufficient(resource), nodes.count
    column = nodes.resources.column(resource)
    if column is None:
        return [Rejection(reason, np.ones(count, dtype=np.bool_), Code.UNSCHEDULABLE_AND_UNRESOLVABLE)]
    short: BoolArray = column.free[:count] < wanted
    # An empty node would be too small as well: no pod's going would help.
    too_small: BoolArray = column.allocatable[:count] < wanted
    if not too_small.any():
        return [Rejection(reason, short, Code.UNSCHEDULABLE)]
    return [
        Rejection(reason, short & ~too_small, Code.UNSCHEDULABLE),
        Rejection(reason, too_small, Code.UNSCHEDULABLE_AND_UNRESOLVABLE),
    ]


def _all_fit(pod: PodInfo, nodes: NodeTable) -> bool:
    count = nodes.count
    fits: BoolArray = nodes.resources.free_slots[:count] > 0
    for resource, wanted in pod.requests.amounts:
        column = nodes.resources.column(resource)
        if column is None:
            return False
        fits &= column.free[:count] >= wanted
    return bool(fits.all())


def least_allocated(nodes: NodeTable, rows: Rows, wanted_cpu: int, wanted_memory: int) -> IntArray:
    """Return what would be left of cpu and memory with the pod on each node, in percent, their mean rounded down."""
    cpu, memory = nodes.resources.scored(CPU), nodes.resources.scored(MEMORY)
    total = _percent_left(cpu, rows, wanted_cpu)
    total += _percent_left(memory, rows, wanted_memory)
    if cpu.providers == memory.providers == nodes.count:
        total //= 2
        return total
    # A node that reports no capacity at all for a resource is scored by the other one alone.
    parts = (cpu.allocatable[rows] > 0).astype(np.int64) + (memory.allocatable[rows] > 0)
    return total // np.maximum(parts, 1)


def _percent_left(column: ResourceColumn, rows: Rows, wanted: int) -> IntArray:
    """Return whole percents, at least 0.

    Exact for capacities up to 2^46 (64 TiB of memory): below that, no quotient that is not whole is so close to a
    whole number that the division would round to it.
    """
    left = column.free[rows] - wanted
    np.maximum(left, 0, out=left)
    left *= MAX_NODE_SCORE
    whole: IntArray = (left / column.divisor[rows]).astype(np.int64)
    return whole


class NodeResourcesFit(FilterPlugin, ScorePlugin, EnqueueExtensions):
    """Filters by cpu, memory, ephemeral storage, extended resources and the number of pods.

    Scores with upstream's default strategy, LeastAllocated over cpu and memory in equal parts.
    """

    name = "NodeResourcesFit"

    def __init__(self) -> None:
        self._scores: RowCache[tuple[int, int]] = RowCache()

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        # Most often there is room on all nodes, or on all that an earlier filter has left.
        if _all_fit(pod, nodes):
            return ()
        full: BoolArray = nodes.resources.free_slots[: nodes.count] <= 0
        found = [Rejection(REASON_PODS, full, Code.UNSCHEDULABLE)]
        for resource, wanted in pod.requests.amounts:
            found += _lacking(resource, wanted, nodes)
        return found

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        cpu, memory = pod.requests.scored_milli_cpu, pod.requests.scored_memory
        return self._scores.of(
            (cpu, memory), nodes.resources.journal, nodes.count, lambda rows: least_allocated(nodes, rows, cpu, memory)
        )

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.ASSIGNED_POD, Action.DELETE | Action.UPDATE_POD_SCALE_DOWN),
            ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_ALLOCATABLE),
            ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_SCALE_DOWN),
        ]


def new(args: None, handle: Handle) -> NodeResourcesFit:
    return NodeResourcesFit()
