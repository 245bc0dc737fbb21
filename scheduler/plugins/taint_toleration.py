"""TaintToleration: pods stay off nodes whose taints they do not tolerate."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from scheduler.framework.arrays import IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import (
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    Rejection,
    ScorePlugin,
)
from scheduler.framework.node_info import NO_EXECUTE, NO_SCHEDULE, PREFER_NO_SCHEDULE, NodeInfo
from scheduler.framework.node_table import NodeTable
from scheduler.framework.normalize import default_normalize
from scheduler.framework.pod_info import PodInfo, Toleration
from scheduler.framework.status import Code
from scheduler.framework.taints import TaintColumn, TaintSet

# Since v1.34.2 upstream no longer tells which taint it was: taints of nodes may be none of the pod owner's business.
REASON = "node(s) had untolerated taint(s)"

_KEPT = 256

Tolerations = tuple[Toleration, ...]


def intolerable(taints: TaintSet, tolerations: Tolerations) -> int:
    """Return how many taints that keep pods off are not tolerated."""
    return sum(
        taint.effect in {NO_SCHEDULE, NO_EXECUTE} and not any(entry.tolerates(taint) for entry in tolerations)
        for taint in taints
    )


def unwelcome(taints: TaintSet, tolerations: Tolerations) -> int:
    """Return how many ``PreferNoSchedule`` taints are not tolerated."""
    return sum(
        taint.effect == PREFER_NO_SCHEDULE and not any(entry.tolerates(taint) for entry in tolerations)
        for taint in taints
    )


class _Verdicts:
    """A number per set of taints, worked out once for each list of tolerations and set of sets."""

    def __init__(self, judge: Callable[[TaintSet, Tolerations], int]) -> None:
        self._judge = judge
        self._kept: OrderedDict[Tolerations, tuple[int, IntArray]] = OrderedDict()

    def of(self, tolerations: Tolerations, column: TaintColumn) -> IntArray:
        """Return the verdict for each set's number."""
        kept = self._kept.get(tolerations)
        if kept is not None and kept[0] == column.sets.version:
            self._kept.move_to_end(tolerations)
            return kept[1]
        verdicts = np.zeros(column.sets.size, dtype=np.int64)
        for taints, number in column.sets.items():
            verdicts[number] = self._judge(taints, tolerations)
        self._kept[tolerations] = (column.sets.version, verdicts)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return verdicts


class TaintToleration(FilterPlugin, ScorePlugin, EnqueueExtensions):
    """Rejects nodes with untolerated ``NoSchedule`` or ``NoExecute`` taints; ``PreferNoSchedule`` ones cost score."""

    name = "TaintToleration"

    def __init__(self) -> None:
        self._intolerable = _Verdicts(intolerable)
        self._unwelcome = _Verdicts(unwelcome)

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        if nodes.taints.untainted:
            return ()
        verdicts = self._intolerable.of(pod.tolerations, nodes.taints)
        if not verdicts.any():
            return ()
        tainted = verdicts[nodes.taints.numbers[: nodes.count]] > 0
        return [Rejection(REASON, tainted, Code.UNSCHEDULABLE_AND_UNRESOLVABLE)]

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        if nodes.taints.untainted:
            return None
        verdicts = self._unwelcome.of(pod.tolerations, nodes.taints)
        if not verdicts.any():
            return None
        scores: IntArray = verdicts[nodes.taints.numbers[: nodes.count]]
        return scores

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        return default_normalize(scores, reverse=True)

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_TAINT, tolerable),
            ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_TOLERATION),
        ]


def tolerable(pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
    """Queue when the pod tolerates the node by now and, if it was there before, did not then.

    Follows ``isSchedulableAfterNodeChange`` (v1.36).
    """
    if new is None:
        return QueueingHint.QUEUE
    tolerated = not intolerable(new.taints, pod.tolerations)
    before = old is not None and not intolerable(old.taints, pod.tolerations)
    return QueueingHint.QUEUE if tolerated and not before else QueueingHint.SKIP


def new(args: None, handle: Handle) -> TaintToleration:
    return TaintToleration()
