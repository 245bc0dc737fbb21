"""A pod's status, from what the runtime, the probes and the last starts tell.

Follows ``generateAPIPodStatus`` and ``convertToAPIContainerStatuses`` (``pkg/kubelet/kubelet_pods.go``, v1.36).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from apimachinery.types.pod import (
    FAILED,
    NODE_LOST,
    RUNNING,
    TERMINAL,
    Container,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerUser,
    HostIP,
    LinuxContainerUser,
    Pod,
    PodCondition,
    PodIP,
    PodStatus,
    VolumeMountStatus,
)
from apimachinery.types.pod import ContainerState as ReportedState
from apimachinery.types.pod import ContainerStatus as ReportedStatus
from kubelet.conditions import OWNED, dated, pod_conditions
from kubelet.phase import pod_phase
from kubelet.pod_state import LOST_EXIT_CODE, LOST_MESSAGE, STATUS_UNKNOWN, PodState
from kubelet.pods import all_containers, is_sidecar
from kubelet.runtime import ContainerState, ContainerStatus
from kubelet.runtime import LinuxContainerUser as RuntimeUser

MESSAGES_LIMIT = 12 * 1024
"""How much the termination messages of all containers of a pod may be together, in bytes."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a container does not run: ``reason`` as upstream's (``ImagePullBackOff``), ``message`` in words."""

    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a whole pod was ended, beyond what its containers did (``DeadlineExceeded``, ``Evicted``).

    ``condition`` is shown once the pod has ended, with the transition time of that moment.
    """

    reason: str
    message: str
    condition: PodCondition | None = None
    rejected: bool = False
    """Whether the pod was never let in: nothing is said of its containers then."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything a status is made from.

    ``waiting`` explains containers that could not be started; ``started`` and ``ready`` hold the ids of running
    containers that their probes call so. ``unsettled`` holds the ids of those whose postStart hook has not succeeded:
    until it has, nothing new is said of them. ``resizing`` are the conditions of a resize under way. ``terminal`` says
    that nothing will be started any more.
    """

    state: PodState
    waiting: Mapping[str, Waiting]
    started: Set[str]
    ready: Set[str]
    host_ip: str
    runtime_name: str
    unsettled: Set[str] = frozenset()
    restarting_all: bool = False
    resizing: Sequence[PodCondition] = ()
    terminal: bool = False
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A status; ``ended`` says that the pod has come to its end, though containers may still have to be stopped."""

    status: PodStatus
    ended: bool


def report(pod: Pod, observed: Observed, *, previous: PodStatus, now: datetime) -> Report:
    """Build a pod's status. ``previous`` is the one reported before this, which some fields carry on from."""
    now = now.replace(microsecond=0)
    if observed.verdict is not None and observed.verdict.rejected:
        return Report(_rejected(pod, observed.verdict, previous.start_time or now), ended=True)
    make = _StatusMaker(pod, _trimmed(pod, observed), previous)
    init = [make.status(container, init=True) for container in pod.spec.init_containers]
    app = [make.status(container) for container in pod.spec.containers]
    ephemeral = [make.status(container, ephemeral=True) for container in pod.spec.ephemeral_containers]
    statuses = {status.name: status for status in (*init, *app)}
    phase, ended = _phase(pod, observed, statuses, previous)
    sandbox = observed.state.sandbox
    ip = sandbox.ip if sandbox is not None else previous.pod_ip
    if pod.spec.host_network:
        ip = observed.host_ip
    conditions = pod_conditions(
        pod,
        phase=phase,
        statuses=statuses,
        sandbox_ready=observed.state.sandbox_ready,
        restarting_all=observed.restarting_all,
        previous=previous.conditions,
        now=now,
    )
    conditions += [dated(pod, condition, previous.conditions, now) for condition in observed.resizing]
    if previous.reason == NODE_LOST:
        previous = previous.model_copy(update={"reason": "", "message": ""})
    # Why a pod was ended is said together with the phase, not while its containers are still being stopped.
    verdict = observed.verdict if phase in TERMINAL else None
    if verdict is not None and verdict.condition is not None:
        conditions.append(dated(pod, verdict.condition, previous.conditions, now))
    status = PodStatus(
        phase=phase,
        conditions=conditions,
        reason=verdict.reason if verdict else previous.reason,
        message=verdict.message if verdict else previous.message,
        host_ip=observed.host_ip,
        host_ips=[_host_ip(observed.host_ip)],
        pod_ip=ip,
        pod_ips=[PodIP(ip=ip)] if ip else [],
        start_time=previous.start_time or now,
        init_container_statuses=init,
        container_statuses=app,
        ephemeral_container_statuses=ephemeral,
        qos_class=pod.status.qos_class,
        **_pod_resources(pod),
        observed_generation=pod.metadata.generation,
    )
    return Report(status, ended)


