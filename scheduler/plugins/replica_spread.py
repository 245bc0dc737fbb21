"""ReplicaSpread: pods of one controller, or of one Service, go to different nodes where they can.

Not one of upstream's plugins today; the rule is that of its former SelectorSpread.
"""

from scheduler.framework.arrays import IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.default_selector import DefaultSelectors
from scheduler.framework.interface import Handle, ScorePlugin
from scheduler.framework.node_table import NodeTable
from scheduler.framework.normalize import default_normalize
from scheduler.framework.pod_info import PodInfo


class ReplicaSpread(ScorePlugin):
    """Counts the pods of the same controller on each node; fewer is better. Pods that are going do not count.

    Of a pod without a controller, those that belong to the same Services count. Pods that say themselves which way
    of spreading they prefer are left to PodTopologySpread.
    """

    name = "ReplicaSpread"

    def __init__(self, selectors: DefaultSelectors) -> None:
        self._selectors = selectors

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        if pod.spread is not None and pod.spread.soft:
            return None
        if pod.controller:
            return nodes.replicas.vector(pod.controller, nodes.count)
        selection = self._selectors.of(pod)
        return None if selection is None else nodes.pods.vector(selection, nodes.count)

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        return default_normalize(scores, reverse=True)


def new(args: None, handle: Handle) -> ReplicaSpread:
    return ReplicaSpread(handle.shared(DefaultSelectors))
