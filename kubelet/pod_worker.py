"""One pod's life on the node: from the first sight of it until it is gone (``pkg/kubelet/pod_workers.go``, v1.36)."""

import asyncio
import enum
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta

from apimachinery.clock import Clock
from apimachinery.types.core import ObjectReference, object_reference
from apimachinery.types.pod import Container, Pod
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubelet.actions import Action, CreateSandbox, Health, KillContainer, Rest, StartContainer, pod_actions
from kubelet.container_config import container_config, sandbox_config
from kubelet.environment import ConfigError, NodeFacts
from kubelet.image_manager import ImageManager, Missing, Pulling
from kubelet.pod_state import remembered_state
from kubelet.pods import field_path
from kubelet.prober.manager import ProbeManager
from kubelet.restart import RestartBackoff, back_off_event, back_off_message
from kubelet.runtime import ContainerRuntime, ContainerState, ContainerStatus, NotFound, RuntimeFault, StartFailed
from kubelet.status import Observed, Verdict, Waiting, lost, report
from kubelet.status_manager import StatusManager
from kubelet.stopping import Stopper, next_to_stop, probe_grace, remaining_grace
from kubelet.volumes import Volumes

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""After how long something that the pod's spec or the runtime prevents is tried again."""

DEADLINE_EXCEEDED = Verdict("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")


class Stage(enum.Enum):
    """Where a pod is in its life; it only ever moves on.

    ``ENDING``: it has come to its end by itself, what still runs is being stopped. ``DELETING``: the API server
    wants it gone. ``VANISHED``: the API server no longer has it. ``GONE``: nothing of it is left on the node.
    """

    RUNNING = 0
    ENDING = 1
    DELETING = 2
    VANISHED = 3
    GONE = 4


@dataclass(frozen=True, slots=True)
class Services:
    """What all pod workers of a node share."""

    runtime: ContainerRuntime
    clock: Clock
    recorder: EventRecorder
    images: ImageManager
    volumes: Volumes
    probes: ProbeManager
    statuses: StatusManager
    node: NodeFacts


