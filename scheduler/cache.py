"""The scheduler's view of the cluster: its nodes, and the pods on them, bound or about to be.

A pod that was given a node is *assumed* to be there at once, so that the next decision counts it, while the binding
is still on its way to the API server. The watch event that shows it bound confirms it; a failed binding forgets it.

::

    assume ──> assumed ──finish_binding──> bound, unconfirmed ──add_pod──> confirmed ──remove_pod──> gone
                  │                                │
                  └──forget──> gone                └──no event for 15 minutes──> expired, gone
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from apimachinery.clock import Clock
from scheduler.framework.events import Action
from scheduler.framework.node_info import NodeInfo
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo


@dataclass(slots=True)
class _CachedPod:
    pod: PodInfo
    assumed: bool


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """``assumed`` pods are among ``pods``."""

    nodes: int
    pods: int
    assumed: int


class SchedulerCache:
    """Keeps :attr:`nodes` in step with nodes and pods, whatever the order in which news of them comes.

    Pods may be on nodes that are not known, yet or any longer; they count as soon as the node is there.
    """

    def __init__(self, clock: Clock, assumed_pod_seconds: float) -> None:
        self.nodes = NodeTable()
        self._clock = clock
        self._assumed_pod_seconds = assumed_pod_seconds
        self._pods: dict[str, _CachedPod] = {}
        self._pods_on: dict[str, dict[str, PodInfo]] = {}
        self._assumed = 0
        # Deadlines are always as far away, so that the first in is the first due.
        self._deadlines: deque[tuple[float, str]] = deque()

    # Nodes

    def set_node(self, info: NodeInfo) -> tuple[NodeInfo | None, Action]:
        """Add or change a node; return what it was, and what has changed that can matter to a waiting pod."""
        if info.name in self.nodes:
            old = self.nodes.update_node(info)
            return old, info.changes_from(old)
        self.nodes.add_node(info)
        for pod in self._pods_on.get(info.name, {}).values():
            self.nodes.add_pod(info.name, pod)
        return None, Action.ADD

    def remove_node(self, name: str) -> None:
        """Forget a node, not the pods on it: they are removed one by one as they go."""
        if name not in self.nodes:
            return
        for pod in self._pods_on.get(name, {}).values():
            self.nodes.remove_pod(name, pod)
        self.nodes.remove_node(name)

    # Pods on their way

    def assume(self, pod: PodInfo) -> None:
        """Count a pod on the node that was chosen for it (its ``node_name``)."""
        if pod.uid in self._pods:
            raise ValueError(f"pod {pod.key} has a node already")
        self._pods[pod.uid] = _CachedPod(pod, assumed=True)
        self._assumed += 1
        self._place(pod)

    def is_assumed(self, uid: str) -> bool:
        """Return whether a pod counts on a node without the API server having shown it there."""
        cached = self._pods.get(uid)
        return cached is not None and cached.assumed

    def finish_binding(self, uid: str) -> None:
        """The API server has accepted the binding: from now on the confirmation is awaited, but not for ever."""
        if self.is_assumed(uid):
            self._deadlines.append((self._clock.monotonic() + self._assumed_pod_seconds, uid))

    def forget(self, uid: str) -> bool:
        """Give back an assumed pod's place; return whether there was one."""
        if not self.is_assumed(uid):
            return False
        self._assumed -= 1
        self._displace(self._pods.pop(uid).pod)
        return True

    def expire_assumed(self) -> list[PodInfo]:
        """Forget and return the pods whose binding was not confirmed in time."""
        expired = []
        now = self._clock.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            uid = self._deadlines.popleft()[1]
            cached = self._pods.get(uid)
            if cached is not None and self.forget(uid):
                expired.append(cached.pod)
        return expired

    # Pods on nodes, as the API server shows them

    def set_pod(self, pod: PodInfo) -> PodInfo | None:
        """Add, confirm or change a pod that has a node; return what was known of it before, if anything."""
        cached = self._pods.get(pod.uid)
        if cached is None:
            self._pods[pod.uid] = _CachedPod(pod, assumed=False)
            self._place(pod)
            return None
        old = cached.pod
        if cached.assumed:
            cached.assumed = False
            self._assumed -= 1
        cached.pod = pod
        if pod == old:
            self._pods_on[pod.node_name][pod.uid] = pod
        else:
            self._displace(old)
            self._place(pod)
        return old

    def remove_pod(self, uid: str) -> PodInfo | None:
        """Forget a pod, assumed or not; return what was known of it."""
        cached = self._pods.pop(uid, None)
        if cached is None:
            return None
        self._assumed -= cached.assumed
        self._displace(cached.pod)
        return cached.pod

    def _place(self, pod: PodInfo) -> None:
        self._pods_on.setdefault(pod.node_name, {})[pod.uid] = pod
        if pod.node_name in self.nodes:
            self.nodes.add_pod(pod.node_name, pod)

    def _displace(self, pod: PodInfo) -> None:
        pods = self._pods_on[pod.node_name]
        del pods[pod.uid]
        if not pods:
            del self._pods_on[pod.node_name]
        if pod.node_name in self.nodes:
            self.nodes.remove_pod(pod.node_name, pod)

    def pods_on(self, node_name: str) -> Collection[PodInfo]:
        """Return the pods that count on a node, assumed ones included."""
        found = self._pods_on.get(node_name)
        return found.values() if found is not None else ()

    def statistics(self) -> CacheStatistics:
        return CacheStatistics(self.nodes.count, len(self._pods), self._assumed)
