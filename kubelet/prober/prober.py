"""How one probe is carried out (``pkg/probe`` and ``pkg/kubelet/prober/prober.go``, v1.36)."""

import asyncio
import logging
import shlex
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from apimachinery.clock import Clock
from apimachinery.types.pod import (
    Container,
)
from apimachinery.types.probes import (
    ExecAction,
    HTTPGetAction,
    Probe,
    TCPSocketAction,
)
from componentbase.version import KUBERNETES_MINOR
from kubelet.http_action import action_headers, action_port, action_url
from kubelet.probe_state import Result
from kubelet.runtime import ContainerRuntime, RuntimeFault

logger = logging.getLogger(__name__)

USER_AGENT = f"kube-probe/1.{KUBERNETES_MINOR}"
MOST_REQUESTS = 10
"""How many requests one HTTP probe makes at most, redirects within its host followed."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SHOWN_OUTPUT_BYTES = 10 * 1024

Endpoint = Callable[[str, int], tuple[str, int]]
"""Where connections to an address and port of the pod network really go."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``message`` is what an event says after the colon; a success that has one comes with a warning."""

    result: Result
    message: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which container is probed, and where it is found."""

    container: Container
    container_id: str
    pod_ip: str


class NotTLS(OSError):
    """The server answered in plain HTTP."""


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
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
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
        try:
            if probe.http_get is not None:
                return await self._http(probe.http_get, subject, timeout)
            if probe.tcp_socket is not None:
                return await self._tcp(probe.tcp_socket, subject, timeout)
            if probe.exec is not None:
                return await self._exec(probe.exec, subject, timeout)
        except Exception as error:
            # One probe that cannot even be tried must not be the end of all the others.
            logger.debug("a probe of container %s could not be tried", subject.container.name, exc_info=True)
            return Outcome(Result.UNKNOWN, str(error) or type(error).__name__)
        if probe.grpc is not None:
            return Outcome(Result.UNKNOWN, "gRPC probes are not served")
        return Outcome(Result.UNKNOWN, f"missing probe handler for {subject.container.name}")

    async def _http(self, action: HTTPGetAction, subject: Subject, timeout: float) -> Outcome:
        url = action_url(action, subject.container, subject.pod_ip)
        if url is None:
            return Outcome(Result.UNKNOWN, f"couldn't find port: {action.port}")
        try:
            async with self._clock.timeout(timeout):
                return await self._get(url, action_headers(action, USER_AGENT))
        except TimeoutError:
            reason = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            return Outcome(Result.FAILURE, f'Get "{url}": {reason}')

    async def _get(self, url: URL, headers: Mapping[str, str]) -> Outcome:
        """Ask for a URL, and for those it leads to for as long as they are on the same host."""
        for _ in range(MOST_REQUESTS):
            host, port = url.host or "", url.port or 80
            try:
                async with self._request(url, headers) as response:
                    status = response.status
                    location = response.headers.get("Location") if status in _REDIRECTS else None
                    target = url.join(URL(location)) if location else None
                    if target is None or target.host != url.host:
                        return await _verdict(status, response)
            except (aiohttp.ClientConnectorError, ConnectionError) as error:
                return Outcome(Result.FAILURE, f'Get "{url}": {_dial_failure(host, port, error)}')
            except (aiohttp.ClientError, OSError) as error:
                return Outcome(Result.FAILURE, f'Get "{url}": {error or "EOF"}')
            url = target
        return Outcome(Result.FAILURE, f'Get "{url}": stopped after {MOST_REQUESTS} redirects')

    def _request(self, url: URL, headers: Mapping[str, str]) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask for a URL on the pod network, once."""
        if self._session is None:
            raise RuntimeError("the prober is not open: use `async with Prober(...)`")
        host, port = url.host or "", url.port or 80
        real_host, real_port = self._endpoint(host, port)
        given = {"Host": f"{host}:{port}"} if "Host" not in headers else {}
        return self._session.get(
            url.with_host(real_host).with_port(real_port),
            headers=CIMultiDict([*given.items(), *headers.items()]),
            allow_redirects=False,
            ssl=False,
        )

    async def fetch(self, url: URL, headers: Mapping[str, str]) -> None:
        """Ask for a URL on the pod network once, whatever the answer; raise ``OSError`` when there is none.

        A server that speaks plain HTTP where HTTPS was asked for raises :class:`NotTLS`.
        """
        host, port = url.host or "", url.port or 80
        try:
            async with self._request(url, headers) as response:
                await response.content.read(_SHOWN_OUTPUT_BYTES)
        except aiohttp.ClientConnectorSSLError as error:
            raise NotTLS(f'Get "{url}": http: server gave HTTP response to HTTPS client') from error
        except (aiohttp.ClientConnectorError, ConnectionError) as error:
            raise OSError(f'Get "{url}": {_dial_failure(host, port, error)}') from error
        except aiohttp.ClientError as error:
            raise OSError(f'Get "{url}": {str(error) or "EOF"}') from error

    async def _tcp(self, action: TCPSocketAction, subject: Subject, timeout: float) -> Outcome:
        port = action_port(action.port, subject.container)
        if port is None:
            return Outcome(Result.UNKNOWN, f"couldn't find port: {action.port}")
        host = action.host or subject.pod_ip
        loop = asyncio.get_running_loop()
        try:
            async with self._clock.timeout(timeout):
                transport, _ = await loop.create_connection(asyncio.Protocol, *self._endpoint(host, port))
        except TimeoutError:
            return Outcome(Result.FAILURE, f"dial tcp {host}:{port}: i/o timeout")
        except OSError as error:
            return Outcome(Result.FAILURE, _dial_failure(host, port, error))
        transport.abort()
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


async def _verdict(status: int, response: aiohttp.ClientResponse) -> Outcome:
    if not 200 <= status < 400:
        return Outcome(Result.FAILURE, f"HTTP probe failed with statuscode: {status}")
    if status < 300:
        return Outcome(Result.SUCCESS)
    body = (await response.content.read(_SHOWN_OUTPUT_BYTES)).decode(errors="replace")
    return Outcome(Result.SUCCESS, f"Probe terminated redirects, Response body: {body}")


def _dial_failure(host: str, port: int, error: Exception) -> str:
    refused = isinstance(error, ConnectionRefusedError) or (
        isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError)
    )
    reason = "connection refused" if refused else str(error).lower()
    return f"dial tcp {host}:{port}: connect: {reason}"
