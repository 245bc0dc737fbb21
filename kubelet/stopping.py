"""Stopping the containers of one pod: in which order, and how long each may take (``killContainer``, v1.36)."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from math import ceil

from apimachinery.clock import Clock
from apimachinery.types.pod import Container, Pod
from kubeclient.events import NORMAL
from kubelet.pods import all_containers, find_container, is_sidecar
from kubelet.probe_state import ProbeKind
from kubelet.runtime import ContainerRuntime, ContainerStatus, RuntimeFault

logger = logging.getLogger(__name__)

SAME_DEADLINE_SECONDS = 1.0
"""Deadlines come in whole seconds: one that is earlier by less than this is the same one, read at another moment."""


def probe_grace(pod: Pod, container: Container, failed: ProbeKind) -> float:
    """Return the seconds a container has to end when it is stopped for a failed probe."""
    probe = container.startup_probe if failed is ProbeKind.STARTUP else container.liveness_probe
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


def next_to_stop(pod: Pod, running: Sequence[ContainerStatus]) -> list[tuple[Container, ContainerStatus]]:
    """Return what to stop now: the ordinary containers together; once they have ended the sidecars, the last first."""
    sidecars = {container.name for container in pod.spec.init_containers if is_sidecar(container)}
    chosen = [run for run in running if run.config.name not in sidecars]
    if not chosen:
        order = [container.name for container in all_containers(pod)]
        chosen = [max(running, key=lambda run: order.index(run.config.name))]
    return [(find_container(pod, run.config.name), run) for run in chosen]


class Stopper:
    """Stops containers without waiting for them.

    ``spawn`` owns the waiting, ``event`` records an event about a container, ``wake()`` is called when one has ended.
    """

    def __init__(
        self,
        runtime: ContainerRuntime,
        clock: Clock,
        *,
        spawn: Callable[[Coroutine[object, object, None], str], None],
        event: Callable[[Container, str, str, str], None],
        wake: Callable[[], None],
    ) -> None:
        self._runtime = runtime
        self._clock = clock
        self._spawn = spawn
        self._event = event
        self._wake = wake
        self._deadlines: dict[str, float] = {}

    def stopping(self, container_id: str) -> bool:
        """Whether a running container has been told to end."""
        return container_id in self._deadlines

    def ended(self, container_id: str) -> None:
        """A container has ended, for whatever reason."""
        self._deadlines.pop(container_id, None)

    def stop(self, container: Container, run: ContainerStatus, grace: float, message: str) -> None:
        """Begin to stop a container within ``grace`` seconds, or shorten the time that an earlier call has left it."""
        deadline = self._clock.monotonic() + grace
        known = self._deadlines.get(run.id)
        if known is not None and deadline > known - SAME_DEADLINE_SECONDS:
            return
        self._deadlines[run.id] = deadline
        if known is None:
            self._event(container, NORMAL, "Killing", message)
        self._spawn(self._stop(run.id, grace), f"stop {container.name}")

    async def _stop(self, container_id: str, grace: float) -> None:
        try:
            await self._runtime.stop_container(container_id, grace)
        except RuntimeFault as fault:
            logger.debug("container %s was not stopped: %s", container_id, fault)
        self._wake()
