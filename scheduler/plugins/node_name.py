"""NodeName: a pod that names its node goes nowhere else."""

from collections.abc import Sequence

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import EnqueueExtensions, FilterPlugin, Handle, Rejection
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code

REASON = "node(s) didn't match the requested node name"


class NodeName(FilterPlugin, EnqueueExtensions):
    """Rejects every node but the one that ``spec.nodeName`` names."""

    name = "NodeName"

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        if not pod.node_name:
            return ()
        others = ~nodes.name_mask((pod.node_name,))
        return [Rejection(REASON, others, Code.UNSCHEDULABLE_AND_UNRESOLVABLE)]

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [ClusterEventWithHint(EventResource.NODE, Action.ADD)]


def new(args: None, handle: Handle) -> NodeName:
    return NodeName()
