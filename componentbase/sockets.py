"""Listening sockets, bound before anything is started so that a taken port is known at once."""

import errno
import socket

from apimachinery.errors import FatalError


def bind(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """Return a listening TCP socket; ``port`` 0 lets the system choose.

    Raises :class:`~apimachinery.errors.FatalError` naming ``option`` when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise FatalError(f"port {port} on {host} is taken: choose another with {option}") from error
        if error.errno == errno.EACCES:
            raise FatalError(f"no permission to listen on port {port}: choose one above 1023 with {option}") from error
        raise FatalError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    listener.setblocking(False)
    return listener


def address(listener: socket.socket) -> tuple[str, int]:
    """Return the host and port that a listening socket has."""
    host, port = listener.getsockname()[:2]
    return str(host), int(port)
