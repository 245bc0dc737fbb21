"""Names that one process at a time can have on this machine, and that nobody has once it has ended.

A lock is a Unix socket bound to an abstract name. The kernel gives each name out once in a network namespace, which is
also what loopback addresses belong to, and takes it back when the process ends, however that happens. There is no file.
"""

import errno
import socket


def take(name: str) -> socket.socket | None:
    """Return the lock ``name``, to be closed when it is no longer needed; ``None`` when somebody has it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        lock.bind(f"\0kubemu/{name}")
    except OSError as error:
        lock.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise
    return lock
