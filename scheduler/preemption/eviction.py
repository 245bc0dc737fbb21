"""Has victims go: marks them, deletes them with their own grace period, and tells them why."""

import asyncio
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import Conflict, NotFound
from apimachinery.patch_types import PatchType
from apimachinery.types.pod import DISRUPTION_TARGET
from kubeclient.events import NORMAL
from kubeclient.resources import PODS
from scheduler.framework.interface import Handle
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.shown_pod import SHOWN_PODS, ShownPod
from scheduler.preemption.victims import Candidate, Victim

PREEMPTION_BY_SCHEDULER = "PreemptionByScheduler"

_AT_ONCE = 16
"""How many victims of one pod are dealt with at a time."""


class Evictions:
    """Follows upstream's preemption executor (``pkg/scheduler/framework/preemption/executor.go``, v1.36)."""

    def __init__(self, handle: Handle, plugin: str) -> None:
        self._handle = handle
        self._client = handle.client
        self._plugin = plugin
        self.asked: set[str] = set()
        """The uids of victims that have been asked to go and are not shown to be going yet."""
        pods = handle.informers.of(SHOWN_PODS)
        pods.on_change(self._pod_changed)
        self._shown = pods.cache

    def _pod_changed(self, old: ShownPod | None, new: ShownPod | None) -> None:
        if new is None or new.deleting:
            found = new or old
            assert found is not None
            self.asked.discard(found.uid)

    def is_going(self, pod: PodInfo) -> bool:
        """Whether a pod is on its way out for the sake of another."""
        if pod.uid in self.asked:
            return True
        shown = self._shown.get(pod.key)
        if shown is None or not shown.deleting:
            return False
        condition = shown.condition(DISRUPTION_TARGET)
        return condition is not None and (condition.status, condition.reason) == ("True", PREEMPTION_BY_SCHEDULER)

    def ask(self, candidate: Candidate) -> None:
        """Count the victims as on their way out, until that is shown or :meth:`carry_out` fails."""
        self.asked.update(victim.pod.uid for victim in candidate.victims if not victim.pod.deleting)

    async def carry_out(self, candidate: Candidate, preemptor: PodInfo) -> None:
        """Have the victims go, and take back what less important pods were promised of the node.

        Raises when something fails; what is done by then stays done.
        """
        slots = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._take_back_promises(candidate.node_name, preemptor))
                for victim in candidate.victims:
                    if not victim.pod.deleting:
                        group.create_task(self._end(victim, candidate.node_name, preemptor, slots))
        except BaseException:
            self.asked.difference_update(victim.pod.uid for victim in candidate.victims)
            raise

    async def _take_back_promises(self, node_name: str, preemptor: PodInfo) -> None:
        nominator = self._handle.nominator
        for other in list(nominator.pods_on(node_name).values()):
            if other.priority < preemptor.priority:
                nominator.forget(other.uid)
                await self._patch_status(other, {"nominatedNodeName": None})

    async def _end(self, victim: Victim, node_name: str, preemptor: PodInfo, slots: asyncio.Semaphore) -> None:
        pod = victim.pod
        waiting = self._handle.waiting_pods.get(pod.uid)
        if waiting is not None:
            # It is not bound yet: its place is free as soon as it is turned back.
            waiting.preempt(self._plugin, "preempted")
            self.asked.discard(pod.uid)
        else:
            async with slots:
                if not await self._delete(pod, preemptor):
                    self.asked.discard(pod.uid)
                    return
        recorder = self._handle.recorders.get(preemptor.scheduler_name)
        if recorder is not None:
            recorder.event(pod.reference, NORMAL, "Preempted", f"Preempted by pod {preemptor.uid} on node {node_name}")

    async def _delete(self, pod: PodInfo, preemptor: PodInfo) -> bool:
        """Delete a pod, its condition first; return whether it was there."""
        message = f"{preemptor.scheduler_name}: preempting to accommodate a higher priority pod"
        condition = {
            "type": DISRUPTION_TARGET,
            "status": "True",
            "reason": PREEMPTION_BY_SCHEDULER,
            "message": message,
            "lastTransitionTime": rfc3339(self._handle.clock.now()),
        }
        if not await self._patch_status(pod, {"conditions": [condition]}):
            return False
        try:
            await self._client.delete(PODS, pod.name, namespace=pod.namespace, uid=pod.uid)
        except (NotFound, Conflict):
            return False
        return True

    async def _patch_status(self, pod: PodInfo, status: dict[str, Any]) -> bool:
        """Change a pod's status; return whether there was such a pod."""
        patch = orjson.dumps({"metadata": {"uid": pod.uid}, "status": status})
        try:
            await self._client.patch(
                PODS,
                pod.name,
                patch,
                namespace=pod.namespace,
                subresource="status",
                patch_type=PatchType.STRATEGIC,
            )
        except (NotFound, Conflict):
            return False
        return True
