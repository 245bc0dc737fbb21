"""UDP at one address of a Service: the datagrams of one client go to one endpoint, and what it says comes back."""

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from apimachinery.clock import Clock
from kubeproxy.listening import outgoing, ports_of
from kubeproxy.routes import Backend
from kubeproxy.tcp import Choose

logger = logging.getLogger(__name__)

_LARGEST = 65_536
_TAKEN_AT_ONCE = 64

Address = tuple[str, int]


@dataclass(slots=True, eq=False)
class _Flow:
    """The datagrams between a client's socket and a backend."""

    backend: Backend
    opened: socket.socket
    used: float
    later_ports: tuple[int, ...]
    """Where else to try when nobody is at the first port."""
    unanswered: bytes | None = None
    """The last datagram, as long as nothing has come back."""


class UDPEntrance:
    """Takes datagrams on ``opened`` until :meth:`close`. ``leads_to`` tells whether a backend is still one."""

    def __init__(
        self, opened: socket.socket, choose: Choose, leads_to: Callable[[Backend], bool], clock: Clock
    ) -> None:
        self._socket = opened
        self._choose = choose
        self._leads_to = leads_to
        self._clock = clock
        self._flows: dict[Address, _Flow] = {}
        self._closed = False
        asyncio.get_running_loop().add_reader(opened, self._take)

    def close(self) -> None:
        """Take nothing more, and answer nobody."""
        if not self._closed:
            self._closed = True
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            for client in list(self._flows):
                self._end(client)

    def forget_lost(self) -> None:
        """Let clients go whose endpoint is one no longer: their next datagram finds another."""
        for client, flow in list(self._flows.items()):
            if not self._leads_to(flow.backend):
                self._end(client)

    def expire(self, before: float) -> None:
        """Let clients go of which nothing was heard since then, in seconds on the clock."""
        for client, flow in list(self._flows.items()):
            if flow.used < before:
                self._end(client)

    def _take(self) -> None:
        for _ in range(_TAKEN_AT_ONCE):
            try:
                data, client = self._socket.recvfrom(_LARGEST)
            except OSError:
                return
            flow = self._flows.get(client) or self._begin(client)
            if flow is not None:
                flow.used = self._clock.monotonic()
                if flow.later_ports:
                    flow.unanswered = data
                self._send(client, flow, data)

    def _begin(self, client: Address) -> _Flow | None:
        backend = self._choose(client[0], ())
        if backend is None:
            return None
        try:
            flow = self._open(client, backend, ports_of(backend))
        except OSError as error:
            logger.warning("a datagram of %s:%d is lost: %s", *client, error)
            return None
        return flow

    def _open(self, client: Address, backend: Backend, ports: tuple[int, ...]) -> _Flow:
        opened = outgoing("UDP", backend, client[0])
        try:
            opened.connect((backend.ip, ports[0]))
        except OSError:
            opened.close()
            raise
        flow = _Flow(backend, opened, self._clock.monotonic(), ports[1:])
        self._flows[client] = flow
        asyncio.get_running_loop().add_reader(opened, self._answer, client, flow)
        return flow

    def _send(self, client: Address, flow: _Flow, data: bytes) -> None:
        try:
            flow.opened.send(data)
        except ConnectionRefusedError:
            self._refused(client, flow)
        except OSError as error:
            # As a full buffer does on any way, it costs the datagram.
            logger.debug("a datagram of %s:%d is lost: %s", *client, error)

    def _answer(self, client: Address, flow: _Flow) -> None:
        for _ in range(_TAKEN_AT_ONCE):
            try:
                data = flow.opened.recv(_LARGEST)
            except ConnectionRefusedError:
                self._refused(client, flow)
                return
            except OSError:
                return
            flow.used = self._clock.monotonic()
            flow.later_ports, flow.unanswered = (), None
            with suppress(OSError):
                self._socket.sendto(data, client)

    def _refused(self, client: Address, flow: _Flow) -> None:
        """Nobody is at the backend's port: try the one that stands in for it; else the next datagram finds another."""
        self._end(client)
        if flow.later_ports and flow.unanswered is not None:
            with suppress(OSError):
                again = self._open(client, flow.backend, flow.later_ports)
                self._send(client, again, flow.unanswered)

    def _end(self, client: Address) -> None:
        flow = self._flows.pop(client)
        asyncio.get_running_loop().remove_reader(flow.opened)
        flow.opened.close()
