"""Ports that this user may not bind, and the ones that stand in for them.

A stand-in is the port plus a constant, on the same address: whoever is refused at a low port, in this process or in
another one, knows where else to knock without being told.
"""

import functools
import socket

LOW_PORTS = 1024
"""Ports below this one need a privilege on most machines."""

_OFFSET = 64_000


def stand_in(port: int) -> int:
    """Return the port that is bound in place of a low one; 0, for any free one, in place of another."""
    return _OFFSET + port if 0 < port < LOW_PORTS else 0


def places(port: int) -> tuple[int, ...]:
    """Return where to look for a server of a port on the pod network, in this order: that port, and its stand-in."""
    return in_order(port, permitted=may_bind(port))


def in_order(port: int, *, permitted: bool) -> tuple[int, ...]:
    """Return a port and its stand-in, if it has one, the likelier one first.

    Where this user may not bind it, whoever listens there is somebody else: a web server of the machine, perhaps, that
    has port 80 of all addresses.
    """
    other = stand_in(port)
    if not other:
        return (port,)
    return (port, other) if permitted else (other, port)


@functools.cache
def may_bind(port: int) -> bool:
    """Return whether this process is permitted to listen on a port, whoever does now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return False
        except OSError:
            # It may, but somebody is there.
            return True
    return True