class PodWorker:
    """Brings one pod to the state it is meant to be in, and keeps it there.

    ``run()`` does the work and returns once the pod is gone; :meth:`update`, :meth:`vanish` and :meth:`wake` tell
    it that something has changed, and never block. Each :meth:`sync` looks at everything anew, so that a wake-up
    too many, or two that came as one, do no harm.
    """

    def __init__(self, pod: Pod, services: Services) -> None:
        self.stage = Stage.RUNNING
        self._pod = pod
        self._services = services
        self._runtime = services.runtime
        self._clock = services.clock
        self._woken = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._state = remembered_state(pod, services.clock.now())
        self._reported = pod.status
        self._backoff = RestartBackoff()
        self._waiting: dict[str, Waiting] = {}
        self._stopper = Stopper(self._runtime, self._clock, spawn=self._spawn, event=self._event, wake=self.wake)
        self._rested: dict[str, str] = {}
        self._references: dict[str, ObjectReference] = {}
        self._volumes_ready = False
        self._verdict: Verdict | None = None
        self._next: float | None = None
        if pod.finished:
            self._move_to(Stage.ENDING)
        if pod.deleting:
            self._move_to(Stage.DELETING)

    def update(self, pod: Pod) -> None:
        """The API server has a newer version of the pod."""
        old, self._pod = self._pod, pod
        if pod.deleting:
            self._move_to(Stage.DELETING)
        # Most updates are echoes of the kubelet's own status reports.
        if (
            pod.metadata.generation != old.metadata.generation
            or pod.metadata.deletion_timestamp != old.metadata.deletion_timestamp
            or pod.metadata.deletion_grace_period_seconds != old.metadata.deletion_grace_period_seconds
            or (pod.spec.readiness_gates and pod.status.conditions != old.status.conditions)
        ):
            self.wake()

    def vanish(self) -> None:
        """The API server no longer has the pod: nobody waits for it to wind down."""
        self._move_to(Stage.VANISHED)
        self.wake()

    def wake(self) -> None:
        """Something about the pod may have changed."""
        self._woken.set()

    async def run(self) -> None:
        """Work until the pod is gone."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            while True:
                self._woken.clear()
                await self.sync()
                if self.stage is Stage.GONE:
                    return
                await self._until_woken()

    async def _until_woken(self) -> None:
        if self._next is None:
            await self._woken.wait()
            return
        try:
            async with self._clock.timeout(max(0.0, self._next - self._clock.monotonic())):
                await self._woken.wait()
        except TimeoutError:
            return

    async def sync(self) -> None:
        """Take one step: look, act, report."""
        self._next = None
        self._check_deadline()
        if self.stage is Stage.RUNNING:
            await self._keep_running()
        self._observe()
        if self.stage is Stage.VANISHED:
            await self._clean_up()
            return
        if self.stage is Stage.RUNNING:
            self._report()
            # The first report is what the deadline counts from.
            self._check_deadline()
        if self.stage is Stage.DELETING:
            await self._wind_down(remaining_grace(self._pod, self._clock.now()))
        elif self.stage is Stage.ENDING:
            await self._wind_down(self._pod.spec.termination_grace_period_seconds)

    def _move_to(self, stage: Stage) -> None:
        if stage.value > self.stage.value:
            self.stage = stage

    def _wake_in(self, seconds: float) -> None:
        due = self._clock.monotonic() + seconds
        self._next = due if self._next is None else min(self._next, due)

    def _spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        if self._group is None:
            raise RuntimeError("a pod worker works inside run()")
        self._group.create_task(work, name=name)

    # Looking

    def _observe(self) -> None:
        """Bring the picture of what runs up to date."""
        state = self._state
        if state.sandbox is not None:
            try:
                state.sandbox = self._runtime.pod_sandbox_status(state.sandbox.id)
            except NotFound:
                state.sandbox = None
        for name, run in state.containers.items():
            if run.state is ContainerState.EXITED:
                continue
            try:
                now = self._runtime.container_status(run.id)
            except NotFound:
                now = lost(run, self._clock.now())
            if now is run:
                continue
            state.containers[name] = now
            if now.state is ContainerState.EXITED:
                self._services.probes.stop(run.id)
                self._stopper.ended(run.id)

    def _check_deadline(self) -> None:
        seconds, began = self._pod.spec.active_deadline_seconds, self._reported.start_time
        if seconds is None or began is None or self.stage is not Stage.RUNNING:
            return
        left = (began + timedelta(seconds=seconds) - self._clock.now()).total_seconds()
        if left > 0:
            self._wake_in(left)
            return
        self._verdict = DEADLINE_EXCEEDED
        self._event(None, WARNING, DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message)
        self._move_to(Stage.ENDING)

    def _report(self, *, terminal: bool = False, final: bool = False) -> None:
        probes, running = self._services.probes, self._state.running()
        observed = Observed(
            self._state,
            self._waiting,
            started={run.id for run in running if probes.started(run.id)},
            ready={run.id for run in running if probes.ready(run.id)},
            host_ip=self._services.node.ip,
            runtime_name=self._runtime.name,
            terminal=terminal,
            verdict=self._verdict,
        )
        made = report(self._pod, observed, previous=self._reported, now=self._clock.now())
        self._reported = made.status
        self._services.statuses.set(self._pod, made.status, final=final)
        if made.ended:
            self._move_to(Stage.ENDING)

    def _event(self, container: Container | None, kind: str, reason: str, message: str) -> None:
        name = container.name if container is not None else ""
        about = self._references.get(name)
        if about is None:
            path = field_path(self._pod, container) if container is not None else ""
            about = self._references[name] = object_reference(self._pod, path)
        self._services.recorder.event(about, kind, reason, message)

    # Keeping it running

    async def _keep_running(self) -> None:
        if not self._set_up_volumes():
            return
        progressed = True
        while progressed and self.stage is Stage.RUNNING:
            self._observe()
            actions = pod_actions(
                self._pod, self._state, health=self._health(), backoff=self._backoff, now=self._clock.now()
            )
            progressed = False
            for action in actions:
                progressed |= await self._perform(action)

    def _set_up_volumes(self) -> bool:
        if self._volumes_ready:
            return True
        faults = self._services.volumes.set_up(self._pod)
        for fault in faults:
            self._event(None, WARNING, "FailedMount", fault)
        if faults:
            self._wake_in(RETRY_SECONDS)
            return False
        self._volumes_ready = True
        return True

    def _health(self) -> Health:
        probes, failed, started = self._services.probes, {}, set()
        for name, run in self._state.containers.items():
            if run.state is not ContainerState.RUNNING:
                continue
            if probes.started(run.id):
                started.add(run.id)
            kind = probes.failed(run.id)
            if kind is not None and not self._stopper.stopping(run.id):
                failed[run.id] = f"Container {name} failed {kind.lower()} probe, will be restarted"
        return Health(failed, started)

    async def _perform(self, action: Action) -> bool:
        """Carry out one action; return whether the state has changed by it at once."""
        match action:
            case CreateSandbox():
                return await self._create_sandbox(action)
            case StartContainer():
                return await self._start(action)
            case KillContainer(container, run, message):
                grace = probe_grace(self._pod, container, self._services.probes.failed(run.id))
                self._stopper.stop(container, run, grace, message)
                return False
            case Rest():
                self._rest(action)
                return False

    async def _create_sandbox(self, action: CreateSandbox) -> bool:
        if action.again:
            message = "Pod sandbox changed, it will be killed and re-created."
            self._event(None, NORMAL, "SandboxChanged", message)
        if action.replaces:
            # Its containers' last states are kept here; the runtime need not remember them.
            await self._runtime.remove_pod_sandbox(action.replaces)
        try:
            sandbox_id = await self._runtime.run_pod_sandbox(sandbox_config(self._pod, action.attempt))
        except RuntimeFault as error:
            self._state.sandbox = None
            self._event(None, WARNING, "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}")
            self._wake_in(RETRY_SECONDS)
            return False
        self._state.sandbox = self._runtime.pod_sandbox_status(sandbox_id)
        return True

    def _rest(self, action: Rest) -> None:
        name = action.container.name
        self._waiting[name] = Waiting("CrashLoopBackOff", back_off_message(self._pod, name, action.delay))
        if self._rested.get(name) != action.run.id:
            self._rested[name] = action.run.id
            self._event(action.container, WARNING, "BackOff", back_off_event(self._pod, name))
        self._wake_in((action.until - self._clock.now()).total_seconds())

    async def _start(self, action: StartContainer) -> bool:
        container, sandbox = action.container, self._state.sandbox
        if sandbox is None:
            return False
        image = self._services.images.ensure(self._pod, container)
        if isinstance(image, Pulling):
            return False
        if isinstance(image, Missing):
            self._waiting[container.name] = Waiting(image.reason, image.message)
            self._wake_in(image.retry_after)
            return False
        attempt = action.after.config.attempt + 1 if action.after is not None else 0
        try:
            config = container_config(
                self._pod,
                container,
                attempt=attempt,
                pod_ip=sandbox.ip,
                node=self._services.node,
                volumes=self._services.volumes,
            )
        except ConfigError as error:
            self._cannot_start(container, "CreateContainerConfigError", str(error))
            return False
        try:
            container_id = await self._runtime.create_container(sandbox.id, config)
        except RuntimeFault as error:
            self._cannot_start(container, "CreateContainerError", str(error))
            return False
        self._event(container, NORMAL, "Created", "Container created")
        return await self._start_created(action, container_id)

    async def _start_created(self, action: StartContainer, container_id: str) -> bool:
        container, name = action.container, action.container.name
        failure: StartFailed | None = None
        try:
            await self._runtime.start_container(container_id)
        except StartFailed as error:
            failure = error
        except RuntimeFault as error:
            await self._runtime.remove_container(container_id)
            self._cannot_start(container, "RunContainerError", str(error))
            return False
        if action.after is not None:
            ended = action.after.finished_at or action.after.created_at
            self._backoff.restarted(name, ended, self._clock.now())
            await self._keep_as_previous(name, action.after)
        self._waiting.pop(name, None)
        run = self._state.containers[name] = self._runtime.container_status(container_id)
        if failure is not None:
            self._cannot_start(container, "RunContainerError", str(failure))
            return False
        self._event(container, NORMAL, "Started", "Container started")
        sandbox = self._state.sandbox
        if run.state is ContainerState.RUNNING and sandbox is not None:
            self._services.probes.start(self._pod, container, container_id, sandbox.ip)
        return True

    async def _keep_as_previous(self, name: str, run: ContainerStatus) -> None:
        """Remember a container's last run, and have the runtime forget the one before that."""
        before = self._state.previous.get(name)
        self._state.previous[name] = run
        if before is not None and before.sandbox_id:
            try:
                await self._runtime.remove_container(before.id)
            except NotFound:
                # It went with its sandbox.
                logger.debug("container %s of pod %s is gone already", name, self._pod.key)

    def _cannot_start(self, container: Container, reason: str, message: str) -> None:
        self._waiting[container.name] = Waiting(reason, message)
        self._event(container, WARNING, "Failed", f"Error: {message}")
        self._wake_in(RETRY_SECONDS)

    # Stopping

    async def _wind_down(self, grace: float) -> None:
        """Stop what runs; once nothing does, report the end and let go of the sandbox."""
        running = self._state.running()
        if running:
            for container, run in next_to_stop(self._pod, running):
                self._stopper.stop(container, run, grace, f"Stopping container {container.name}")
            self._report()
            return
        sandbox = self._state.sandbox
        if sandbox is not None and self._state.sandbox_ready:
            await self._runtime.stop_pod_sandbox(sandbox.id)
            self._observe()
        self._report(terminal=True, final=self.stage is Stage.DELETING)

    async def _clean_up(self) -> None:
        """Remove everything of the pod from the node, at once."""
        services, uid = self._services, self._pod.metadata.uid
        services.images.forget(uid)
        for run in self._state.containers.values():
            services.probes.stop(run.id)
        if self._state.sandbox is not None:
            try:
                await self._runtime.remove_pod_sandbox(self._state.sandbox.id)
            except NotFound:
                logger.debug("the sandbox of pod %s is gone already", self._pod.key)
        services.volumes.tear_down(uid)
        services.statuses.forget(uid)
        self._move_to(Stage.GONE)
