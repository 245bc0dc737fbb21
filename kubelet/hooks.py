"""Lifecycle hooks: what is run right after a container's start, and right before its end.

Follows ``pkg/kubelet/lifecycle/handlers.go`` (v1.36).
"""

import logging
from dataclasses import dataclass

from apimachinery.clock import Clock
from apimachinery.types.pod import Container, Pod
from apimachinery.types.probes import ExecAction, HTTPGetAction, LifecycleHandler
from componentbase.version import KUBERNETES_MINOR
from kubelet.pods import full_name
from kubelet.prober.http_probe import NotTLS, fetch, http_request
from kubelet.prober.outcome import PortUnknown, Subject, host_port
from kubelet.prober.prober import Prober
from kubelet.runtime import ContainerRuntime, RuntimeFault

logger = logging.getLogger(__name__)

USER_AGENT = f"kube-lifecycle/1.{KUBERNETES_MINOR}"


@dataclass(frozen=True, slots=True)
class HookOutcome:
    """``error`` says why a hook has failed, empty when it has not; ``warning`` what else is worth an event."""

    error: str = ""
    warning: str = ""


class HookRunner:
    """Runs hooks of the containers of one node. ``prober`` knows where connections go.

    Nothing bounds a hook but its caller, who cancels it.
    """

    def __init__(self, runtime: ContainerRuntime, prober: Prober, clock: Clock) -> None:
        self._runtime = runtime
        self._prober = prober
        self._clock = clock

    async def run(
        self, handler: LifecycleHandler, pod: Pod, container: Container, container_id: str, pod_ip: str
    ) -> HookOutcome:
        """Run a hook to its end. What it does wrong is an outcome, never an exception."""
        try:
            return await self._run(handler, pod, container, container_id, pod_ip)
        except Exception as error:
            # One hook that cannot even be tried must not be the end of its pod's worker.
            logger.warning("a hook of %s/%s could not be run", pod.key, container.name, exc_info=True)
            return HookOutcome(f"Cannot run handler: {error}")

    async def _run(
        self, handler: LifecycleHandler, pod: Pod, container: Container, container_id: str, pod_ip: str
    ) -> HookOutcome:
        where = f'for Container "{container.name}" in Pod "{full_name(pod)}" failed - error: '
        if handler.exec is not None:
            failure = await self._exec(handler.exec, container_id)
            command = " ".join(handler.exec.command)
            return HookOutcome(f"Exec lifecycle hook ([{command}]) {where}{failure}" if failure else "")
        if handler.http_get is not None:
            failure, warning = await self._http(handler.http_get, Subject(container, container_id, pod_ip))
            path = handler.http_get.path
            return HookOutcome(f"HTTP lifecycle hook ({path}) {where}{failure}" if failure else "", warning)
        if handler.sleep is not None:
            await self._clock.sleep(handler.sleep.seconds)
            return HookOutcome()
        # A TCP socket is accepted by the API for compatibility's sake, and cannot be run.
        return HookOutcome("Cannot run handler: invalid handler")

    async def _exec(self, action: ExecAction, container_id: str) -> str:
        try:
            done = await self._runtime.exec_sync(container_id, action.command, None)
        except RuntimeFault as fault:
            return f'{fault}, message: ""'
        if done.exit_code == 0:
            return ""
        output, errors = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
        command = " ".join(action.command)
        # The message is quoted as Go quotes it.
        shown = (output + errors).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f"command '{command}' exited with {done.exit_code}: {errors}, message: \"{shown}\""

    async def _http(self, action: HTTPGetAction, subject: Subject) -> tuple[str, str]:
        endpoint = self._prober.endpoint
        try:
            await fetch(http_request(action, subject, endpoint, user_agent=USER_AGENT))
        except PortUnknown as error:
            return str(error), ""
        except NotTLS as error:
            headers = [header for header in action.http_headers if header.name.lower() != "authorization"]
            plain = action.model_copy(update={"scheme": "HTTP", "http_headers": headers})
            asked = http_request(plain, subject, endpoint, user_agent=USER_AGENT)
            try:
                await fetch(asked)
            except OSError:
                return str(error), ""
            where = host_port(asked.target.host, asked.target.port)
            return "", f"request to HTTPS lifecycle hook {where} got HTTP response, retry with HTTP succeeded"
        except OSError as error:
            return str(error), ""
        return "", ""
