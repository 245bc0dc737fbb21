"""NodeUnschedulable: cordoned nodes take no pods."""

from collections.abc import Sequence

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import EnqueueExtensions, FilterPlugin, Handle, Rejection
from scheduler.framework.node_info import NO_SCHEDULE, NodeInfo, Taint
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code

REASON = "node(s) were unschedulable"

UNSCHEDULABLE_TAINT = Taint("node.kubernetes.io/unschedulable", "", NO_SCHEDULE)
"""Whoever tolerates this taint may go to a cordoned node; daemon pods do."""


class NodeUnschedulable(FilterPlugin, EnqueueExtensions):
    """Rejects nodes with ``spec.unschedulable``, unless the pod tolerates that."""

    name = "NodeUnschedulable"

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        cordoned = nodes.unschedulable
        if cordoned is None or _tolerates(pod):
            return ()
        return [Rejection(REASON, cordoned.copy(), Code.UNSCHEDULABLE_AND_UNRESOLVABLE)]

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_TAINT, uncordoned),
            ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_TOLERATION),
        ]


def uncordoned(pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
    """Queue when the node takes pods by now and, if it was there before, took none then.

    Follows ``isSchedulableAfterNodeChange`` (v1.36). A pod that tolerates cordoned nodes can have been rejected only
    because there was no node at all.
    """
    if new is None or _tolerates(pod):
        return QueueingHint.QUEUE
    opened = not new.unschedulable and (old is None or old.unschedulable)
    return QueueingHint.QUEUE if opened else QueueingHint.SKIP


def _tolerates(pod: PodInfo) -> bool:
    return any(entry.tolerates(UNSCHEDULABLE_TAINT) for entry in pod.tolerations)


def new(args: None, handle: Handle) -> NodeUnschedulable:
    return NodeUnschedulable()
