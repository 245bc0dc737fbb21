"""A pod's phase, from the states of its containers (``getPhase`` in ``pkg/kubelet/kubelet_pods.go``, v1.36)."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from apimachinery.types.pod import FAILED, PENDING, RUNNING, SUCCEEDED, Container, ContainerStatus, Pod
from kubelet.pods import is_sidecar
from kubelet.restart import runs_again


@dataclass(slots=True)
class _Counts:
    """How many app containers are in which state. ``unknown`` have no status at all."""

    unknown: int = 0
    waiting: int = 0
    running: int = 0
    stopped: int = 0
    succeeded: int = 0


def pod_phase(
    pod: Pod, statuses: Mapping[str, ContainerStatus], *, terminal: bool, again: Set[str] = frozenset()
) -> str:
    """Return the phase. ``statuses`` holds init and app containers by name; ephemeral ones do not count.

    ``terminal`` says that no container will be started any more, whatever the restart policy: the pod is being
    deleted or was ended, and everything in it has stopped. ``again`` names containers that will, whatever the policy.
    """
    pending_init, pending_sidecar, failed_for_good = _initialization(pod, statuses, again)
    if failed_for_good:
        return FAILED
    app = _count(pod, statuses)
    # Once an app container has started, a sidecar that is down does not take the pod back to Pending.
    started = app.running + app.stopped > 0
    if pending_init or (pending_sidecar and not started) or app.waiting:
        return FAILED if terminal else PENDING
    if app.running and not app.unknown:
        return RUNNING
    if app.stopped and not app.unknown:
        return _stopped_phase(pod, app, statuses, again, terminal=terminal)
    return FAILED if terminal else PENDING


def _initialization(pod: Pod, statuses: Mapping[str, ContainerStatus], again: Set[str]) -> tuple[bool, bool, bool]:
    pending_init = pending_sidecar = failed_for_good = False
    for container in pod.spec.init_containers:
        status = statuses.get(container.name)
        if is_sidecar(container):
            pending_sidecar |= _sidecar_pending(status)
            continue
        outcome = _exit_code(status)
        if outcome is None or container.name in again:
            pending_init = True
        elif outcome != 0:
            if runs_again(pod, container, outcome, init=True):
                pending_init = True
            else:
                failed_for_good = True
    return pending_init, pending_sidecar, failed_for_good


def _sidecar_pending(status: ContainerStatus | None) -> bool:
    if status is None:
        return True
    if status.state.running is not None:
        return not status.started
    return status.state.terminated is None and status.last_state.terminated is None


def _exit_code(status: ContainerStatus | None) -> int | None:
    """Return how a container last ended, ``None`` when it runs or has never run."""
    if status is None or status.state.running is not None:
        return None
    ended = status.state.terminated or status.last_state.terminated
    return ended.exit_code if ended is not None else None


def _count(pod: Pod, statuses: Mapping[str, ContainerStatus]) -> _Counts:
    counts = _Counts()
    for container in pod.spec.containers:
        status = statuses.get(container.name)
        if status is None:
            counts.unknown += 1
        elif status.state.running is not None:
            counts.running += 1
        elif status.state.terminated is not None:
            counts.stopped += 1
            counts.succeeded += status.state.terminated.exit_code == 0
        elif status.last_state.terminated is not None:
            counts.stopped += 1
        else:
            counts.waiting += 1
    return counts


def _stopped_phase(
    pod: Pod, app: _Counts, statuses: Mapping[str, ContainerStatus], again: Set[str], *, terminal: bool
) -> str:
    if not terminal and any(_runs_again(pod, each, statuses[each.name], again) for each in pod.spec.containers):
        return RUNNING
    return SUCCEEDED if app.stopped == app.succeeded else FAILED


def _runs_again(pod: Pod, container: Container, status: ContainerStatus, again: Set[str]) -> bool:
    outcome = _exit_code(status)
    return container.name in again or outcome is None or runs_again(pod, container, outcome, init=False)