@lru_cache(maxsize=256)
def _host_ip(ip: str) -> HostIP:
    return HostIP(ip=ip)


def _rejected(pod: Pod, verdict: Verdict, start: datetime) -> PodStatus:
    return PodStatus(
        phase=FAILED,
        reason=verdict.reason,
        message=verdict.message,
        start_time=start,
        qos_class=pod.status.qos_class,
        observed_generation=pod.metadata.generation,
    )


def _pod_resources(pod: Pod) -> dict[str, Any]:
    """Return what the status says of the resources that are set for the pod as a whole."""
    whole = pod.spec.resources
    if not whole.requests and not whole.limits:
        return {}
    return {"resources": whole, "allocated_resources": whole.requests}


def own_part(status: PodStatus) -> PodStatus:
    """Return a status without the conditions that are not the kubelet's own."""
    return status.model_copy(update={"conditions": [entry for entry in status.conditions if entry.type in OWNED]})


def same_status(shown: PodStatus, reported: PodStatus) -> bool:
    """Whether the API server shows what was reported to it, beside conditions that are not the kubelet's own."""
    # Looking through all of it takes a while, and most that differ do in this.
    return shown is reported or (shown.phase == reported.phase and own_part(shown) == reported)


def _phase(
    pod: Pod, observed: Observed, statuses: Mapping[str, ReportedStatus], previous: PodStatus
) -> tuple[str, bool]:
    if previous.phase in TERMINAL:
        return previous.phase, True
    phase = (
        FAILED
        if observed.verdict
        else pod_phase(pod, statuses, terminal=observed.terminal, again=_again(pod, observed))
    )
    if phase not in TERMINAL:
        return phase, False
    # What still runs must be stopped first: a finished pod holds nothing on its node.
    return (RUNNING if observed.state.running() else phase), True


def _trimmed(pod: Pod, observed: Observed) -> Observed:
    """Keep what containers say of their ends within bounds (``normalizeStatus`` in ``pkg/kubelet/status``, v1.36)."""
    limit = MESSAGES_LIMIT // max(1, len(pod.spec.containers) + len(pod.spec.init_containers))
    state = observed.state
    if all(len(run.message) <= limit for runs in (state.containers, state.previous) for run in runs.values()):
        return observed

    def trim(runs: Mapping[str, ContainerStatus]) -> dict[str, ContainerStatus]:
        return {name: replace(run, message=run.message[:limit]) for name, run in runs.items()}

    return replace(observed, state=replace(state, containers=trim(state.containers), previous=trim(state.previous)))


def _again(pod: Pod, observed: Observed) -> frozenset[str]:
    """Return the names of the containers that will run again whatever the restart policy says."""
    if observed.restarting_all:
        return frozenset(container.name for container in pod.spec.containers)
    if not observed.state.replaced:
        return frozenset()
    return frozenset(container.name for container in all_containers(pod) if observed.state.to_follow(container.name))


class _StatusMaker:
    """Makes the statuses of one pod's containers."""

    def __init__(self, pod: Pod, observed: Observed, previous: PodStatus) -> None:
        self._pod = pod
        self._observed = observed
        self._previous = {
            status.name: status
            for status in (
                *previous.init_container_statuses,
                *previous.container_statuses,
                *previous.ephemeral_container_statuses,
            )
        }

    def status(self, container: Container, *, init: bool = False, ephemeral: bool = False) -> ReportedStatus:
        observed, pod = self._observed, self._pod
        run = observed.state.containers.get(container.name)
        waiting = observed.waiting.get(container.name)
        if run is not None and run.id in observed.unsettled:
            shown = self._previous.get(container.name)
            return shown or _never_run(pod, container, None, given_up=False)
        if run is None:
            given_up = observed.terminal and not init and _initialized(pod, observed)
            return _never_run(pod, container, waiting, given_up=given_up)
        if waiting is None and observed.state.to_follow(container.name):
            waiting = _not_started(pod)
        state, last_state = self._states(container.name, run, waiting)
        running = run.state is ContainerState.RUNNING
        if init and not is_sidecar(container):
            ready = state.terminated is not None and run.exit_code == 0
        else:
            ready = running and run.id in observed.ready and not ephemeral
        name = observed.runtime_name
        return ReportedStatus(
            name=container.name,
            state=state,
            last_state=last_state,
            ready=ready,
            restart_count=run.config.attempt,
            image=run.config.image,
            image_id=run.image_ref,
            container_id=f"{name}://{run.id}" if run.id else "",
            started=None if ephemeral else running and run.id in observed.started,
            allocated_resources=container.resources.requests,
            resources=observed.state.actuated.get(run.id, container.resources) if running else container.resources,
            volume_mounts=mount_statuses(container),
            user=_user(run.user),
            stop_signal=run.stop_signal,
        )

    def _states(self, name: str, run: ContainerStatus, waiting: Waiting | None) -> tuple[ReportedState, ReportedState]:
        """Return the state of a container, and its last one."""
        runtime, last = self._observed.runtime_name, self._observed.state.previous.get(name)
        state = _state(run, runtime)
        last_state = _state(last, runtime) if last is not None else _NO_STATE
        if waiting is None or run.state is ContainerState.RUNNING or self._observed.terminal:
            return state, last_state
        if state.terminated is not None:
            last_state = state
        return _waiting(waiting), last_state


