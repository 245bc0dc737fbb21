"""What the kubelet knows of one pod in the runtime: the input of every decision about it."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apimachinery.types.pod import ContainerStateTerminated, Pod, ResourceRequirements
from apimachinery.types.pod import ContainerStatus as ReportedStatus
from kubelet.few import NONE, Few, put
from kubelet.runtime import (
    ContainerConfig,
    ContainerRuntime,
    ContainerState,
    ContainerStatus,
    SandboxState,
    SandboxStatus,
)

STATUS_UNKNOWN = "ContainerStatusUnknown"
LOST_EXIT_CODE = 137
LOST_MESSAGE = "The container could not be located when the pod was terminated"


@dataclass(slots=True)
class PodState:
    """A pod's newest sandbox, and by name the newest run of each container and the run before that.

    A run from an earlier sandbox, or from before the kubelet's own start, carries another sandbox's id.
    """

    sandbox: SandboxStatus | None = None
    containers: MutableMapping[str, ContainerStatus] = field(default_factory=Few)
    previous: Mapping[str, ContainerStatus] = field(default_factory=lambda: NONE)
    replaced: frozenset[str] = frozenset()
    """The ids of runs that another one must follow, whatever the restart policy says of how they ended."""
    actuated: MutableMapping[str, ResourceRequirements] = field(default_factory=Few)
    """What each run, by id, has last been given of what its container asks for."""
    former_sandbox: str = ""
    """The id of the sandbox before, which the runtime keeps for the logs of what ran in it."""

    @property
    def sandbox_ready(self) -> bool:
        return self.sandbox is not None and self.sandbox.state is SandboxState.READY

    def here(self, name: str) -> ContainerStatus | None:
        """Return a container's newest run when it belongs to the newest sandbox."""
        run = self.containers.get(name)
        if run is None or self.sandbox is None or run.sandbox_id != self.sandbox.id or self.to_follow(name):
            return None
        return run

    def to_follow(self, name: str) -> bool:
        """Whether a container has ended and must run again in any case."""
        run = self.containers.get(name)
        return run is not None and run.state is ContainerState.EXITED and run.id in self.replaced

    def running(self) -> list[ContainerStatus]:
        return [run for run in self.containers.values() if run.state is ContainerState.RUNNING]


def taken_up_state(pod: Pod, found: Sequence[SandboxStatus], runtime: ContainerRuntime, now: datetime) -> PodState:
    """Return what is known of a pod that is new to this process.

    What the runtime has of it counts first, which are the sandboxes ``found`` there: they may have been there before
    the kubelet. The rest is what the API server remembers.
    """
    state = remembered_state(pod, now)
    if not found:
        return state
    sandboxes = sorted(found, key=lambda sandbox: sandbox.config.attempt)
    state.sandbox = sandboxes[-1]
    if len(sandboxes) > 1:
        state.former_sandbox = sandboxes[-2].id
    runs: dict[str, list[ContainerStatus]] = {}
    for sandbox in sandboxes:
        for run in runtime.list_containers(sandbox.id):
            runs.setdefault(run.config.name, []).append(run)
    for name, those in runs.items():
        those.sort(key=lambda run: run.config.attempt)
        state.containers[name] = those[-1]
        if len(those) > 1:
            state.previous = put(state.previous, name, those[-2])
    return state


def remembered_state(pod: Pod, now: datetime) -> PodState:
    """Return what the API server remembers of a pod that an earlier kubelet process ran.

    That process took its containers with it: one reported as running is gone, and counts as killed.
    """
    state = PodState()
    status = pod.status
    everyone = (*status.init_container_statuses, *status.container_statuses, *status.ephemeral_container_statuses)
    for reported in everyone:
        last = reported.last_state.terminated
        if reported.state.running is not None:
            gone = ContainerStateTerminated(
                exit_code=LOST_EXIT_CODE,
                reason=STATUS_UNKNOWN,
                message=LOST_MESSAGE,
                started_at=reported.state.running.started_at,
                finished_at=now,
                container_id=reported.container_id,
            )
            state.containers[reported.name] = _remembered(reported, gone, reported.restart_count, now)
        elif reported.state.terminated is not None:
            ended = reported.state.terminated
            state.containers[reported.name] = _remembered(reported, ended, reported.restart_count, now)
        elif last is not None:
            state.containers[reported.name] = _remembered(reported, last, reported.restart_count, now)
            last = None
        if last is not None:
            before = _remembered(reported, last, max(0, reported.restart_count - 1), now)
            state.previous = put(state.previous, reported.name, before)
    return state


def _remembered(
    reported: ReportedStatus, ended: ContainerStateTerminated, attempt: int, now: datetime
) -> ContainerStatus:
    """Return a run that has ended, as the API server has it."""
    return ContainerStatus(
        id=ended.container_id.rpartition("://")[2],
        sandbox_id="",
        config=ContainerConfig(name=reported.name, image=reported.image, attempt=attempt),
        state=ContainerState.EXITED,
        image_ref=reported.image_id,
        created_at=ended.started_at or now,
        started_at=ended.started_at,
        finished_at=ended.finished_at or now,
        exit_code=ended.exit_code,
        signal=ended.signal,
        reason=ended.reason,
        message=ended.message,
    )
