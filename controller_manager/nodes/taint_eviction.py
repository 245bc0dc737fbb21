"""The taint eviction controller: pods leave nodes whose ``NoExecute`` taints they do not tolerate, or no longer.

``pkg/controller/tainteviction/taint_eviction.go``, v1.36.
"""

from datetime import datetime, timedelta

from apimachinery.errors import NotFound
from apimachinery.types.core import Node, object_reference
from apimachinery.types.pod import Pod
from controller_manager.controller import Context, Result
from controller_manager.indexes import NODE_INDEX, by_node
from controller_manager.nodes.disrupted import disrupted_patch
from controller_manager.nodes.health import readiness
from controller_manager.nodes.pod_writes import create_replacement, patch_status
from controller_manager.nodes.toleration import executing_taints, stays_for
from kubeclient.events import NORMAL
from kubeclient.resources import NODES, PODS

NAME = "taint-eviction-controller"

WORKERS = 8


class TaintEvictionController:
    """Woken by nodes' taints and by pods; keys are ``namespace/name`` of pods."""

    def __init__(self, context: Context) -> None:
        self.workers = WORKERS
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(NAME)
        self._reschedule = context.settings.reschedule_bare_pods
        self._noticed: dict[str, tuple[str, datetime]] = {}
        """The uid of each pod that is to go, and since when that is known."""
        nodes = context.informers.informer(NODES)
        pods = context.informers.informer(PODS, {NODE_INDEX: by_node})
        nodes.on_change(self._node_changed)
        pods.on_change(self._pod_changed)
        self._nodes = nodes.cache
        self._pods = pods.cache

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if executing_taints(old) == executing_taints(new):
            return
        node = new or old
        assert node is not None
        for pod in self._pods.by_index(NODE_INDEX, node.metadata.name):
            self._queue.add(pod.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None and old.key in self._noticed:
                self._queue.add(old.key)
        elif (
            old is None or old.spec.node_name != new.spec.node_name or old.spec.tolerations != new.spec.tolerations
        ) and executing_taints(self._nodes.get(new.spec.node_name)):
            self._queue.add(new.key)

    async def reconcile(self, key: str) -> Result | None:
        pod = self._pods.get(key)
        if pod is None or pod.deleting:
            self._noticed.pop(key, None)
            return None
        node = self._nodes.get(pod.spec.node_name)
        taints = executing_taints(node)
        seconds = stays_for(taints, pod.spec.tolerations) if taints else None
        if seconds is None:
            if self._noticed.pop(key, None) is not None:
                self._tell(pod, f"Cancelling deletion of Pod {key}")
            return None
        left = (self._since(pod) + timedelta(seconds=seconds) - self._clock.now()).total_seconds()
        if left > 0:
            return Result(left)
        await self._evict(pod, lost=node is not None and readiness(node) == "Unknown")
        self._noticed.pop(key, None)
        return None

    def _since(self, pod: Pod) -> datetime:
        """Return since when it is known that the pod has to go."""
        uid, since = self._noticed.get(pod.key, ("", self._clock.now()))
        if uid != pod.metadata.uid:
            since = self._clock.now()
            self._noticed[pod.key] = (pod.metadata.uid, since)
        return since

    def _tell(self, pod: Pod, message: str) -> None:
        self._recorder.event(object_reference(pod), NORMAL, "TaintManagerEviction", message)

    async def _evict(self, pod: Pod, *, lost: bool) -> None:
        self._tell(pod, f"Marking for deletion Pod {pod.key}")
        if lost and self._reschedule:
            await create_replacement(self._client, pod)
        message = "Taint manager: deleting due to NoExecute taint"
        patch = disrupted_patch(pod, "DeletionByTaintManager", message, self._clock.now())
        meta = pod.metadata
        try:
            await patch_status(self._client, pod, patch)
            await self._client.delete(PODS, meta.name, namespace=meta.namespace, uid=meta.uid)
        except NotFound:
            return
