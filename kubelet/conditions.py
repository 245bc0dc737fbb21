"""The conditions that the kubelet keeps in a pod's status (``pkg/kubelet/status/generate.go``, v1.36)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from apimachinery.types.pod import FAILED, SUCCEEDED, ContainerStatus, Pod, PodCondition
from kubelet.pods import is_sidecar
from kubelet.restart import may_restart_all

READY_TO_START_CONTAINERS = "PodReadyToStartContainers"
INITIALIZED = "Initialized"
READY = "Ready"
CONTAINERS_READY = "ContainersReady"
ALL_CONTAINERS_RESTARTING = "AllContainersRestarting"
RESIZE_PENDING = "PodResizePending"
RESIZE_IN_PROGRESS = "PodResizeInProgress"

OWNED = frozenset({
    READY_TO_START_CONTAINERS,
    INITIALIZED,
    READY,
    CONTAINERS_READY,
    ALL_CONTAINERS_RESTARTING,
    RESIZE_PENDING,
    RESIZE_IN_PROGRESS,
})
"""What the kubelet writes; every other condition is somebody else's."""


@dataclass(frozen=True, slots=True)
class _Finding:
    holds: bool
    reason: str = ""
    message: str = ""


def pod_conditions(
    pod: Pod,
    *,
    phase: str,
    statuses: Mapping[str, ContainerStatus],
    sandbox_ready: bool,
    restarting_all: bool = False,
    previous: Sequence[PodCondition],
    now: datetime,
) -> list[PodCondition]:
    """Return the conditions that the kubelet keeps. Those that readiness gates ask for are read from ``pod``.

    ``restarting_all`` says that all containers are being taken down to begin anew.
    ``previous`` are the ones last reported; a condition whose status has not changed keeps its transition time.
    """
    containers_ready = _containers_ready(pod, phase, statuses)
    before = {condition.type: condition for condition in previous}
    initialized = _initialized(pod, phase, statuses)
    if not initialized.holds and (shown := before.get(INITIALIZED)) is not None and shown.status == "True":
        # Init containers that run once more do not take back that the pod has been initialized.
        initialized = _Finding(True)
    findings = {
        READY_TO_START_CONTAINERS: _Finding(sandbox_ready),
        INITIALIZED: initialized,
        READY: _ready(pod, containers_ready),
        CONTAINERS_READY: containers_ready,
    }
    if may_restart_all(pod):
        findings[ALL_CONTAINERS_RESTARTING] = _restarting_all(phase, restarting_all)
    return [
        _condition(kind, finding, before.get(kind), pod.metadata.generation, now) for kind, finding in findings.items()
    ]


def dated(pod: Pod, condition: PodCondition, previous: Sequence[PodCondition], now: datetime) -> PodCondition:
    """Return a condition that is shown only as long as it holds, dated to when it was first shown."""
    shown = next((entry for entry in previous if entry.type == condition.type), None)
    since = shown.last_transition_time if shown is not None and shown.status == condition.status else None
    return condition.model_copy(
        update={"last_transition_time": since or now, "observed_generation": pod.metadata.generation}
    )


def _condition(
    kind: str, finding: _Finding, before: PodCondition | None, generation: int, now: datetime
) -> PodCondition:
    status = "True" if finding.holds else "False"
    if before is not None and (before.status, before.reason, before.message, before.observed_generation) == (
        status,
        finding.reason,
        finding.message,
        generation,
    ):
        # Most stay as they are, and a new object for each would cost more than all else that is decided here.
        return before
    since = before.last_transition_time if before is not None and before.status == status else None
    return _made(kind, status, finding.reason, finding.message, since or now, generation)


@lru_cache(maxsize=256)
def _made(kind: str, status: str, reason: str, message: str, since: datetime, generation: int) -> PodCondition:
    """Return the one object for all pods of which the same is said: those of a second mostly come to the same."""
    return PodCondition(
        type=kind,
        status=status,
        reason=reason,
        message=message,
        last_transition_time=since,
        observed_generation=generation,
    )


def _ended(phase: str) -> _Finding | None:
    if phase == SUCCEEDED:
        return _Finding(False, "PodCompleted")
    if phase == FAILED:
        return _Finding(False, "PodFailed")
    return None


def _restarting_all(phase: str, restarting_all: bool) -> _Finding:
    if restarting_all and _ended(phase) is None:
        return _Finding(True, "RestartAllContainersStarted", "container exited with restart policy rule")
    return _ended(phase) or _Finding(False)


def _containers_ready(pod: Pod, phase: str, statuses: Mapping[str, ContainerStatus]) -> _Finding:
    ended = _ended(phase)
    if ended is not None:
        return ended
    sidecars = [container for container in pod.spec.init_containers if is_sidecar(container)]
    names = [container.name for container in (*sidecars, *pod.spec.containers)]
    unknown = [name for name in names if name not in statuses]
    unready = [name for name in names if name in statuses and not statuses[name].ready]
    return _by_lists("ContainersNotReady", unknown, unready, "unready")


def _initialized(pod: Pod, phase: str, statuses: Mapping[str, ContainerStatus]) -> _Finding:
    if phase == SUCCEEDED:
        return _Finding(True, "PodCompleted")
    if any(_has_started(statuses.get(container.name)) for container in pod.spec.containers):
        return _Finding(True)
    unknown: list[str] = []
    incomplete: list[str] = []
    for container in pod.spec.init_containers:
        status = statuses.get(container.name)
        if status is None:
            unknown.append(container.name)
        elif not (status.started if is_sidecar(container) else status.ready):
            incomplete.append(container.name)
    return _by_lists("ContainersNotInitialized", unknown, incomplete, "incomplete")


def _has_started(status: ContainerStatus | None) -> bool:
    return status is not None and (
        status.state.running is not None
        or status.state.terminated is not None
        or status.last_state.terminated is not None
    )


def _ready(pod: Pod, containers_ready: _Finding) -> _Finding:
    if not containers_ready.holds:
        return containers_ready
    messages = []
    for gate in pod.spec.readiness_gates:
        condition = pod.condition(gate.condition_type)
        if condition is None:
            messages.append(f'corresponding condition of pod readiness gate "{gate.condition_type}" does not exist.')
        elif condition.status != "True":
            messages.append(
                f'the status of pod readiness gate "{gate.condition_type}" is not "True", but {condition.status}'
            )
    return _Finding(False, "ReadinessGatesNotReady", ", ".join(messages)) if messages else _Finding(True)


def _by_lists(reason: str, unknown: Iterable[str], lacking: Iterable[str], word: str) -> _Finding:
    messages = [
        f"containers with {what} status: [{' '.join(names)}]"
        for what, names in (("unknown", unknown), (word, lacking))
        if names
    ]
    return _Finding(False, reason, ", ".join(messages)) if messages else _Finding(True)
