"""Writes why a pod has no node into its ``PodScheduled`` condition, and which node it was promised."""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import StatusError
from apimachinery.patch_types import PatchType
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import PODS
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.shown_pod import ShownPod

logger = logging.getLogger(__name__)

POD_SCHEDULED = "PodScheduled"
UNSCHEDULABLE = "Unschedulable"
SCHEDULER_ERROR = "SchedulerError"

_WRITERS = 4


@dataclass(frozen=True, slots=True)
class _Write:
    pod: ShownPod
    reason: str
    message: str
    nominated: str | None


class ConditionWriter:
    """``run()`` writes what :meth:`not_scheduled` notes: of each pod only the newest, and only what is new.

    A write that fails is not repeated; the next failed try of the pod brings another. Before a pod is bound,
    :meth:`settle` it, so that nothing is written about it that does not hold any more.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: OrderedDict[str, _Write] = OrderedDict()
        self._arrived = asyncio.Event()
        self._under_way: dict[str, asyncio.Event] = {}

    def not_scheduled(self, pod: ShownPod, reason: str, message: str, nominated: str | None = None) -> None:
        """Note why the pod has no node; ``pod`` is what the API server shows now.

        ``nominated`` is the node that it is promised from now on, empty for none, ``None`` for what it is already.
        """
        known = pod.condition(POD_SCHEDULED)
        same = known is not None and (known.status, known.reason, known.message) == ("False", reason, message)
        unpromised = nominated is None or nominated == pod.info.nominated_node_name
        waiting = self._waiting.pop(pod.uid, None)
        if nominated is None and waiting is not None:
            nominated, unpromised = waiting.nominated, unpromised and waiting.nominated is None
        if same and unpromised:
            return
        self._waiting[pod.uid] = _Write(pod, reason, message, nominated)
        self._arrived.set()

    async def settle(self, uid: str) -> None:
        """Drop what is noted of a pod and not written yet; return once nothing of it is on its way."""
        self._waiting.pop(uid, None)
        while (written := self._under_way.get(uid)) is not None:
            await written.wait()

    async def expect(self, pod: PodInfo, node_name: str) -> None:
        """Write at once that the pod is about to get a node, for those who plan ahead; nothing hangs on it."""
        patch: dict[str, object] = {
            "metadata": {"uid": pod.uid},
            "status": {"nominatedNodeName": node_name},
        }
        try:
            await self._patch(pod, patch)
        except (StatusError, ConnectionFailed) as error:
            logger.debug("the expected node of pod %s was not written: %s", pod.key, error)

    async def run(self) -> None:
        """Write, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(_WRITERS):
                group.create_task(self._write_all(), name=f"condition-writer-{number}")

    async def _write_all(self) -> None:
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            uid, write = self._waiting.popitem(last=False)
            if (busy := self._under_way.get(uid)) is not None:
                # One after the other, so that the newer one is the last.
                self._waiting[uid] = write
                await busy.wait()
                continue
            written = self._under_way[uid] = asyncio.Event()
            try:
                await self._write(write)
            except (StatusError, ConnectionFailed) as error:
                # Deleted or bound meanwhile, or nobody answers: nothing hangs on it.
                logger.debug("condition of pod %s was not written: %s", write.pod.key, error)
            finally:
                del self._under_way[uid]
                written.set()

    async def _write(self, write: _Write) -> None:
        info = write.pod.info
        status: dict[str, object] = {"conditions": [self._condition(write)]}
        if write.nominated is not None:
            status["nominatedNodeName"] = write.nominated or None
        await self._patch(info, {"metadata": {"uid": info.uid}, "status": status})

    async def _patch(self, pod: PodInfo, patch: dict[str, object]) -> None:
        await self._client.patch(
            PODS,
            pod.name,
            orjson.dumps(patch),
            namespace=pod.namespace,
            subresource="status",
            patch_type=PatchType.STRATEGIC,
        )

    def _condition(self, write: _Write) -> dict[str, object]:
        condition: dict[str, object] = {
            "type": POD_SCHEDULED,
            "status": "False",
            "reason": write.reason,
            "message": write.message,
            "lastProbeTime": None,
        }
        known = write.pod.condition(POD_SCHEDULED)
        if known is None or known.status != "False":
            condition["lastTransitionTime"] = rfc3339(self._client.clock.now())
        if write.pod.generation:
            condition["observedGeneration"] = write.pod.generation
        return condition
