"""Ports that this user may not bind, and the ones that stand in for them.

A stand-in is the port plus a constant, on the same address: whoever is refused at a low port, in this process or in
another one, knows where else to knock without being told.
"""

LOW_PORTS = 1024
"""Ports below this one need a privilege on most machines."""

_OFFSET = 64_000


def stand_in(port: int) -> int:
    """Return the port that is bound in place of a low one; 0, for any free one, in place of another."""
    return _OFFSET + port if 0 < port < LOW_PORTS else 0
