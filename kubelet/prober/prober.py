"""How one probe is carried out (``pkg/probe`` and ``pkg/kubelet/prober/prober.go``, v1.36)."""

import asyncio
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import aiohttp

from apimachinery.clock import Clock
from apimachinery.types.pod import Container, ExecAction, HTTPGetAction, Probe, TCPSocketAction
from componentbase.version import KUBERNETES_MINOR
from kubelet.probe_state import Result
from kubelet.runtime import ContainerRuntime, RuntimeFault

USER_AGENT = f"kube-probe/1.{KUBERNETES_MINOR}"
_SHOWN_OUTPUT_BYTES = 10 * 1024

Endpoint = Callable[[str, int], tuple[str, int]]
"""Where connections to an address and port of the pod network really go."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``message`` is what an ``Unhealthy`` event says after the colon."""

    result: Result
    message: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which container is probed, and where it is found."""

    container: Container
    container_id: str
    pod_ip: str


class Prober:
    """Carries out probes from the node; use as ``async with Prober(...) as prober``."""

    def __init__(self, runtime: ContainerRuntime, endpoint: Endpoint, clock: Clock) -> None:
        self._runtime = runtime
        self._endpoint = endpoint
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # A probe asks whether a new connection is answered, so none is kept.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def probe(self, probe: Probe, subject: Subject) -> Outcome:
        """Carry out one probe within its timeout. What a container does wrong is an outcome, never an exception."""
        timeout = float(max(1, probe.timeout_seconds))
        if probe.http_get is not None:
            return await self._http(probe.http_get, subject, timeout)
        if probe.tcp_socket is not None:
            return await self._tcp(probe.tcp_socket, subject, timeout)
        if probe.exec is not None:
            return await self._exec(probe.exec, subject, timeout)
        if probe.grpc is not None:
            return Outcome(Result.UNKNOWN, "gRPC probes are not served")
        return Outcome(Result.UNKNOWN, f"missing probe handler for {subject.container.name}")

    async def _http(self, action: HTTPGetAction, subject: Subject, timeout: float) -> Outcome:
        port = _port(action.port, subject.container)
        if port is None:
            return Outcome(Result.UNKNOWN, f"couldn't find port: {action.port}")
        host = action.host or subject.pod_ip
        scheme = action.scheme.lower()
        path = action.path if action.path.startswith("/") else f"/{action.path}"
        shown = f"{scheme}://{host}:{port}{path}"
        real_host, real_port = self._endpoint(host, port)
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Host": f"{host}:{port}"}
        headers |= {header.name: header.value for header in action.http_headers}
        if self._session is None:
            raise RuntimeError("the prober is not open: use `async with Prober(...)`")
        try:
            async with (
                self._clock.timeout(timeout),
                self._session.get(
                    f"{scheme}://{real_host}:{real_port}{path}",
                    headers={name: value for name, value in headers.items() if value},
                    allow_redirects=False,
                    ssl=False,
                ) as response,
            ):
                status = response.status
        except TimeoutError:
            reason = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            return Outcome(Result.FAILURE, f'Get "{shown}": {reason}')
        except (aiohttp.ClientConnectorError, ConnectionError) as error:
            return Outcome(Result.FAILURE, f'Get "{shown}": {_dial_failure(host, port, error)}')
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(Result.FAILURE, f'Get "{shown}": {error or "EOF"}')
        if 200 <= status < 400:
            return Outcome(Result.SUCCESS)
        return Outcome(Result.FAILURE, f"HTTP probe failed with statuscode: {status}")

    async def _tcp(self, action: TCPSocketAction, subject: Subject, timeout: float) -> Outcome:
        port = _port(action.port, subject.container)
        if port is None:
            return Outcome(Result.UNKNOWN, f"couldn't find port: {action.port}")
        host = action.host or subject.pod_ip
        try:
            async with self._clock.timeout(timeout):
                _, writer = await asyncio.open_connection(*self._endpoint(host, port))
        except TimeoutError:
            return Outcome(Result.FAILURE, f"dial tcp {host}:{port}: i/o timeout")
        except OSError as error:
            return Outcome(Result.FAILURE, _dial_failure(host, port, error))
        writer.transport.abort()
        return Outcome(Result.SUCCESS)

    async def _exec(self, action: ExecAction, subject: Subject, timeout: float) -> Outcome:
        try:
            done = await self._runtime.exec_sync(subject.container_id, action.command, timeout)
        except TimeoutError:
            command = shlex.join(action.command)
            return Outcome(Result.FAILURE, f'command timed out: "{command}" timed out after {timeout:g}s')
        except RuntimeFault as error:
            return Outcome(Result.UNKNOWN, str(error))
        if done.exit_code == 0:
            return Outcome(Result.SUCCESS)
        output = (done.stdout + done.stderr)[:_SHOWN_OUTPUT_BYTES]
        return Outcome(Result.FAILURE, output.decode(errors="replace"))


def _port(port: int | str, container: Container) -> int | None:
    """Return the number of a port given by number or by name."""
    if isinstance(port, int):
        return port
    for declared in container.ports:
        if declared.name == port:
            return declared.container_port
    return int(port) if port.isdecimal() else None


def _dial_failure(host: str, port: int, error: Exception) -> str:
    refused = isinstance(error, ConnectionRefusedError) or (
        isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError)
    )
    reason = "connection refused" if refused else str(error).lower()
    return f"dial tcp {host}:{port}: connect: {reason}"
