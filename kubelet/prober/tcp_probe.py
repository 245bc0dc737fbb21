"""TCP probes: whether a connection to the pod's address opens (``pkg/probe/tcp``, v1.36)."""

import asyncio
import errno

from apimachinery.clock import Clock
from apimachinery.types.probes import TCPSocketAction
from kubelet.probe_state import Result
from kubelet.prober.dialing import Connection, dial_failure
from kubelet.prober.outcome import SUCCESS, Cancel, Done, Endpoint, Outcome, Subject, host_port, resolve_port
from kubelet.prober.timetable import Timetable


class TCPCheck:
    """One container's TCP probe, made with callbacks on a socket."""

    __slots__ = ("_clock", "_endpoint", "_timeout", "_timetable", "host", "port")

    def __init__(
        self,
        action: TCPSocketAction,
        subject: Subject,
        timeout: float,
        *,
        endpoint: Endpoint,
        clock: Clock,
        timetable: Timetable,
    ) -> None:
        """Raises :class:`~kubelet.prober.outcome.PortUnknown`."""
        self.host = action.host or subject.pod_ip
        self.port = resolve_port(action.port, subject.container)
        self._endpoint = endpoint
        self._timeout = timeout
        self._clock = clock
        self._timetable = timetable

    @property
    def _address(self) -> str:
        return host_port(self.host, self.port)

    def begin(self, done: Done) -> Cancel:
        connection: Connection | None = None
        finished = False

        def finish(outcome: Outcome | None) -> None:
            nonlocal finished
            if finished:
                return
            finished = True
            alarm.cancel()
            if connection is not None:
                connection.close()
            if outcome is not None:
                done(outcome)

        def opened(code: int) -> None:
            finish(Outcome(Result.FAILURE, dial_failure(self._address, code)) if code else SUCCESS)

        def expire() -> None:
            finish(Outcome(Result.FAILURE, f"dial tcp {self._address}: i/o timeout"))

        alarm = self._timetable.at(self._clock.monotonic() + self._timeout, expire)
        try:
            connection = Connection(self._endpoint(self.host, self.port))
            connection.open(opened)
        except OSError as error:
            opened(error.errno or errno.EIO)
        return lambda: finish(None)

    async def carry_out(self) -> Outcome:
        """Look once, in a task: for hosts given by name."""
        try:
            async with self._clock.timeout(self._timeout):
                _, writer = await asyncio.open_connection(*self._endpoint(self.host, self.port))
        except TimeoutError:
            return Outcome(Result.FAILURE, f"dial tcp {self._address}: i/o timeout")
        except OSError as error:
            code = error.errno or 0
            # What getaddrinfo says has a number below 0.
            reason = dial_failure(self._address, code) if code > 0 else f"dial tcp: lookup {self.host}: no such host"
            return Outcome(Result.FAILURE, reason)
        writer.transport.abort()
        return SUCCESS
