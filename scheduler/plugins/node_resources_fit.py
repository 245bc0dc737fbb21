"""NodeResourcesFit: a node must have enough left of everything a pod asks for; the emptier, the better."""

from collections.abc import Iterable, Sequence

import numpy as np

from apimachinery.names import is_extended_resource
from scheduler.config.args import NodeResourcesFitArgs
from scheduler.framework.arrays import BoolArray, IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import (
    CountingFilter,
    EnqueueExtensions,
    Handle,
    Rejection,
    ScorePlugin,
)
from scheduler.framework.node_info import PODS, NodeInfo
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.row_cache import RowCache
from scheduler.framework.status import Code
from scheduler.plugins.resource_allocation import Wanted, scorer, wanted_for_scoring

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


def _all_fit(amounts: Iterable[tuple[str, int]], nodes: NodeTable) -> bool:
    count = nodes.count
    fits: BoolArray = nodes.resources.free_slots[:count] > 0
    for resource, wanted in amounts:
        column = nodes.resources.column(resource)
        if column is None:
            return False
        fits &= column.free[:count] >= wanted
    return bool(fits.all())


def _demand(resource: str, wanted: int, nodes: NodeTable) -> Demand:
    column = nodes.resources.column(resource)
    free = column.free[: nodes.count] if column is not None else np.zeros(nodes.count, dtype=np.int64)

    def takes(other: PodInfo) -> int:
        return sum(amount for name, amount in other.requests.amounts if name == resource)

    return Demand(resource, insufficient(resource), free - wanted, takes, wanted)


class NodeResourcesFit(CountingFilter, ScorePlugin, EnqueueExtensions):
    """Filters by cpu, memory, ephemeral storage, extended resources and the number of pods.

    Scores with the strategy of its arguments, by default LeastAllocated over cpu and memory in equal parts.
    """

    name = "NodeResourcesFit"

    def __init__(self, args: NodeResourcesFitArgs | None = None) -> None:
        args = args or NodeResourcesFitArgs()
        self._ignored = frozenset(args.ignored_resources)
        self._ignored_groups = frozenset(args.ignored_resource_groups)
        self._resources = args.scoring_strategy.resources
        self._scorer = scorer(args.scoring_strategy)
        self._scores: RowCache[Wanted] = RowCache()

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        amounts = self._counted(pod)
        # Most often there is room on all nodes, or on all that an earlier filter has left.
        if _all_fit(amounts, nodes):
            return ()
        full: BoolArray = nodes.resources.free_slots[: nodes.count] <= 0
        found = [Rejection(REASON_PODS, full, Code.UNSCHEDULABLE)]
        for resource, wanted in amounts:
            found += _lacking(resource, wanted, nodes)
        return found

    def demands(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Demand]:
        slots = nodes.resources.free_slots[: nodes.count] - 1
        room = Demand(PODS, REASON_PODS, slots, lambda other: 1, wants=1)
        return [room, *(_demand(*entry, nodes) for entry in self._counted(pod))]

    def _counted(self, pod: PodInfo) -> tuple[tuple[str, int], ...]:
        """Return what the pod asks for, without what is ignored."""
        if not self._ignored and not self._ignored_groups:
            return pod.requests.amounts
        return tuple(entry for entry in pod.requests.amounts if not self._ignores(entry[0]))

    def _ignores(self, resource: str) -> bool:
        if not is_extended_resource(resource):
            return False
        return resource in self._ignored or resource.split("/")[0] in self._ignored_groups

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        wanted = wanted_for_scoring(pod.requests, self._resources)
        return self._scores.of(
            wanted, nodes.resources.journal, nodes.count, lambda rows: self._scorer(nodes, rows, wanted)
        )

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.ASSIGNED_POD, Action.DELETE | Action.UPDATE_POD_SCALE_DOWN, pod_left),
            ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_ALLOCATABLE, self.node_may_fit),
            ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_SCALE_DOWN),
        ]

    def node_may_fit(self, pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
        """Queue when the pod would fit on the node if that were empty, and a changed one has more of what it asks for.

        Follows ``isSchedulableAfterNodeEvent`` (v1.36).
        """
        if new is None:
            return QueueingHint.QUEUE
        has, amounts = dict(new.allocatable), self._counted(pod)
        if new.allowed_pods <= 0 or any(has.get(name, 0) < wanted for name, wanted in amounts):
            return QueueingHint.SKIP
        if old is None:
            return QueueingHint.QUEUE
        had = dict(old.allocatable)
        more = any(has.get(name, 0) > had.get(name, 0) for name, _ in amounts)
        return QueueingHint.QUEUE if more or new.allowed_pods > old.allowed_pods else QueueingHint.SKIP


def pod_left(pod: PodInfo, old: PodInfo | None, new: PodInfo | None) -> QueueingHint:
    """Queue when a pod that went, or shrank, gives back something that the waiting one asks for.

    Follows ``isSchedulableAfterPodEvent`` (v1.36): a pod that goes gives back its slot, which helps anybody.
    """
    if old is None or new is None:
        return QueueingHint.QUEUE
    before, after = dict(old.requests.amounts), dict(new.requests.amounts)
    shrank = any(after.get(name, 0) < before.get(name, 0) for name, _ in pod.requests.amounts)
    return QueueingHint.QUEUE if shrank else QueueingHint.SKIP


def new(args: NodeResourcesFitArgs | None, handle: Handle) -> NodeResourcesFit:
    return NodeResourcesFit(args)
