"""Opening a TCP connection to a pod without a task: on loopback it is open, or refused, when the call returns."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable

_OPEN = frozenset({0, errno.EISCONN})
_PENDING = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EAGAIN})


class Connection:
    """A non-blocking connection of the event loop that is told of by callbacks; at most one is waited for at a time."""

    __slots__ = ("_loop", "_reading", "_writing", "address", "socket")

    def __init__(self, address: tuple[str, int]) -> None:
        self._loop = asyncio.get_running_loop()
        self.address = address
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self._reading = False
        self._writing = False

    def open(self, opened: Callable[[int], None]) -> None:
        """Connect, and call ``opened`` with 0 or the errno of what went wrong, possibly before this returns."""
        code = self.socket.connect_ex(self.address)
        if code == errno.EINPROGRESS:
            # The handshake over loopback took place inside that call; this one only asks how it went.
            code = self.socket.connect_ex(self.address)
        if code in _PENDING:
            self._wait_writable(lambda: self._settle(opened))
        else:
            opened(0 if code in _OPEN else code)

    def _settle(self, opened: Callable[[int], None]) -> None:
        self._stop_writing()
        opened(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def send(self, data: bytes, failed: Callable[[OSError], None]) -> None:
        """Send all of ``data``; call ``failed`` when that cannot be done."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            failed(error)
            return
        if sent < len(data):
            rest = data[sent:]

            def again() -> None:
                self._stop_writing()
                self.send(rest, failed)

            self._wait_writable(again)

    def on_readable(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever there is something to be read, until the connection is closed."""
        self._loop.add_reader(self.socket.fileno(), callback)
        self._reading = True

    def _wait_writable(self, callback: Callable[[], None]) -> None:
        self._loop.add_writer(self.socket.fileno(), callback)
        self._writing = True

    def _stop_writing(self) -> None:
        if self._writing:
            self._loop.remove_writer(self.socket.fileno())
            self._writing = False

    def close(self) -> None:
        """Close the connection; may be repeated."""
        if self.socket.fileno() < 0:
            return
        self._stop_writing()
        if self._reading:
            self._loop.remove_reader(self.socket.fileno())
            self._reading = False
        self.socket.close()


def dial_failure(address: str, code: int) -> str:
    """Return how Go tells that a connection to ``address`` (``host:port``) could not be opened."""
    return f"dial tcp {address}: connect: {os.strerror(code).lower()}"