def _initialized(pod: Pod, observed: Observed) -> bool:
    """Whether the init containers have done their work; before, the others were never due."""
    runs = observed.state.containers
    for container in pod.spec.init_containers:
        run = runs.get(container.name)
        if not is_sidecar(container) and (run is None or run.state is not ContainerState.EXITED or run.exit_code):
            return False
    return True


_CREATING, _INITIALIZING = Waiting("ContainerCreating"), Waiting("PodInitializing")


def _not_started(pod: Pod) -> Waiting:
    return _INITIALIZING if pod.spec.init_containers else _CREATING


def _never_run(pod: Pod, container: Container, waiting: Waiting | None, *, given_up: bool) -> ReportedStatus:
    if given_up:
        ended = ContainerStateTerminated(exit_code=LOST_EXIT_CODE, reason=STATUS_UNKNOWN, message=LOST_MESSAGE)
        state = ReportedState(terminated=ended)
    else:
        state = _waiting(waiting or _not_started(pod))
    return ReportedStatus(
        name=container.name,
        state=state,
        last_state=_NO_STATE,
        ready=False,
        restart_count=0,
        image=container.image,
        image_id="",
        started=False,
        volume_mounts=mount_statuses(container),
    )


def mount_statuses(container: Container) -> list[VolumeMountStatus]:
    """Return what a container's status says of its mounts."""
    return [
        VolumeMountStatus(
            name=mount.name,
            mount_path=mount.mount_path,
            read_only=mount.read_only,
            recursive_read_only=_recursion(mount.recursive_read_only) if mount.read_only else "",
        )
        for mount in container.volume_mounts
    ]


def _recursion(asked: str) -> str:
    """Return how far a read-only mount is read-only: here always as far as somebody asks for."""
    return "Enabled" if asked in {"Enabled", "IfPossible"} else "Disabled"


@lru_cache(maxsize=1024)
def _user(user: RuntimeUser | None) -> ContainerUser | None:
    if user is None:
        return None
    groups = list(user.supplemental_groups)
    return ContainerUser(linux=LinuxContainerUser(uid=user.uid, gid=user.gid, supplemental_groups=groups))


_NO_STATE = ReportedState()


# Containers by the hundred start in one second, and wait for the same.
@lru_cache(maxsize=256)
def _running(since: datetime | None) -> ReportedState:
    return ReportedState(running=ContainerStateRunning(started_at=since))


@lru_cache(maxsize=256)
def _waiting(why: Waiting) -> ReportedState:
    return ReportedState(waiting=ContainerStateWaiting(reason=why.reason, message=why.message))


def _state(run: ContainerStatus, runtime_name: str) -> ReportedState:
    if run.state is ContainerState.RUNNING:
        return _running(_whole(run.started_at))
    if run.state is ContainerState.CREATED:
        return _waiting(_CREATING)
    return ReportedState(
        terminated=ContainerStateTerminated(
            exit_code=run.exit_code,
            signal=run.signal,
            reason=run.reason,
            message=run.message,
            started_at=_whole(run.started_at),
            finished_at=_whole(run.finished_at),
            container_id=f"{runtime_name}://{run.id}" if run.id else "",
        )
    )


def _whole(moment: datetime | None) -> datetime | None:
    """Cut to the seconds that go over the wire, so that a status can be compared with one read back."""
    return moment.replace(microsecond=0) if moment is not None else None


def lost(run: ContainerStatus, now: datetime) -> ContainerStatus:
    """Return the last state of a container that the runtime no longer knows."""
    return replace(
        run,
        state=ContainerState.EXITED,
        finished_at=now,
        exit_code=LOST_EXIT_CODE,
        reason=STATUS_UNKNOWN,
        message=LOST_MESSAGE,
    )
