"""Mirror pods: what the API server shows of a node's static pods (``pkg/kubelet/pod/mirror_client.go``, v1.36)."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from apimachinery.clock import Clock
from apimachinery.errors import NotFound, StatusError
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import PODS
from kubeclient.workqueue import WorkQueue
from kubelet.static_pods.manifest import CONFIG_HASH, CONFIG_MIRROR, JSONObject, StaticPod
from kubelet.status_manager import StatusManager

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 0.5
_RETRY_LIMIT_SECONDS = 10.0


class MirrorPods:
    """Keeps one mirror pod for each static pod, and none without one; none at all unless ``enabled``.

    A mirror that somebody deletes is made again, and the pod itself never notices. ``run()`` does the work.
    """

    def __init__(
        self,
        client: Client,
        statuses: StatusManager,
        clock: Clock,
        *,
        node: Callable[[], Node | None],
        enabled: bool,
    ) -> None:
        self._client = client
        self._statuses = statuses
        self._node = node
        self._enabled = enabled
        self._static: dict[str, StaticPod] = {}
        self._mirrors: dict[str, Pod] = {}
        self._queue: WorkQueue[str] = WorkQueue(clock, base_delay=_RETRY_SECONDS, max_delay=_RETRY_LIMIT_SECONDS)

    def show(self, pods: Iterable[StaticPod]) -> None:
        """These are the static pods of the node now."""
        before, self._static = self._static, {pod.key: pod for pod in pods} if self._enabled else {}
        for key in before.keys() | self._static.keys():
            if before.get(key) is not self._static.get(key):
                self._queue.add(key)

    def on_mirror(self, old: Pod | None, new: Pod | None) -> None:
        """Take note of a mirror pod that the API server has."""
        pod = new or old
        assert pod is not None
        if new is None:
            self._mirrors.pop(pod.key, None)
        else:
            self._mirrors[pod.key] = new
        self._queue.add(pod.key)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.run(), name="mirror-queue")
            while True:
                key = await self._queue.get()
                try:
                    await self._try(key)
                finally:
                    self._queue.done(key)

    async def _try(self, key: str) -> None:
        try:
            done = await self.step(key)
        except (ConnectionFailed, StatusError) as error:
            logger.info("mirror pod %s: %s", key, error)
            done = False
        if done:
            self._queue.forget(key)
        else:
            self._queue.add_rate_limited(key)

    async def step(self, key: str) -> bool:
        """Bring one mirror in line; return whether that is done with, or has to be tried again."""
        static, mirror = self._static.get(key), self._mirrors.get(key)
        if mirror is not None and (static is None or not _mirrors(mirror, static)):
            await self._delete(mirror)
            return True
        if static is None:
            return True
        self._statuses.show_as(static.uid, mirror)
        if mirror is not None:
            return True
        node = self._node()
        if node is None:
            return False
        await self._client.create(PODS, mirror_of(static, node), namespace=static.run.metadata.namespace)
        return True

    async def _delete(self, mirror: Pod) -> None:
        meta = mirror.metadata
        try:
            await self._client.delete(PODS, meta.name, namespace=meta.namespace, grace_period_seconds=0, uid=meta.uid)
        except NotFound:
            logger.debug("mirror pod %s is gone already", mirror.key)


def _mirrors(mirror: Pod, static: StaticPod) -> bool:
    shown = mirror.metadata.annotations.get(CONFIG_MIRROR)
    return not mirror.deleting and shown == static.run.metadata.annotations[CONFIG_HASH]


def mirror_of(static: StaticPod, node: Node) -> JSONObject:
    """Return the pod to create for a static pod."""
    shown = static.shown["metadata"]
    owner = {
        "apiVersion": "v1",
        "kind": "Node",
        "name": node.metadata.name,
        "uid": node.metadata.uid,
        "controller": True,
    }
    metadata = {
        **{key: value for key, value in shown.items() if key != "uid"},
        "annotations": {**shown["annotations"], CONFIG_MIRROR: shown["annotations"][CONFIG_HASH]},
        "ownerReferences": [owner],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": static.shown["spec"]}
