"""TCP at one address of a Service: every connection joined to one to an endpoint."""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Collection

from apimachinery.clock import Clock
from componentbase.relay import End, Patient
from kubeproxy.listening import is_out_of_files, outgoing, ports_of
from kubeproxy.routes import Backend

logger = logging.getLogger(__name__)

Choose = Callable[[str, Collection[Backend]], Backend | None]
"""From a client's address and the backends that failed it to the next one; None: there is no other."""

DIAL_SECONDS = 10.0
_ACCEPTED_AT_ONCE = 64
_PAUSE_SECONDS = 0.2
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Joined(End):
    """One side of a connection that goes through; ``live`` holds it for as long as it is open."""

    def __init__(self, live: set[End]) -> None:
        super().__init__()
        self._live = live

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._live.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._live.discard(self)
        if error is not None and (across := self._across()) is not None:
            # Who was cut off must not look, on the other side, like somebody who has said all.
            _reset(across.get_extra_info("socket"))
            across.abort()
        super().connection_lost(error)


class _Client(_Joined, Patient):
    """The client's side, which is there first."""


class TCPEntrance:
    """Listens on ``opened`` until :meth:`close`, which leaves the connections that there are: ``live`` has their ends.

    ``tasks`` owns the attempts to reach a backend, so they go on as well.
    """

    def __init__(
        self, opened: socket.socket, choose: Choose, live: set[End], tasks: asyncio.TaskGroup, clock: Clock
    ) -> None:
        self._socket = opened
        self._choose = choose
        self._live = live
        self._tasks = tasks
        self._clock = clock
        self._closed = False
        self._listen()

    def close(self) -> None:
        """Listen no more: from now on connections are refused."""
        if not self._closed:
            self._closed = True
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def forget_lost(self) -> None:
        """Connections stay with the endpoint that they have."""

    def expire(self, before: float) -> None:
        """Connections last until one of their sides ends them."""

    def _listen(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                accepted, (client, _) = self._socket.accept()
            except (BlockingIOError, ConnectionError, InterruptedError):
                return
            except OSError as error:
                if not is_out_of_files(error):
                    raise
                logger.warning("connections have to wait: %s", error)
                asyncio.get_running_loop().remove_reader(self._socket)
                self._tasks.create_task(self._rest(), name="accept-later")
                return
            accepted.setblocking(False)
            self._tasks.create_task(self._serve(accepted, client), name=f"connect-{client}")

    async def _rest(self) -> None:
        await self._clock.sleep(_PAUSE_SECONDS)
        if not self._closed:
            self._listen()

    async def _serve(self, accepted: socket.socket, client: str) -> None:
        """Connect to a backend, then let the two talk. A client that no backend takes is reset."""
        near, far = _Client(self._live), _Joined(self._live)
        near.join(far)
        target: socket.socket | None = None
        try:
            target = await self._connect(client)
            if target is None:
                _abandon(near, accepted)
                return
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(lambda: near, accepted)
            await loop.create_connection(lambda: far, sock=target)
        except BaseException as error:
            _abandon(near, accepted)
            _abandon(far, target)
            if not isinstance(error, OSError):
                raise
            logger.debug("a connection from %s led nowhere: %s", client, error)
            return
        near.begin()
        if near.closed.is_set():
            # It had gone before there was anybody to tell.
            far.close()

    async def _connect(self, client: str) -> socket.socket | None:
        """Return a connection to the backend whose turn it is or, where that takes none, to another."""
        failed: list[Backend] = []
        while (backend := self._choose(client, failed)) is not None:
            for port in ports_of(backend):
                opened = outgoing("TCP", backend, client)
                try:
                    async with self._clock.timeout(DIAL_SECONDS):
                        await asyncio.get_running_loop().sock_connect(opened, (backend.ip, port))
                    return opened
                except (OSError, TimeoutError) as error:
                    opened.close()
                    logger.debug("%s:%d does not take a connection: %s", backend.ip, port, error)
                except BaseException:
                    opened.close()
                    raise
            failed.append(backend)
        return None


def _reset(opened: socket.socket) -> None:
    """Let the socket's close be a reset."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


def _abandon(end: End, opened: socket.socket | None) -> None:
    """Reset a connection, whose socket is its transport's as soon as there is one."""
    if end.transport is not None:
        _reset(end.transport.get_extra_info("socket"))
        end.transport.abort()
    elif opened is not None:
        _reset(opened)
        opened.close()
