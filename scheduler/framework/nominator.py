"""Which waiting pods have been promised a node: the ones that made room there by preemption."""

from collections.abc import Mapping

from scheduler.framework.pod_info import PodInfo


class Nominator:
    """Nominated pods by node. Follows upstream's ``pkg/scheduler/backend/queue/nominator.go`` (v1.36).

    A promise counts against pods of the same or a lower priority, until the pod has a node, or another promise.
    """

    def __init__(self) -> None:
        self._node_of: dict[str, str] = {}
        self._pods: dict[str, dict[str, PodInfo]] = {}

    def __len__(self) -> int:
        return len(self._node_of)

    def node_of(self, uid: str) -> str:
        """Return the node that a pod was promised, empty when none was."""
        return self._node_of.get(uid, "")

    def pods_on(self, node_name: str) -> Mapping[str, PodInfo]:
        """Return the pods by uid that have been promised the node."""
        return self._pods.get(node_name, {})

    def nominate(self, pod: PodInfo, node_name: str) -> None:
        """Promise a pod a node, in place of any other; the empty name takes the promise back."""
        self.forget(pod.uid)
        if node_name:
            self._node_of[pod.uid] = node_name
            self._pods.setdefault(node_name, {})[pod.uid] = pod

    def update(self, pod: PodInfo) -> None:
        """Take note of a waiting pod as the API server shows it, new or changed.

        The status that names its node may still be on its way: a promise is kept while the pod shows none.
        """
        node_name = pod.nominated_node_name or self.node_of(pod.uid)
        if node_name:
            self.nominate(pod, node_name)

    def forget(self, uid: str) -> None:
        """Take back what a pod was promised, if anything."""
        node_name = self._node_of.pop(uid, None)
        if node_name is not None:
            pods = self._pods[node_name]
            del pods[uid]
            if not pods:
                del self._pods[node_name]

    def claims(self, pod: PodInfo) -> dict[str, list[PodInfo]]:
        """Return the other pods by node that have a promise which a decision about ``pod`` must honour."""
        found: dict[str, list[PodInfo]] = {}
        for node_name, pods in self._pods.items():
            entitled = [other for other in pods.values() if other.priority >= pod.priority and other.uid != pod.uid]
            if entitled:
                found[node_name] = entitled
        return found
