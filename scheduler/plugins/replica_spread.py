"""ReplicaSpread: replicas of one controller go to different nodes where they can.

Not one of upstream's plugins today; the rule is that of its former SelectorSpread, by controller.
"""

from scheduler.framework.arrays import IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import Handle, ScorePlugin
from scheduler.framework.node_table import NodeTable
from scheduler.framework.normalize import default_normalize
from scheduler.framework.pod_info import PodInfo


class ReplicaSpread(ScorePlugin):
    """Counts the pods of the same controller on each node; fewer is better. Pods that are going do not count."""

    name = "ReplicaSpread"

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        return nodes.replicas.vector(pod.controller, nodes.count) if pod.controller else None

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        return default_normalize(scores, reverse=True)


def new(args: None, handle: Handle) -> ReplicaSpread:
    return ReplicaSpread()
