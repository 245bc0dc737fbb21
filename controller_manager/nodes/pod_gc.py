"""The pod garbage collector: pods that nobody else would remove (``pkg/controller/podgc/gc_controller.go``, v1.36)."""

import enum
from collections.abc import Iterable

from apimachinery.errors import NotFound
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from controller_manager.batches import all_at_once
from controller_manager.controller import Context, Result
from controller_manager.indexes import NODE_INDEX, by_node
from controller_manager.nodes.disrupted import disrupted_patch
from controller_manager.nodes.health import readiness
from controller_manager.nodes.pod_writes import create_replacement, patch_status
from controller_manager.nodes.taints import OUT_OF_SERVICE
from kubeclient.resources import NODES, PODS

QUARANTINE_SECONDS = 40.0
"""For how long a node must be missing until its pods are believed to be lost."""

CHECK_SECONDS = 20.0
"""How often pods that have ended are counted."""

ALL = ""
"""The key under which pods that have ended are counted; pods have ``namespace/name`` for keys."""

WORKERS = 4
PARALLEL_DELETIONS = 16


class Fate(enum.Enum):
    """What becomes of a pod."""

    STAYS = "stays"
    ORPHANED = "orphaned"
    REMOVED = "removed"


def fate(pod: Pod, node: Node | None) -> Fate:
    """Decide about one pod; ``node`` is its node, ``None`` when it has none or that one is not there."""
    if not pod.spec.node_name:
        return Fate.REMOVED if pod.deleting else Fate.STAYS
    if node is None:
        return Fate.ORPHANED
    if pod.deleting and readiness(node) != "True" and out_of_service(node):
        return Fate.REMOVED
    return Fate.STAYS


def out_of_service(node: Node) -> bool:
    return any(taint.key == OUT_OF_SERVICE for taint in node.spec.taints)


def surplus(pods: Iterable[Pod], threshold: int) -> list[Pod]:
    """Return the pods that have ended beyond ``threshold``: evicted ones first, then the oldest. 0 keeps all."""
    ended = [pod for pod in pods if pod.finished]
    count = len(ended) - threshold
    if threshold <= 0 or count <= 0:
        return []
    return sorted(ended, key=_order)[:count]


def _order(pod: Pod) -> tuple[bool, float, str]:
    created = pod.metadata.creation_timestamp
    evicted = pod.status.phase == "Failed" and pod.status.reason == "Evicted"
    return not evicted, created.timestamp() if created is not None else 0.0, pod.metadata.name


class PodGarbageCollector:
    """Woken by nodes and pods."""

    def __init__(self, context: Context) -> None:
        self.workers = WORKERS
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._threshold = context.settings.terminated_pod_gc_threshold
        self._reschedule = context.settings.reschedule_bare_pods
        self._missing: dict[str, float] = {}
        """Since when nodes that pods name have been missing."""
        nodes = context.informers.informer(NODES)
        pods = context.informers.informer(PODS, {NODE_INDEX: by_node})
        nodes.on_change(self._node_changed)
        pods.on_change(self._pod_changed)
        self._nodes = nodes.cache
        self._pods = pods.cache

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        node = new or old
        assert node is not None
        name = node.metadata.name
        if new is not None:
            self._missing.pop(name, None)
        if new is None or out_of_service(new):
            for pod in self._pods.by_index(NODE_INDEX, name):
                self._queue.add(pod.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            return
        if new.finished and (old is None or not old.finished):
            self._queue.add_after(ALL, CHECK_SECONDS)
        if fate(new, self._nodes.get(new.spec.node_name)) is not Fate.STAYS:
            self._queue.add(new.key)

    async def reconcile(self, key: str) -> Result | None:
        if key == ALL:
            errors = await all_at_once(self._remove, surplus(self._pods.objects(), self._threshold), PARALLEL_DELETIONS)
            if errors:
                raise errors[0]
            return None
        pod = self._pods.get(key)
        if pod is None:
            return None
        verdict = fate(pod, self._nodes.get(pod.spec.node_name))
        if verdict is Fate.ORPHANED:
            return await self._collect_orphan(pod)
        if verdict is Fate.REMOVED:
            await self._remove(pod)
        return None

    async def _collect_orphan(self, pod: Pod) -> Result | None:
        name, now = pod.spec.node_name, self._clock.monotonic()
        left = self._missing.setdefault(name, now) + QUARANTINE_SECONDS - now
        if left > 0:
            return Result(left)
        try:
            await self._client.get(NODES, name)
        except NotFound:
            if self._reschedule:
                await create_replacement(self._client, pod)
            await self._remove(pod, "DeletionByPodGC", "PodGC: node no longer exists")
            return None
        # The cache will show it.
        return Result(CHECK_SECONDS)

    async def _remove(self, pod: Pod, reason: str = "", message: str = "") -> None:
        """Delete a pod at once. One that has not come to an end fails: there is nobody left who would say so."""
        meta = pod.metadata
        try:
            if not pod.finished:
                patch = disrupted_patch(pod, reason, message, self._clock.now(), failed=True)
                await patch_status(self._client, pod, patch)
            await self._client.delete(PODS, meta.name, namespace=meta.namespace, grace_period_seconds=0, uid=meta.uid)
        except NotFound:
            return
