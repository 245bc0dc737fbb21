"""Carrying out what was decided for one pod: the effects of :mod:`kubelet.actions`."""

import contextlib
import signal
from collections.abc import Sequence

from apimachinery.types.pod import Pod
from kubeclient.events import NORMAL, WARNING
from kubelet.actions import (
    Action,
    CreateSandbox,
    KillContainer,
    Rest,
    RestartAll,
    StartContainer,
    UpdateContainer,
    UpdateSandbox,
)
from kubelet.container_config import sandbox_config
from kubelet.hostnames import HostnameTooLong
from kubelet.pod_handle import PodHandle
from kubelet.pod_state import PodState
from kubelet.pods import all_containers
from kubelet.resizing import Resizer
from kubelet.resolver import pod_dns
from kubelet.runtime import ContainerStatus, NotFound, RuntimeFault
from kubelet.services import Services
from kubelet.starting import RETRY_SECONDS, Starter
from kubelet.stopping import Stopper, Turn, probe_grace


class Performer:
    """Carries out one action after the other; each answers whether the state has changed by it at once."""

    __slots__ = ("_handle", "_resizer", "_services", "_starter", "_state", "_stopper")

    def __init__(
        self,
        services: Services,
        state: PodState,
        handle: PodHandle,
        *,
        starter: Starter,
        stopper: Stopper,
        resizer: Resizer,
    ) -> None:
        self._services = services
        self._state = state
        self._handle = handle
        self._starter = starter
        self._stopper = stopper
        self._resizer = resizer

    async def perform(self, pod: Pod, action: Action) -> bool:
        match action:
            case CreateSandbox():
                return await self._create_sandbox(pod, action)
            case StartContainer():
                return await self._starter.start(pod, action)
            case KillContainer(container, run, probe, message, replace):
                if replace:
                    self._state.replaced |= {run.id}
                    self._starter.backoff.forget(container.name)
                self.stop(pod, Turn(container, run), probe_grace(pod, container, probe), message)
                return False
            case RestartAll(running):
                return self._restart_all(pod, running)
            case Rest():
                self._starter.rest(pod, action)
                return False
            case UpdateSandbox(sandbox_id, resources):
                await self._services.runtime.update_pod_sandbox_resources(sandbox_id, resources)
                self._handle.observe()
                return True
            case UpdateContainer():
                return await self._update_container(pod, action)

    def stop(self, pod: Pod, turn: Turn, grace: float, message: str) -> None:
        """Have a container end within ``grace`` seconds."""
        self._starter.interrupt(turn.run.id)
        sandbox = self._state.sandbox
        self._stopper.stop(pod, turn, grace, message, pod_ip=sandbox.ip if sandbox is not None else "")

    async def _create_sandbox(self, pod: Pod, action: CreateSandbox) -> bool:
        if action.again:
            message = "Pod sandbox changed, it will be killed and re-created."
            self._handle.event(None, NORMAL, "SandboxChanged", message)
        if action.replaces:
            await self._services.runtime.stop_pod_sandbox(action.replaces)
            self._handle.observe()
            # It is kept, for the logs in it; the one before is not.
            await self.forget_former_sandbox()
            self._state.former_sandbox = action.replaces
        cluster = self._services.node.dns
        dns = pod_dns(pod, cluster)
        for reason, message in dns.warnings:
            self._handle.event(None, WARNING, reason, message)
        try:
            config = sandbox_config(pod, action.attempt, dns=dns.config, cluster_domain=cluster.domain)
            sandbox_id = await self._services.runtime.run_pod_sandbox(config)
        except (RuntimeFault, HostnameTooLong) as error:
            self._state.sandbox = None
            self._handle.event(None, WARNING, "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}")
            self._handle.wake_in(RETRY_SECONDS)
            return False
        self._state.sandbox = self._services.runtime.pod_sandbox_status(sandbox_id)
        return True

    async def forget_former_sandbox(self) -> None:
        """Have the runtime forget the sandbox before the newest one."""
        former, self._state.former_sandbox = self._state.former_sandbox, ""
        if former:
            with contextlib.suppress(NotFound):
                await self._services.runtime.remove_pod_sandbox(former)

    async def _update_container(self, pod: Pod, action: UpdateContainer) -> bool:
        """Give a running container its new resources, unless it uses more memory than it would then have."""
        name, run, limit = action.container.name, action.run, action.resources.memory_limit_in_bytes
        used, before = self._services.runtime.container_stats(run.id).working_set_bytes, run.config.resources
        if 0 < limit < used and (limit < before.memory_limit_in_bytes or not before.memory_limit_in_bytes):
            error = f'attempting to set container "{name}" memory limit ({limit}) below current usage ({used})'
            self._resizer.fail(pod, error)
            self._handle.wake_in(RETRY_SECONDS)
            return False
        await self._services.runtime.update_container_resources(run.id, action.resources, pod.metadata.annotations)
        self._state.actuated[run.id] = action.container.resources
        self._handle.observe()
        return True

    def _restart_all(self, pod: Pod, running: Sequence[ContainerStatus]) -> bool:
        """Kill what runs; once nothing does have all containers begin anew."""
        for run in running:
            self._services.probes.wind_down(run.id)
            self._services.runtime.kill_container(run.id, signal.SIGKILL)
        if running:
            return False
        ended = [self._state.here(container.name) for container in all_containers(pod)]
        self._state.replaced |= {run.id for run in ended if run is not None}
        return True
