"""Starting one container: image, configuration, creation, start (``startContainer`` in ``pkg/kubelet``, v1.36)."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from apimachinery.types.pod import Container, EphemeralContainer, Pod
from apimachinery.types.probes import LifecycleHandler
from kubeclient.events import NORMAL, WARNING
from kubelet.actions import Rest, StartContainer
from kubelet.container_config import container_config
from kubelet.environment import ConfigError, sources
from kubelet.few import NONE, put, without
from kubelet.image_manager import Missing, Present, Pulling
from kubelet.pod_handle import PodHandle
from kubelet.pod_state import PodState
from kubelet.restart import RestartBackoff, back_off_event, back_off_message
from kubelet.runtime import (
    ContainerConfig,
    ContainerState,
    ContainerStatus,
    NotFound,
    RuntimeFault,
    SandboxStatus,
    StartFailed,
)
from kubelet.security_context import root_refusal
from kubelet.services import Services
from kubelet.stages import RunEvent, Runs, RunStage
from kubelet.static_pods.manifest import is_static
from kubelet.status import Waiting
from kubelet.volumes.image import as_container, image_volumes

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""After how long something that the pod's spec or the runtime prevents is tried again."""


class Starter:
    """Starts the containers of one pod, and knows of each that could not be started why.

    What becomes of a start is noted in ``state`` and ``runs``.
    """

    __slots__ = ("_handle", "_mountable", "_rested", "_runs", "_services", "_state", "backoff", "unsettled", "waiting")

    def __init__(self, services: Services, state: PodState, runs: Runs, handle: PodHandle) -> None:
        self.waiting: Mapping[str, Waiting] = NONE
        """Why containers do not run, by name."""
        self.unsettled: Mapping[str, asyncio.Task[None]] = NONE
        """The runs, by id, whose postStart hook has not succeeded. Nothing else is done for the pod meanwhile."""
        self.backoff = RestartBackoff()
        self._rested: Mapping[str, str] = NONE
        self._runs = runs
        self._mountable: Mapping[str, frozenset[str]] = NONE
        """Which image volumes of a container that is about to start need no pull any more."""
        self._services = services
        self._state = state
        self._handle = handle

    async def start(self, pod: Pod, action: StartContainer) -> bool:
        """Start a container; return whether that has come to something at once. Never raises a runtime's fault."""
        container, sandbox = action.container, self._state.sandbox
        if sandbox is None:
            return False
        image = self._images(pod, container)
        if isinstance(image, Pulling):
            return False
        if isinstance(image, Missing):
            self.waiting = put(self.waiting, container.name, Waiting(image.reason, image.message))
            self._handle.wake_in(image.retry_after)
            return False
        try:
            config = await self._config(pod, action, sandbox)
        except ConfigError as error:
            self._cannot_start(container, "CreateContainerConfigError", str(error))
            return False
        try:
            container_id = await self._services.runtime.create_container(sandbox.id, config)
        except (RuntimeFault, OSError) as error:
            self._cannot_start(container, "CreateContainerError", str(error))
            return False
        self._handle.event(container, NORMAL, "Created", "Container created")
        return await self._start_created(pod, action, sandbox, container_id)

    def _images(self, pod: Pod, container: Container) -> Present | Pulling | Missing:
        """Say where the images stand that a container mounts and runs; the first that is not there counts."""
        images, name = self._services.images, container.name
        for volume in image_volumes(pod, container):
            wanted, there = as_container(volume), self._mountable.get(name, frozenset())
            if wanted.name in there:
                continue
            image = images.ensure(pod, wanted)
            if not isinstance(image, Present):
                return image
            self._mountable = put(self._mountable, name, there | {wanted.name})
        image = images.ensure(pod, container)
        if isinstance(image, Present):
            self._mountable = without(self._mountable, name)
        return image

    async def _config(self, pod: Pod, action: StartContainer, sandbox: SandboxStatus) -> ContainerConfig:
        services, container = self._services, action.container
        image = self._services.runtime.image_status(container.image)
        if image is not None and (refused := root_refusal(pod, container, image)):
            raise ConfigError(refused)
        target = self._target(container)
        referred = sources(container)
        config = container_config(
            pod,
            container,
            attempt=action.after.config.attempt + 1 if action.after is not None else 0,
            pod_ip=sandbox.ip,
            node=services.node,
            volumes=services.volumes,
            values=await services.sources.read(pod.metadata.uid, pod.metadata.namespace, referred) if referred else {},
            links=await self._links(pod),
        )
        return replace(config, target_id=target) if target else config

    async def _links(self, pod: Pod) -> Mapping[str, str]:
        """Return the variables about Services. Only static pods are started before any Service is known."""
        links = self._services.links
        if links is None:
            return {}
        if not is_static(pod):
            await links.wait_synced()
        return links.environment(pod)

    def _target(self, container: Container) -> str:
        """Return the id of the container that an ephemeral one is for, if any; it has to be there."""
        name = container.target_container_name if isinstance(container, EphemeralContainer) else ""
        if not name:
            return ""
        run = self._state.here(name)
        if run is None:
            raise ConfigError(f"unable to find target container {name}")
        return run.id

    async def _start_created(self, pod: Pod, action: StartContainer, sandbox: SandboxStatus, container_id: str) -> bool:
        container, name = action.container, action.container.name
        failure: StartFailed | None = None
        try:
            await self._services.runtime.start_container(container_id)
        except StartFailed as error:
            failure = error
        except (RuntimeFault, OSError) as error:
            await self._services.runtime.remove_container(container_id)
            self._cannot_start(container, "RunContainerError", str(error))
            return False
        if action.after is not None:
            ended = action.after.finished_at or action.after.created_at
            self.backoff.restarted(name, ended, self._services.clock.now())
            await self._keep_as_previous(name, action.after)
        self.waiting = without(self.waiting, name)
        run = self._state.containers[name] = self._services.runtime.container_status(container_id)
        if failure is not None:
            self._cannot_start(container, "RunContainerError", str(failure))
            return False
        self._state.actuated[container_id] = container.resources
        self._handle.event(container, NORMAL, "Started", "Container started")
        self._settle(pod, container, run, sandbox.ip)
        return True

    def _settle(self, pod: Pod, container: Container, run: ContainerStatus, pod_ip: str) -> None:
        """A program has been started: run the hook that comes after it, if any, and have it probed."""
        handler = container.lifecycle.post_start if container.lifecycle is not None else None
        self._runs.begin(run.id, hook=handler is not None)
        if handler is None:
            self._probe(pod, container, run, pod_ip)
            return
        work = self._post_start(handler, pod, container, run, pod_ip)
        task = self._handle.spawn(work, f"postStart of {container.name}")
        self.unsettled = put(self.unsettled, run.id, task)

    def _probe(self, pod: Pod, container: Container, run: ContainerStatus, pod_ip: str) -> None:
        if run.state is ContainerState.RUNNING:
            self._services.probes.start(pod, container, run.id, pod_ip)

    async def _post_start(
        self, handler: LifecycleHandler, pod: Pod, container: Container, run: ContainerStatus, pod_ip: str
    ) -> None:
        outcome = await self._services.hooks.run(handler, pod, container, run.id, pod_ip)
        if outcome.warning:
            self._handle.event(container, WARNING, "LifecycleHTTPFallback", outcome.warning)
        if not outcome.error:
            self._runs.move(run.id, RunEvent.HOOK_DONE)
            self.unsettled = without(self.unsettled, run.id)
            self._probe(pod, container, run, pod_ip)
        else:
            # The event does not repeat what the hook said, which may hold secrets.
            self._handle.event(container, WARNING, "FailedPostStartHook", "PostStartHook failed")
            self.waiting = put(self.waiting, container.name, Waiting("PostStartHookError", outcome.error))
            self._runs.move(run.id, RunEvent.HOOK_DONE)
            self._handle.fail(container, run, "FailedPostStartHook")
        self._handle.wake()

    def rest(self, pod: Pod, action: Rest) -> None:
        """Say that a container has to wait before its next start."""
        name = action.container.name
        message = back_off_message(pod, name, action.delay)
        self.waiting = put(self.waiting, name, Waiting("CrashLoopBackOff", message))
        if self._rested.get(name) != action.run.id:
            self._rested = put(self._rested, name, action.run.id)
            self._handle.event(action.container, WARNING, "BackOff", back_off_event(pod, name))
        self._handle.wake_in((action.until - self._services.clock.now()).total_seconds())

    def interrupt(self, container_id: str) -> None:
        """A container is to be stopped: its postStart hook is of no use any more."""
        task = self.unsettled.get(container_id)
        if task is not None and self._runs.stage(container_id) is RunStage.STARTING:
            task.cancel()

    def ended(self, container_id: str) -> None:
        """A container has ended."""
        self.unsettled = without(self.unsettled, container_id)
        self._state.actuated.pop(container_id, None)

    async def _keep_as_previous(self, name: str, run: ContainerStatus) -> None:
        """Remember a container's last run, and have the runtime forget the one before that."""
        before = self._state.previous.get(name)
        self._state.previous = put(self._state.previous, name, run)
        if before is not None and before.sandbox_id:
            try:
                await self._services.runtime.remove_container(before.id)
            except NotFound:
                # It went with its sandbox.
                logger.debug("container %s is gone already", before.id)

    def _cannot_start(self, container: Container, reason: str, message: str) -> None:
        self.waiting = put(self.waiting, container.name, Waiting(reason, message))
        self._handle.event(container, WARNING, "Failed", f"Error: {message}")
        self._handle.wake_in(RETRY_SECONDS)
