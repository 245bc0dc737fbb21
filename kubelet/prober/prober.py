"""How one probe is carried out (``pkg/kubelet/prober/prober.go``, v1.36)."""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from apimachinery.clock import Clock
from apimachinery.tasks import guard
from apimachinery.types.probes import ExecAction, HTTPGetAction, Probe, TCPSocketAction
from kubelet.probe_state import Result
from kubelet.prober.http_probe import HTTPCheck, get, http_request
from kubelet.prober.outcome import (
    SHOWN_BYTES,
    SUCCESS,
    USER_AGENT,
    Cancel,
    Check,
    Done,
    Endpoint,
    Foregone,
    Outcome,
    PortUnknown,
    Subject,
)
from kubelet.prober.tcp_probe import TCPCheck
from kubelet.prober.timetable import Timetable
from kubelet.runtime import ContainerRuntime, RuntimeFault

logger = logging.getLogger(__name__)


class Prober:
    """Makes probes ready to be carried out from the node; use as ``async with Prober(...) as prober``.

    Probes under way are given up at the end of the block. :attr:`timetable` runs within it.
    """

    def __init__(self, runtime: ContainerRuntime, endpoint: Endpoint, clock: Clock) -> None:
        self.timetable = Timetable(clock)
        self._runtime = runtime
        self.endpoint = endpoint
        self._clock = clock
        self._group = asyncio.TaskGroup()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._running = self._group.create_task(self._keep_time(), name="probe-timetable")
        return self

    async def _keep_time(self) -> None:
        await guard(self.timetable.run(), "probe timetable")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            self._running.cancel()
        await self._group.__aexit__(kind, error, trace)

    def check(self, probe: Probe, subject: Subject) -> Check:
        """Return a probe made ready; one that cannot be tried comes to an unknown outcome each time."""
        try:
            return self._check(probe, subject, float(max(1, probe.timeout_seconds)))
        except PortUnknown as error:
            return Foregone(Outcome(Result.UNKNOWN, str(error)))

    def _check(self, probe: Probe, subject: Subject, timeout: float) -> Check:
        if probe.exec is not None:
            return self._exec(probe.exec, subject, timeout)
        if probe.http_get is not None:
            return self._http(probe.http_get, subject, timeout)
        if probe.tcp_socket is not None:
            return self._tcp(probe.tcp_socket, subject, timeout)
        if probe.grpc is not None:
            # HTTP/2 is only imported where it is spoken.
            from kubelet.prober.grpc_probe import GRPCCheck

            return GRPCCheck(
                probe.grpc, subject, timeout, endpoint=self.endpoint, clock=self._clock, timetable=self.timetable
            )
        return Foregone(Outcome(Result.UNKNOWN, f"missing probe handler for {subject.container.name}"))

    def _http(self, action: HTTPGetAction, subject: Subject, timeout: float) -> Check:
        asked = http_request(action, subject, self.endpoint, user_agent=USER_AGENT)
        if asked.target.scheme == "http" and _is_address(asked.target.host):
            return HTTPCheck(asked, timeout, self._clock, self.timetable)
        return _InTask(self._group, lambda: get(asked, timeout, self._clock))

    def _tcp(self, action: TCPSocketAction, subject: Subject, timeout: float) -> Check:
        check = TCPCheck(action, subject, timeout, endpoint=self.endpoint, clock=self._clock, timetable=self.timetable)
        return check if _is_address(check.host) else _InTask(self._group, check.carry_out)

    def _exec(self, action: ExecAction, subject: Subject, timeout: float) -> Check:
        async def carry_out() -> Outcome:
            try:
                done = await self._runtime.exec_sync(subject.container_id, action.command, timeout)
            except TimeoutError:
                command = " ".join(action.command)
                return Outcome(Result.FAILURE, f'command timed out: "{command}" timed out after {timeout:g}s')
            except RuntimeFault as error:
                return Outcome(Result.UNKNOWN, str(error))
            if done.exit_code == 0:
                return SUCCESS
            output = (done.stdout + done.stderr)[:SHOWN_BYTES]
            return Outcome(Result.FAILURE, output.decode(errors="replace"))

        return _InTask(self._group, carry_out)


class _InTask:
    """A check that takes a task each time."""

    __slots__ = ("_carry_out", "_group")

    def __init__(self, group: asyncio.TaskGroup, carry_out: Callable[[], Awaitable[Outcome]]) -> None:
        self._group = group
        self._carry_out = carry_out

    def begin(self, done: Done) -> Cancel:
        task = self._group.create_task(self._run(done), name="probe")

        def cancel() -> None:
            task.cancel()

        return cancel

    async def _run(self, done: Done) -> None:
        try:
            outcome = await self._carry_out()
        except Exception as error:
            # One probe that cannot even be tried must not be the end of all the others.
            logger.debug("a probe could not be tried", exc_info=True)
            outcome = Outcome(Result.UNKNOWN, str(error) or type(error).__name__)
        done(outcome)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
