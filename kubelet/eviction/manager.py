"""Watches what pods use of a node, and ends some when too little is left (``eviction_manager.go``, v1.36)."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from apimachinery.clock import Clock
from apimachinery.quantity import parse_quantity
from apimachinery.types.core import object_reference
from apimachinery.types.pod import DISRUPTION_TARGET, PodCondition
from kubeclient.events import WARNING, EventRecorder
from kubelet.eviction.thresholds import (
    CONDITIONS,
    RESOURCES,
    Observation,
    Observations,
    Signal,
    Threshold,
    by_priority,
    met,
)
from kubelet.eviction.usage import PodUsage, eviction_message, is_critical, limit_exceeded, ranked
from kubelet.node import capacity, node_reference
from kubelet.pod_workers import PodWorkers
from kubelet.settings import Settings

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 10.0
IMMEDIATE_GRACE_SECONDS = 1
MAX_PIDS = 32_768
MAX_INODES = 6_553_600

_FILES = {signal for signal, condition in CONDITIONS.items() if condition == "DiskPressure"}
_REASON = "Evicted"
_BY_KUBELET = "TerminationByKubelet"


@dataclass(frozen=True, slots=True)
class NodeUsage:
    """What pods use of a node, and the bytes that its images take."""

    pods: Sequence[PodUsage] = ()
    images: int = 0


def observe(settings: Settings, usage: NodeUsage) -> Observations:
    """Return what is left of a node. Files are not counted one by one: a pod that runs has as many as it has
    containers."""
    offered = capacity(settings)
    memory = parse_quantity(offered["memory"])
    disk = parse_quantity(offered["ephemeral-storage"])
    used = sum(pod.disk for pod in usage.pods) + usage.images
    files = Observation(disk, disk - used)
    running = sum(pod.processes for pod in usage.pods)
    inodes = Observation(Fraction(MAX_INODES), Fraction(MAX_INODES - running))
    return {
        Signal.MEMORY: Observation(memory, memory - sum(pod.memory for pod in usage.pods)),
        Signal.NODEFS: files,
        Signal.IMAGEFS: files,
        Signal.NODEFS_INODES: inodes,
        Signal.IMAGEFS_INODES: inodes,
        Signal.PIDS: Observation(Fraction(MAX_PIDS), Fraction(MAX_PIDS - running)),
    }


class EvictionManager:
    """Looks at a node every ten seconds; ``run()`` does, :meth:`step` looks once.

    ``usage`` tells what is used. ``changed`` is called when the node's pressure conditions are others than before.
    ``delete_unused_images`` is tried for the disk before any pod has to go.
    """

    def __init__(
        self,
        settings: Settings,
        workers: PodWorkers,
        *,
        usage: Callable[[], NodeUsage],
        recorder: EventRecorder,
        clock: Clock,
        changed: Callable[[], None],
        delete_unused_images: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._workers = workers
        self._usage = usage
        self._recorder = recorder
        self._clock = clock
        self._changed = changed
        self._delete_unused_images = delete_unused_images
        self._node = node_reference(settings.node_name)
        self._met: list[Threshold] = []
        self._since: dict[Threshold, float] = {}
        self._observed: dict[str, float] = {}
        self._conditions: frozenset[str] = frozenset()

    @property
    def conditions(self) -> frozenset[str]:
        """The pressures that the node is under, by the names of their conditions."""
        return self._conditions

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.step()
            await self._clock.sleep(PERIOD_SECONDS)

    async def step(self) -> None:
        """Look once, and end what has to end: every pod past a limit of its own, and one pod for the node's sake."""
        usage = self._usage()
        observations = observe(self._settings, usage)
        now = self._clock.monotonic()
        self._met = met(self._settings.eviction_thresholds, observations, self._met)
        self._since = {threshold: self._since.get(threshold, now) for threshold in self._met}
        self._note_conditions(now)
        ended = {pod.pod.metadata.uid for pod in usage.pods if self._end_for_limit(pod)}
        due = [threshold for threshold in self._met if now - self._since[threshold] >= threshold.grace]
        if due and not ended:
            await self._reclaim(by_priority(due)[0], usage, observations)

    def _note_conditions(self, now: float) -> None:
        for threshold in self._met:
            self._observed[CONDITIONS[threshold.signal]] = now
        period = self._settings.eviction_pressure_transition_period
        held = {kind for kind, seen in self._observed.items() if now - seen < period}
        conditions = frozenset(held | {CONDITIONS[threshold.signal] for threshold in self._met})
        if conditions != self._conditions:
            self._conditions = conditions
            self._changed()

    def _end_for_limit(self, usage: PodUsage) -> bool:
        message = limit_exceeded(usage)
        return bool(message) and self._end(usage, message, IMMEDIATE_GRACE_SECONDS)

    async def _reclaim(self, threshold: Threshold, usage: NodeUsage, observations: Observations) -> None:
        resource = RESOURCES[threshold.signal]
        logger.warning("node %s: attempting to reclaim %s", self._settings.node_name, resource)
        self._recorder.event(self._node, WARNING, "EvictionThresholdMet", f"Attempting to reclaim {resource}")
        if threshold.signal in _FILES and await self._enough_without_images():
            return
        for candidate in ranked(usage.pods, resource):
            grace = IMMEDIATE_GRACE_SECONDS
            if not threshold.hard:
                granted = candidate.pod.spec.termination_grace_period_seconds
                grace = min(self._settings.eviction_max_pod_grace_period, granted)
            if self._end(candidate, eviction_message(candidate, threshold, observations), grace):
                return
        logger.warning("node %s: no pod is left to be evicted", self._settings.node_name)

    async def _enough_without_images(self) -> bool:
        """Remove the images that nobody uses; return whether that was enough."""
        await self._delete_unused_images()
        return not met(self._settings.eviction_thresholds, observe(self._settings, self._usage()))

    def _end(self, usage: PodUsage, message: str, grace: float) -> bool:
        """End a pod, unless it is one that must not be; return whether it is ending."""
        pod = usage.pod
        if is_critical(pod):
            logger.error("cannot evict the critical pod %s", pod.key)
            return False
        condition = PodCondition(type=DISRUPTION_TARGET, status="True", reason=_BY_KUBELET, message=message)
        if not self._workers.evict(pod.metadata.uid, _REASON, message, grace=grace, condition=condition):
            return False
        self._recorder.event(object_reference(pod), WARNING, _REASON, message)
        return True
