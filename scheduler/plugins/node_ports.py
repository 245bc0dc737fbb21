"""NodePorts: two pods of a node cannot have the same host port."""

from collections.abc import Sequence

from scheduler.framework.arrays import BoolArray
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.interface import EnqueueExtensions, FilterPlugin, Handle, Rejection
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code

REASON = "node(s) didn't have free ports for the requested pod ports"


class NodePorts(FilterPlugin, EnqueueExtensions):
    """Rejects nodes where a pod holds a host port that this one asks for, same protocol and overlapping address."""

    name = "NodePorts"

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        taken: BoolArray | None = None
        for port in pod.host_ports:
            holders = nodes.ports.conflicts(port, nodes.count)
            if holders is not None:
                taken = holders if taken is None else taken | holders
        return () if taken is None else [Rejection(REASON, taken, Code.UNSCHEDULABLE)]

    def events_to_register(self) -> Sequence[ClusterEvent]:
        return [
            ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE),
            ClusterEvent(EventResource.NODE, Action.ADD),
        ]


def new(handle: Handle) -> NodePorts:
    return NodePorts()
