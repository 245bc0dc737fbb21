"""NodePorts: two pods of a node cannot have the same host port."""

from collections.abc import Sequence

import numpy as np

from scheduler.framework.arrays import BoolArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import (
    ALL_NODES,
    SKIP_FILTER,
    CountingFilter,
    EnqueueExtensions,
    Handle,
    PreFilterPlugin,
    PreFilterResult,
    Rejection,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code

REASON = "node(s) didn't have free ports for the requested pod ports"


class NodePorts(PreFilterPlugin, CountingFilter, EnqueueExtensions):
    """Rejects nodes where a pod holds a host port that this one asks for, same protocol and overlapping address."""

    name = "NodePorts"

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        return ALL_NODES if pod.host_ports else SKIP_FILTER

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        taken: BoolArray | None = None
        for port in pod.host_ports:
            holders = nodes.ports.conflicts(port, nodes.count)
            if holders is not None:
                taken = holders if taken is None else taken | holders
        return () if taken is None else [Rejection(REASON, taken, Code.UNSCHEDULABLE)]

    def demands(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Demand]:
        wanted = pod.host_ports
        spare = np.zeros(nodes.count, dtype=np.int64)
        for port in wanted:
            holders = nodes.ports.holders(port, nodes.count)
            if holders is not None:
                spare -= holders

        def takes(other: PodInfo) -> int:
            return sum(held.conflicts(port) for held in other.host_ports for port in wanted)

        return [Demand(wanted, REASON, spare, takes, wants=0)]

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.ASSIGNED_POD, Action.DELETE, port_freed),
            ClusterEventWithHint(EventResource.NODE, Action.ADD),
        ]


def port_freed(pod: PodInfo, old: PodInfo | None, new: PodInfo | None) -> QueueingHint:
    """Queue when the pod that went had a port that the waiting one asks for.

    Follows ``isSchedulableAfterPodDeleted`` (v1.36).
    """
    if old is None:
        return QueueingHint.QUEUE
    freed = any(held.conflicts(wanted) for held in old.host_ports for wanted in pod.host_ports)
    return QueueingHint.QUEUE if freed else QueueingHint.SKIP


def new(args: None, handle: Handle) -> NodePorts:
    return NodePorts()
