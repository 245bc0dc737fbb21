"""The scheduler around its decisions: watches in, bindings, events and conditions out."""

import asyncio
import logging
import random

from apimachinery.tasks import guard
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubeclient.informer import Informer
from kubeclient.resources import NODES, PODS
from scheduler.cache import SchedulerCache
from scheduler.conditions import SCHEDULER_ERROR, UNSCHEDULABLE, ConditionWriter
from scheduler.decision import Decision
from scheduler.decision_log import DecisionLog
from scheduler.eventhandlers import EventHandlers
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.interface import Handle, Profile, Registry
from scheduler.framework.pod_info import PodInfo, pod_info
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import SchedulingQueue
from scheduler.scheduling import schedule_one
from scheduler.settings import Settings

logger = logging.getLogger(__name__)

UNFINISHED = "status.phase!=Succeeded,status.phase!=Failed"
"""Pods that can still take up room; the others are of no interest."""

_EXPIRY_PERIOD_SECONDS = 30.0


class Scheduler:
    """Finds nodes for the pods of one API server; ``run()`` does the work until cancelled.

    Decisions are made one after another, each in one piece; bindings are on their way meanwhile, up to
    ``settings.parallel_binds`` of them. What was decided can be read in :attr:`decisions`.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        *,
        profile: Profile | None = None,
        registry: Registry | None = None,
    ) -> None:
        self._client = client
        self._clock = client.clock
        self._settings = settings
        self._rng = random.Random(settings.seed)
        profile = profile or default_profile()
        self.framework = Framework(profile, registry or in_tree_registry(), Handle(client))
        self.cache = SchedulerCache(self._clock, settings.assumed_pod_seconds)
        self.queue = SchedulingQueue(self._clock, self.framework, settings)
        self.decisions = DecisionLog(settings)
        # A generator of its own: retries of watches must not change which node a seed chooses.
        self._nodes = Informer(client, NODES, rng=random.Random(settings.seed))
        self._pods = Informer(client, PODS, field_selector=UNFINISHED, rng=random.Random(settings.seed))
        handlers = EventHandlers(self.cache, self.queue, profile.scheduler_name)
        self._nodes.on_change(handlers.on_node)
        self._pods.on_change(handlers.on_pod)
        self._recorder = EventRecorder(client, profile.scheduler_name)
        self._conditions = ConditionWriter(client)
        self._bind_slots = asyncio.Semaphore(settings.parallel_binds)

    @property
    def synced(self) -> bool:
        """Whether nodes and pods have been listed: before, nothing is scheduled."""
        return self._nodes.synced and self._pods.synced

    async def run(self) -> None:
        """Schedule until cancelled; bindings under way are cut off then, and found again by the next start."""
        async with asyncio.TaskGroup() as group:
            group.create_task(guard(self._nodes.run(), "node informer"), name="node-informer")
            group.create_task(guard(self._pods.run(), "pod informer"), name="pod-informer")
            group.create_task(guard(self._recorder.run(), "event recorder"), name="event-recorder")
            group.create_task(guard(self._conditions.run(), "condition writer"), name="condition-writer")
            group.create_task(guard(self._expire_assumed(), "expiry of assumed pods"), name="expiry")
            await self._nodes.wait_synced()
            await self._pods.wait_synced()
            known = self.cache.statistics()
            logger.info("scheduling: %d nodes, %d pods on nodes", known.nodes, known.pods)
            while True:
                await self.step(group)

    async def step(self, group: asyncio.TaskGroup) -> None:
        """Wait for a pod to schedule, decide, and start its binding in ``group``."""
        await self._bind_slots.acquire()
        binding = False
        try:
            queued = await self.queue.pop()
            decision = schedule_one(self.framework, self.cache.nodes, queued, rng=self._rng, clock=self._clock)
            self.decisions.add(decision)
            if decision.winner:
                pod = queued.pod.on_node(decision.winner)
                self.cache.assume(pod)
                group.create_task(self._bind(queued, pod), name=f"bind {pod.key}")
                binding = True
            else:
                self._reject(queued, decision)
        finally:
            if not binding:
                self._bind_slots.release()
        # Decisions take no time that anyone else could use: watches and bindings need their turn.
        await self._clock.sleep(0)

    def _reject(self, queued: QueuedPod, decision: Decision) -> None:
        logger.debug("pod %s: %s", queued.pod.key, decision.message)
        self.queue.put_back(queued, decision.rejected_by)
        self._report_failure(queued.pod, UNSCHEDULABLE, decision.message)

    def _report_failure(self, pod: PodInfo, reason: str, message: str) -> None:
        self._recorder.event(pod.reference, WARNING, "FailedScheduling", message)
        shown = self._shown(pod)
        if shown is not None:
            self._conditions.not_scheduled(shown, reason, message)

    def _shown(self, pod: PodInfo) -> Pod | None:
        """Return the pod as the API server shows it, ``None`` when it is gone or another one has its name."""
        shown = self._pods.cache.get(pod.key)
        return shown if shown is not None and shown.metadata.uid == pod.uid else None

    async def _bind(self, queued: QueuedPod, pod: PodInfo) -> None:
        try:
            status = await self.framework.bind(pod, pod.node_name)
        finally:
            self._bind_slots.release()
        if status.success:
            self.cache.finish_binding(pod.uid)
            self.queue.done(pod.uid)
            message = f"Successfully assigned {pod.key} to {pod.node_name}"
            self._recorder.event(pod.reference, NORMAL, "Scheduled", message)
            return
        logger.info("pod %s was not bound to node %s: %s", pod.key, pod.node_name, status.message)
        if self.cache.forget(pod.uid):
            self.queue.move_on_event(ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE))
        self._retry(queued, status.message)

    def _retry(self, queued: QueuedPod, message: str) -> None:
        """Have a pod tried again whose binding failed, as it is by now."""
        shown = self._shown(queued.pod)
        if shown is None or shown.spec.node_name or shown.deleting:
            self.queue.delete(queued.pod.uid)
            return
        queued.pod = pod_info(shown)
        self.queue.put_back(queued, frozenset())
        self._report_failure(queued.pod, SCHEDULER_ERROR, message)

    async def _expire_assumed(self) -> None:
        while True:
            await self._clock.sleep(_EXPIRY_PERIOD_SECONDS)
            for pod in self.cache.expire_assumed():
                logger.warning("pod %s was bound to node %s, but never shown there", pod.key, pod.node_name)
                self.queue.move_on_event(ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE))
                shown = self._shown(pod)
                if shown is not None and not shown.spec.node_name and not shown.deleting:
                    self.queue.add(pod_info(shown))
