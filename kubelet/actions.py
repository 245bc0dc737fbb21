"""What is to be done next for a pod (``computePodActions`` in ``pkg/kubelet/kuberuntime``, v1.36).

State in, commands out. The commands of one answer can all be carried out at once; after that the question is asked
again with the new state. No commands means that the pod is as it should be, or waits for something.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.pod import Container, Pod
from kubelet.pod_state import PodState
from kubelet.pods import all_containers, is_sidecar
from kubelet.probe_state import ProbeKind
from kubelet.resizing import Change, change_of
from kubelet.resources import linux_resources, sandbox_resources
from kubelet.restart import RestartBackoff, could_run_again, restarts_all, runs_again
from kubelet.runtime import ContainerState, ContainerStatus, LinuxContainerResources


@dataclass(frozen=True, slots=True)
class CreateSandbox:
    """``replaces`` is the sandbox that died. ``again`` says that the pod has run before, in whatever process."""

    attempt: int
    replaces: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class StartContainer:
    """Make and start a container. ``after`` is the run that it follows, ``None`` the first time."""

    container: Container
    after: ContainerStatus | None = None


@dataclass(frozen=True, slots=True)
class KillContainer:
    """Stop one running container for a failed probe, or because it is not what it should be; ``message`` tells so.

    With ``replace`` another run must follow, whatever the restart policy.
    """

    container: Container
    run: ContainerStatus
    probe: ProbeKind | None
    message: str
    replace: bool = False


@dataclass(frozen=True, slots=True)
class RestartAll:
    """A container has ended in a way that has all of them begin anew, init containers included.

    ``running`` are killed first, without their preStop hooks; once nothing runs all start again in the same sandbox.
    """

    running: tuple[ContainerStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """A container has to wait ``delay`` seconds from its last end, which is until ``until``."""

    container: Container
    run: ContainerStatus
    until: datetime
    delay: float


@dataclass(frozen=True, slots=True)
class UpdateSandbox:
    """Let other limits hold for all containers of the pod together."""

    sandbox_id: str
    resources: LinuxContainerResources


@dataclass(frozen=True, slots=True)
class UpdateContainer:
    """Let other limits hold for a running container."""

    container: Container
    run: ContainerStatus
    resources: LinuxContainerResources


Action = UpdateSandbox | UpdateContainer | CreateSandbox | StartContainer | KillContainer | RestartAll | Rest


@dataclass(frozen=True, slots=True)
class Health:
    """What probes have found, by container id.

    ``failed`` names the probe for which a container must be killed; ``started`` holds those past their startup probe.
    """

    failed: Mapping[str, ProbeKind]
    started: Set[str]


def pod_actions(pod: Pod, state: PodState, *, health: Health, backoff: RestartBackoff, now: datetime) -> list[Action]:
    """Return what to do now for a pod that is meant to run."""
    if not state.sandbox_ready:
        return _without_sandbox(pod, state)
    if restarting_all(pod, state):
        ephemeral = {container.name for container in pod.spec.ephemeral_containers}
        return [RestartAll(tuple(run for run in state.running() if run.config.name not in ephemeral))]
    decide = _Decider(pod, state, health, backoff, now)
    decide.sandbox()
    for temporary in pod.spec.ephemeral_containers:
        decide.ephemeral_container(temporary)
    if decide.init_containers():
        for container in pod.spec.containers:
            decide.app_container(container)
    return decide.actions


def restarting_all(pod: Pod, state: PodState) -> bool:
    """Whether a container has ended in a way that has all of them begin anew, and they have not yet."""
    for container in all_containers(pod):
        run = state.containers.get(container.name)
        if run is None or run.state is not ContainerState.EXITED or run.id in state.replaced:
            continue
        if restarts_all(container, run.exit_code):
            return True
    return False


def _without_sandbox(pod: Pod, state: PodState) -> list[Action]:
    if not any(_wanted(pod, container, state) for container in pod.spec.containers):
        return []
    if _initialization_failed(pod, state):
        return []
    sandbox = state.sandbox
    if sandbox is None:
        return [CreateSandbox(0, again=bool(state.containers))]
    return [CreateSandbox(sandbox.config.attempt + 1, replaces=sandbox.id, again=True)]


def _wanted(pod: Pod, container: Container, state: PodState) -> bool:
    run = state.containers.get(container.name)
    return run is None or run.id in state.replaced or runs_again(pod, container, run.exit_code, init=False)


def _initialization_failed(pod: Pod, state: PodState) -> bool:
    for container in pod.spec.init_containers:
        run = state.containers.get(container.name)
        if run is None or run.exit_code == 0 or is_sidecar(container) or run.id in state.replaced:
            continue
        if not runs_again(pod, container, run.exit_code, init=True):
            return True
    return False


class _Decider:
    """Collects the actions for one pod with a ready sandbox."""

    def __init__(self, pod: Pod, state: PodState, health: Health, backoff: RestartBackoff, now: datetime) -> None:
        self.actions: list[Action] = []
        self._pod = pod
        self._state = state
        self._health = health
        self._backoff = backoff
        self._now = now

    def sandbox(self) -> None:
        """Hold the sandbox to the pod's own limits."""
        sandbox, resources = self._state.sandbox, sandbox_resources(self._pod)
        if sandbox is not None and sandbox.config.resources != resources:
            self.actions.append(UpdateSandbox(sandbox.id, resources))

    def init_containers(self) -> bool:
        """Look after the init containers, and return whether the others may run."""
        pod = self._pod
        initialized = any(self._state.here(container.name) is not None for container in pod.spec.containers)
        for container in pod.spec.init_containers:
            if is_sidecar(container):
                may_go_on = self._sidecar(container)
            else:
                may_go_on = initialized or self._init_container(container)
            if not may_go_on and not initialized:
                return False
        return True

    def ephemeral_container(self, container: Container) -> None:
        """Start one that has never run; what becomes of it is nobody's concern."""
        if container.name not in self._state.containers:
            self.actions.append(StartContainer(container))

    def _sidecar(self, container: Container) -> bool:
        run = self._state.here(container.name)
        if run is None or run.state is ContainerState.EXITED:
            self._start_or_rest(container)
            return False
        if _changed(container, run):
            message = f"Init container {container.name} definition changed"
            self.actions.append(KillContainer(container, run, None, message, replace=True))
        elif not self._kill_if_failed(container, run, f"Init container {container.name}", ""):
            self._resize(container, run)
        return run.id in self._health.started

    def _init_container(self, container: Container) -> bool:
        run = self._state.here(container.name)
        if run is None:
            self._start_or_rest(container)
            return False
        if run.state is not ContainerState.EXITED:
            return False
        if run.exit_code == 0:
            return True
        if runs_again(self._pod, container, run.exit_code, init=True):
            self._start_or_rest(container)
        return False

    def app_container(self, container: Container) -> None:
        run = self._state.containers.get(container.name)
        if run is not None and run.state is not ContainerState.EXITED:
            if _changed(container, run):
                message = f"Container {container.name} definition changed, will be restarted"
                self.actions.append(KillContainer(container, run, None, message, replace=True))
                return
            then = ", will be restarted" if could_run_again(self._pod, container, init=False) else ""
            if not self._kill_if_failed(container, run, f"Container {container.name}", then):
                self._resize(container, run)
        elif (
            run is None
            or self._state.to_follow(container.name)
            or runs_again(self._pod, container, run.exit_code, init=False)
        ):
            self._start_or_rest(container)

    def _kill_if_failed(self, container: Container, run: ContainerStatus, who: str, then: str) -> bool:
        probe = self._health.failed.get(run.id)
        if probe is None:
            return False
        message = f"{who} failed {probe.lower()} probe{then}"
        self.actions.append(KillContainer(container, run, probe, message))
        return True

    def _resize(self, container: Container, run: ContainerStatus) -> None:
        """Hold a running container to its resources, which may have changed since it was started."""
        resources = linux_resources(self._pod, container)
        change = change_of(container, self._state.actuated.get(run.id))
        if change is Change.RESTART:
            message = f"Container {container.name} resize requires restart"
            self.actions.append(KillContainer(container, run, None, message, replace=True))
        elif change is not None or run.config.resources != resources:
            self.actions.append(UpdateContainer(container, run, resources))

    def _start_or_rest(self, container: Container) -> None:
        run = self._state.containers.get(container.name)
        if run is not None:
            until = self._backoff.resting_until(container.name, run.finished_at or run.created_at, self._now)
            if until is not None:
                self.actions.append(Rest(container, run, until, self._backoff.delay(container.name)))
                return
        self.actions.append(StartContainer(container, run))


def _changed(container: Container, run: ContainerStatus) -> bool:
    """Whether a container has become another since its run began: its image is all of it that may change."""
    return run.config.image != container.image
