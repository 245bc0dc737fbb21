"""Sockets that Services are reached at, and sockets to their endpoints."""

import errno
import socket
from contextlib import suppress

from componentbase.low_ports import places, stand_in
from kubeproxy.routes import Backend, Frontend

_KINDS = {"TCP": socket.SOCK_STREAM, "UDP": socket.SOCK_DGRAM}
_BACKLOG = 1024

_IP_BIND_ADDRESS_NO_PORT = 24
"""Linux; not in Python's ``socket``. The port is chosen at ``connect``, and may then be in use to other places."""


def listen(frontend: Frontend) -> socket.socket:
    """Return a socket bound to a frontend, or to the port that stands in for it; raise ``OSError``."""
    opened = socket.socket(socket.AF_INET, _KINDS[frontend.protocol])
    try:
        opened.setblocking(False)
        if frontend.protocol == "TCP":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((frontend.ip, frontend.port))
        except PermissionError:
            opened.bind((frontend.ip, stand_in(frontend.port)))
        if frontend.protocol == "TCP":
            opened.listen(_BACKLOG)
    except BaseException:
        opened.close()
        raise
    return opened


def ports_of(backend: Backend) -> tuple[int, ...]:
    """Return the ports to try at a backend: its own, and the one that stands in for it on the pod network."""
    return places(backend.port) if backend.ip.startswith("127.") else (backend.port,)


def outgoing(protocol: str, backend: Backend, client: str) -> socket.socket:
    """Return a socket that connects to a backend from the client's own address, as far as that can be."""
    opened = socket.socket(socket.AF_INET, _KINDS[protocol])
    try:
        opened.setblocking(False)
        if client.startswith("127.") and backend.ip.startswith("127."):
            if protocol == "TCP":
                with suppress(OSError):
                    opened.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            opened.bind((client, 0))
    except BaseException:
        opened.close()
        raise
    return opened


def is_out_of_files(error: OSError) -> bool:
    """Say whether a socket could not be had because too many are open."""
    return error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
