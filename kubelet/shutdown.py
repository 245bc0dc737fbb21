"""Ending a node's pods before the node goes down (``pkg/kubelet/nodeshutdown``, v1.36)."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apimachinery.clock import Clock
from apimachinery.types.pod import DISRUPTION_TARGET, Pod, PodCondition
from kubelet.eviction.usage import is_critical
from kubelet.pod_workers import PodWorkers
from kubelet.runtime import ContainerRuntime, ContainerState

logger = logging.getLogger(__name__)

REASON = "Terminated"
MESSAGE = "Pod was terminated in response to imminent node shutdown."

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Group:
    """Pods that end together, each within its own grace period or ``seconds``, whichever is shorter."""

    seconds: float
    pods: tuple[Pod, ...]


def groups(pods: Sequence[Pod], *, seconds: float, critical_seconds: float) -> list[Group]:
    """Return which pods end first and which last: the critical ones have the last ``critical_seconds`` of all."""
    critical = tuple(pod for pod in pods if is_critical(pod))
    others = tuple(pod for pod in pods if not is_critical(pod))
    found = [Group(seconds - critical_seconds, others), Group(critical_seconds, critical)]
    return [group for group in found if group.pods]


class Shutdown:
    """Ends the pods of one node, group by group."""

    def __init__(self, workers: PodWorkers, runtime: ContainerRuntime, clock: Clock) -> None:
        self._workers = workers
        self._runtime = runtime
        self._clock = clock

    async def run(self, *, seconds: float, critical_seconds: float) -> None:
        """End all pods; return when they have ended, or their time is up."""
        pods = [seen.pod for seen in self._workers.active()]
        for group in groups(pods, seconds=seconds, critical_seconds=critical_seconds):
            logger.info("ending %d pods within %g s", len(group.pods), group.seconds)
            condition = PodCondition(
                type=DISRUPTION_TARGET, status="True", reason="TerminationByKubelet", message=MESSAGE
            )
            for pod in group.pods:
                grace = min(group.seconds, pod.spec.termination_grace_period_seconds)
                self._workers.evict(pod.metadata.uid, REASON, MESSAGE, grace=grace, condition=condition)
            await self._wait({pod.metadata.uid for pod in group.pods}, group.seconds)

    async def _wait(self, uids: set[str], seconds: float) -> None:
        await until(lambda: not uids & self._running(), seconds, self._clock)

    def _running(self) -> set[str]:
        sandboxes = {sandbox.id: sandbox.config.uid for sandbox in self._runtime.list_pod_sandboxes()}
        return {
            sandboxes[run.sandbox_id]
            for run in self._runtime.list_containers()
            if run.state is ContainerState.RUNNING and run.sandbox_id in sandboxes
        }


async def until(holds: Callable[[], bool], seconds: float, clock: Clock) -> None:
    """Return when something holds, at the latest after so many seconds."""
    deadline = clock.monotonic() + seconds
    while not holds() and clock.monotonic() < deadline:
        await clock.sleep(_LOOK_SECONDS)
