"""Stopping the containers of one pod: in which order, and how long each may take.

Follows ``killContainer`` (``pkg/kubelet/kuberuntime/kuberuntime_container.go``) and
``kuberuntime_termination_order.go`` (v1.36).
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

from apimachinery.clock import Clock
from apimachinery.types.pod import Container, Pod
from kubeclient.events import NORMAL, WARNING
from kubelet.few import NONE, put, without
from kubelet.hooks import HookOutcome, HookRunner
from kubelet.pod_handle import PodHandle
from kubelet.pods import all_containers, find_container, is_sidecar
from kubelet.probe_state import ProbeKind
from kubelet.runtime import ContainerRuntime, ContainerStatus, RuntimeFault
from kubelet.stages import RunEvent, Runs, RunStage

logger = logging.getLogger(__name__)

SAME_DEADLINE_SECONDS = 1.0
"""Deadlines come in whole seconds: one that is earlier by less than this is the same one, read at another moment."""

MINIMUM_GRACE_SECONDS = 2.0
"""What a program has between TERM and KILL at least, even when its preStop hook has used up all its time."""


def probe_grace(pod: Pod, container: Container, failed: ProbeKind | None) -> float:
    """Return the seconds a container has to end when it is stopped alone, for a failed probe or something else."""
    probes = {ProbeKind.STARTUP: container.startup_probe, ProbeKind.LIVENESS: container.liveness_probe}
    probe = probes.get(failed) if failed is not None else None
    if probe is not None and probe.termination_grace_period_seconds is not None:
        return probe.termination_grace_period_seconds
    return pod.spec.termination_grace_period_seconds


def remaining_grace(pod: Pod, now: datetime) -> float:
    """Return the seconds that the containers of a pod being deleted have left."""
    meta = pod.metadata
    granted = meta.deletion_grace_period_seconds
    if granted is None:
        granted = pod.spec.termination_grace_period_seconds
    if meta.deletion_timestamp is None:
        return granted
    left = ceil((meta.deletion_timestamp - now).total_seconds())
    # Even late there is a chance to hear of it, unless none was meant to be given.
    return max(min(granted, left), min(granted, 1))


@dataclass(frozen=True, slots=True)
class Turn:
    """A container of a pod that is to end; it is told to once the runs in ``after`` (their ids) have ended."""

    container: Container
    run: ContainerStatus
    after: frozenset[str] = frozenset()


def turns(pod: Pod, running: Sequence[ContainerStatus]) -> list[Turn]:
    """Return in which order containers end: the ordinary ones together, after them the sidecars, the last first."""
    order = [container.name for container in all_containers(pod)]
    sidecars = {container.name for container in pod.spec.init_containers if is_sidecar(container)}
    ordinary = [run for run in running if run.config.name not in sidecars]
    made = [Turn(find_container(pod, run.config.name), run) for run in ordinary]
    before = [run.id for run in ordinary]
    late = [run for run in running if run.config.name in sidecars]
    for run in sorted(late, key=lambda run: order.index(run.config.name), reverse=True):
        made.append(Turn(find_container(pod, run.config.name), run, frozenset(before)))
        before.append(run.id)
    return made


@dataclass(slots=True)
class _Stop:
    """A container that is to end by ``deadline``. Once ``signalled``, the runtime sees to it."""

    deadline: float
    task: asyncio.Task[None] | None = None
    signalled: bool = False


class Stopper:
    """Stops containers without waiting for them; the pod is looked at when one has ended.

    ``runs`` is told what becomes of each.
    """

    __slots__ = ("_clock", "_handle", "_hooks", "_runs", "_runtime", "_stops", "_waiting")

    def __init__(
        self, runtime: ContainerRuntime, hooks: HookRunner, clock: Clock, runs: Runs, handle: PodHandle
    ) -> None:
        self._runtime = runtime
        self._hooks = hooks
        self._clock = clock
        self._runs = runs
        self._handle = handle
        self._stops: Mapping[str, _Stop] = NONE
        self._waiting: Mapping[str, tuple[set[str], asyncio.Event]] = NONE
        """The runs that wait for their turn: for which others, and what says that all those have ended."""

    def stopping(self, container_id: str) -> bool:
        """Whether a running container has been told to end."""
        return self._runs.stage(container_id) is RunStage.STOPPING

    def ended(self, container_id: str) -> None:
        """A container has ended, for whatever reason."""
        self._waiting = without(self._waiting, container_id)
        for others, free in self._waiting.values():
            others.discard(container_id)
            if not others:
                free.set()
        stop = self._stops.get(container_id)
        self._stops = without(self._stops, container_id)
        if stop is not None and stop.task is not None and not stop.signalled:
            stop.task.cancel()

    def stop(self, pod: Pod, turn: Turn, grace: float, message: str, *, pod_ip: str = "") -> None:
        """Begin to stop a container within ``grace`` seconds, or shorten the time that an earlier call has left it.

        Its preStop hook runs first, once, and its time counts.
        """
        run = turn.run
        deadline = self._clock.monotonic() + grace
        known = self._stops.get(run.id)
        if known is not None and deadline > known.deadline - SAME_DEADLINE_SECONDS:
            return
        self._runs.move(run.id, RunEvent.STOP)
        if known is None:
            self._handle.event(turn.container, NORMAL, "Killing", message)
        elif known.task is not None and not known.signalled:
            known.task.cancel()
        if turn.after:
            self._waiting = put(self._waiting, run.id, ({*turn.after}, asyncio.Event()))
        stop = _Stop(deadline)
        self._stops = put(self._stops, run.id, stop)
        work = self._stop(stop, pod, turn, grace, pod_ip, hook=known is None)
        stop.task = self._handle.spawn(work, f"stop {turn.container.name}")

    async def _stop(self, stop: _Stop, pod: Pod, turn: Turn, grace: float, pod_ip: str, *, hook: bool) -> None:
        began = self._clock.monotonic()
        if hook and grace > 0:
            await self._pre_stop(pod, turn, grace, pod_ip)
        left = grace - floor(self._clock.monotonic() - began)
        if turn.after and left > 0:
            left -= floor(await self._wait_for_turn(turn, left))
        stop.signalled = True
        try:
            await self._runtime.stop_container(turn.run.id, max(left, MINIMUM_GRACE_SECONDS))
        except RuntimeFault as fault:
            logger.debug("container %s was not stopped: %s", turn.run.id, fault)
        self._handle.wake()

    async def _pre_stop(self, pod: Pod, turn: Turn, grace: float, pod_ip: str) -> None:
        container = turn.container
        handler = container.lifecycle.pre_stop if container.lifecycle is not None else None
        if handler is None:
            return
        outcome = HookOutcome()
        try:
            async with self._clock.timeout(grace):
                outcome = await self._hooks.run(handler, pod, container, turn.run.id, pod_ip)
        except TimeoutError:
            logger.info("the preStop hook of %s/%s did not end in its grace period", pod.key, container.name)
        if outcome.warning:
            self._handle.event(container, WARNING, "LifecycleHTTPFallback", outcome.warning)
        if outcome.error:
            # What the hook said may hold secrets, so it is logged and not shown.
            logger.info("pod %s: %s", pod.key, outcome.error)
            self._handle.event(container, WARNING, "FailedPreStopHook", "PreStopHook failed")

    async def _wait_for_turn(self, turn: Turn, longest: float) -> float:
        """Wait until those before it have ended, or ``longest`` seconds; return how many seconds that took."""
        began, (_, free) = self._clock.monotonic(), self._waiting[turn.run.id]
        try:
            async with self._clock.timeout(longest):
                await free.wait()
        except TimeoutError:
            logger.debug("those that end before container %s take too long", turn.container.name)
        return self._clock.monotonic() - began
