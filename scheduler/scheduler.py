"""The scheduler around its decisions: watches in, bindings, events and conditions out."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from apimachinery.tasks import guard
from kubeclient.client import Client
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubeclient.resources import NODES
from scheduler.bind_slots import BindSlots
from scheduler.cache import SchedulerCache
from scheduler.conditions import SCHEDULER_ERROR, UNSCHEDULABLE, ConditionWriter
from scheduler.decision import Fate
from scheduler.decision_log import DecisionLog
from scheduler.eventhandlers import EventHandlers
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.informers import SharedInformers
from scheduler.framework.interface import Handle, Profile, Registry
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.framework.shown_pod import SHOWN_PODS, ShownPod
from scheduler.framework.status import SUCCESS, Code, Status
from scheduler.metrics import ERROR, SCHEDULED, Metrics
from scheduler.metrics import UNSCHEDULABLE as NOT_SCHEDULABLE
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import SchedulingQueue
from scheduler.scheduling import Cycle, node_rejected_message, schedule_one
from scheduler.settings import Settings

logger = logging.getLogger(__name__)

_EXPIRY_PERIOD_SECONDS = 30.0
_TURN = 32
"""On how many pods is decided before others get their turn. One for which there is no node ends it: looking for
somebody to push off takes as long as many decisions."""


@dataclass(slots=True)
class _Way:
    """A pod that has its place on a node, and is not bound yet.

    ``promised`` is the node that it had been promised; ``waits`` says that Permit plugins make it wait.
    """

    framework: Framework
    queued: QueuedPod
    pod: PodInfo
    state: CycleState
    fate: Fate
    decided_at: float
    decided_in: float
    promised: str = ""
    waits: bool = False


class Scheduler:
    """Finds nodes for the pods of one API server; ``run()`` does the work until cancelled.

    Decisions are made one after another, each in one piece, and some in a row; bindings are on their way meanwhile, up
    to ``settings.parallel_binds`` of them. What was decided can be read in :attr:`decisions`.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        *,
        profiles: Sequence[Profile] = (),
        registry: Registry | None = None,
    ) -> None:
        self._client = client
        self._clock = client.clock
        self._settings = settings
        self._rng = random.Random(settings.seed)
        # Generators of their own: retries of watches must not change which node a seed chooses.
        self._informers = SharedInformers(client, settings.seed)
        self._handle = Handle(client, self._informers, settings.seed)
        self._nodes = self._informers.of(NODES)
        self._pods = self._informers.of(SHOWN_PODS)
        self.frameworks = {
            profile.scheduler_name: Framework(profile, registry or in_tree_registry(), self._handle)
            for profile in profiles or (default_profile(),)
        }
        self.cache = SchedulerCache(self._clock, settings.assumed_pod_seconds)
        self.metrics = Metrics()
        self._handle.pods_on = self.cache.pods_on
        self.queue = SchedulingQueue(self._clock, self.frameworks, settings, self.metrics)
        self.decisions = DecisionLog(settings)
        handlers = EventHandlers(self.cache, self.queue, self._handle, self.frameworks)
        self._nodes.on_change(handlers.on_node)
        self._pods.on_change(handlers.on_pod)
        self._informers.on_events(handlers.on_other)
        self._recorders = self._handle.recorders
        self._recorders.update({name: EventRecorder(client, name) for name in self.frameworks})
        self._conditions = ConditionWriter(client)
        self._bind_slots = BindSlots(settings.parallel_binds)

    @property
    def interests(self) -> dict[str, dict[str, tuple[ClusterEventWithHint, ...]]]:
        """Return by profile and plugin the events that can have a rejected pod tried again."""
        return {name: framework.interests for name, framework in self.frameworks.items()}

    @property
    def synced(self) -> bool:
        """Whether nodes, pods and what else plugins look at have been listed: before, nothing is scheduled."""
        return self._informers.synced

    async def run(self) -> None:
        """Schedule until cancelled; bindings under way are cut off then, and found again by the next start."""
        async with asyncio.TaskGroup() as group:
            self._informers.start(group)
            for name, recorder in self._recorders.items():
                group.create_task(guard(recorder.run(), f"event recorder of {name}"), name=f"event-recorder-{name}")
            group.create_task(guard(self._conditions.run(), "condition writer"), name="condition-writer")
            group.create_task(guard(self._expire_assumed(), "expiry of assumed pods"), name="expiry")
            await self._informers.wait_synced()
            known = self.cache.statistics()
            logger.info("scheduling: %d nodes, %d pods on nodes", known.nodes, known.pods)
            while True:
                await self.step(group)

    async def step(self, group: asyncio.TaskGroup) -> None:
        """Wait for pods to schedule, decide on some, and start their bindings in ``group``."""
        await self.queue.ready()
        # Not before there is something to do: the slot may be wanted by a pod that has waited for its binding.
        await self._bind_slots.some()
        for _ in range(_TURN):
            queued = self.queue.pop_nowait() if self._bind_slots.free else None
            if queued is None or not self._schedule(queued, group):
                break
        # Decisions take no time that anyone else could use: watches and bindings need their turn.
        await self._clock.sleep(0)

    def _schedule(self, queued: QueuedPod, group: asyncio.TaskGroup) -> bool:
        """Decide on a pod, and return whether there is a node for it; its binding is started then, if it may be."""
        framework = self.frameworks[queued.pod.scheduler_name]
        cycle = schedule_one(framework, self.cache.nodes, queued, rng=self._rng, clock=self._clock)
        self._count(cycle)
        self.decisions.add(cycle.decision)
        if not cycle.decision.winner:
            self._no_node(queued, cycle, group)
            return False
        way = self._reserve(queued, cycle)
        if way is not None:
            self._bind_slots.take()
            group.create_task(self._bind(way), name=f"bind {way.pod.key}")
        return True

    def _count(self, cycle: Cycle) -> None:
        decision = cycle.decision
        profile, spent = decision.scheduler_name, decision.durations
        self.metrics.algorithm.observe(spent.total)
        self.metrics.points_took(profile, "Error" if decision.error else "Success", spent.by_point())
        if not decision.winner:
            self.metrics.attempt(profile, ERROR if decision.error else NOT_SCHEDULABLE, spent.total)
            self.metrics.preemption_attempts += cycle.post_filter is not None

    # Pods without a node

    def _no_node(self, queued: QueuedPod, cycle: Cycle, group: asyncio.TaskGroup) -> None:
        decision, found = cycle.decision, cycle.post_filter
        logger.debug("pod %s: %s", queued.pod.key, decision.message)
        nominated = None if found is None else found.nominated_node_name
        if nominated is not None:
            queued.pod = replace(queued.pod, nominated_node_name=nominated)
        self.queue.put_back(queued, decision.rejected_by, cycle.pending_by)
        self._report_failure(
            queued.pod, SCHEDULER_ERROR if decision.error else UNSCHEDULABLE, decision.message, nominated
        )
        if found is not None and found.effect is not None:
            group.create_task(self._post_filter_effect(queued.pod, found.effect), name=f"make room {queued.pod.key}")

    async def _post_filter_effect(self, pod: PodInfo, effect: Callable[[], Awaitable[None]]) -> None:
        try:
            await effect()
        except Exception:
            logger.exception("what PostFilter wanted done for pod %s failed", pod.key)
            # The events that it waits for may never come.
            self.queue.activate(pod.uid)

    def _report_failure(self, pod: PodInfo, reason: str, message: str, nominated: str | None) -> None:
        """Tell why a pod has no node; ``nominated`` is its new promise, empty for none, ``None`` for the old one."""
        if nominated is not None:
            self._handle.nominator.nominate(pod, nominated)
        self._recorders[pod.scheduler_name].event(pod.reference, WARNING, "FailedScheduling", message)
        shown = self._shown(pod)
        if shown is not None:
            self._conditions.not_scheduled(shown, reason, message, nominated)

    def _shown(self, pod: PodInfo) -> ShownPod | None:
        """Return the pod as the API server shows it, ``None`` when it is gone or another one has its name."""
        shown = self._pods.cache.get(pod.key)
        return shown if shown is not None and shown.uid == pod.uid else None

    # Pods on their way to a node

    def _reserve(self, queued: QueuedPod, cycle: Cycle) -> "_Way | None":
        """Take the place on the chosen node; ``None`` when a plugin does not agree, and the pod has been put back."""
        way = _Way(
            self.frameworks[queued.pod.scheduler_name],
            queued,
            queued.pod.on_node(cycle.decision.winner),
            cycle.state,
            cycle.decision.fate,
            decided_at=self._clock.monotonic(),
            decided_in=cycle.decision.durations.total,
        )
        self.cache.assume(way.pod)
        promised = self._handle.nominator.node_of(way.pod.uid)
        self._handle.nominator.forget(way.pod.uid)
        way.promised = promised
        status = way.framework.reserve(way.state, way.pod, way.pod.node_name)
        if status.success:
            status = way.framework.permit(way.state, way.pod, way.pod.node_name)
        if status.success or status.code is Code.WAIT:
            way.waits = not status.success
            way.fate.state = "waiting" if way.waits else "binding"
            return way
        self._turn_back(way, status, node_rejected_message(status.message) if status.rejected else status.message)
        return None

    async def _bind(self, way: "_Way") -> None:
        framework, pod, state = way.framework, way.pod, way.state
        try:
            await self._conditions.settle(pod.uid)
            status = await self._prepared(way)
            if status.success:
                started = self._clock.monotonic()
                status = await framework.bind(state, pod, pod.node_name)
                spent = self._clock.monotonic() - started
                self.metrics.points_took(pod.scheduler_name, status.code.value, (("Bind", spent),))
        finally:
            self._bind_slots.release()
        if not status.success:
            logger.info("pod %s was not bound to node %s: %s", pod.key, pod.node_name, status.message)
            self._turn_back(way, status, status.message)
            return
        way.fate.state = "bound"
        self.cache.finish_binding(pod.uid)
        self.queue.done(pod.uid)
        self._attempted(way, SCHEDULED)
        self.metrics.bound(way.queued, self._clock.monotonic())
        framework.post_bind(state, pod, pod.node_name)
        message = f"Successfully assigned {pod.key} to {pod.node_name}"
        self._recorders[pod.scheduler_name].event(pod.reference, NORMAL, "Scheduled", message)

    def _attempted(self, way: "_Way", result: str) -> None:
        """Count a try that got as far as a node: the decision, and the time since."""
        seconds = way.decided_in + self._clock.monotonic() - way.decided_at
        self.metrics.attempt(way.pod.scheduler_name, result, seconds)

    async def _prepared(self, way: "_Way") -> Status:
        """Wait for Permit plugins, and run PreBind.

        Both may take minutes, and whoever waits binds nothing: others may use the slot, which is ours again after.
        Meanwhile the pod's status says which node it is about to have (NominatedNodeNameForExpectation, on since
        v1.35).
        """
        framework, pod, state = way.framework, way.pod, way.state
        if not way.waits and not framework.prepares(state, pod, pod.node_name):
            return SUCCESS
        self._bind_slots.release()
        try:
            way.promised = pod.node_name
            await self._conditions.expect(pod, pod.node_name)
            status = await framework.wait_on_permit(pod)
            return await framework.pre_bind(state, pod, pod.node_name) if status.success else status
        finally:
            await self._bind_slots.acquire()

    def _turn_back(self, way: "_Way", status: Status, message: str) -> None:
        """Give back what was taken for a pod, and have it tried again as it is by now."""
        queued = way.queued
        way.fate.state, way.fate.message = "failed", message
        way.fate.plugin = status.plugin if status.rejected else ""
        way.framework.unreserve(way.state, way.pod, way.pod.node_name)
        if self.cache.forget(way.pod.uid):
            event = ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE)
            self.queue.move_on_event(event, way.pod, None, not_for=way.pod.uid)
        shown = self._shown(queued.pod)
        if shown is None or shown.info.node_name or shown.deleting:
            self.queue.delete(queued.pod.uid)
            return
        queued.pod = shown.info
        rejected = frozenset((status.plugin,)) if status.rejected and status.plugin else frozenset()
        self.queue.put_back(queued, rejected, rejected if status.code is Code.PENDING else frozenset())
        self._attempted(way, NOT_SCHEDULABLE if status.rejected else ERROR)
        nominated = "" if way.promised or shown.info.nominated_node_name else None
        self._report_failure(queued.pod, UNSCHEDULABLE if status.rejected else SCHEDULER_ERROR, message, nominated)

    async def _expire_assumed(self) -> None:
        while True:
            await self._clock.sleep(_EXPIRY_PERIOD_SECONDS)
            for pod in self.cache.expire_assumed():
                logger.warning("pod %s was bound to node %s, but never shown there", pod.key, pod.node_name)
                self.queue.move_on_event(ClusterEvent(EventResource.ASSIGNED_POD, Action.DELETE), pod, None)
                shown = self._shown(pod)
                if shown is not None and not shown.info.node_name and not shown.deleting:
                    self.queue.add(shown.info)
