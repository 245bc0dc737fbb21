"""What processes leave, or do not leave, of themselves in the kernel."""

import os
import re
import select
from pathlib import Path

_SOCKET = re.compile(r"socket:\[(\d+)\]")


def sockets_of(pid: int) -> set[int]:
    """Return the inodes of the sockets that a process has open: TCP, UDP and Unix, abstract names too."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = _SOCKET.fullmatch(os.readlink(entry))
        except FileNotFoundError:
            # Closed meanwhile.
            continue
        if match is not None:
            found.add(int(match[1]))
    return found


def open_sockets() -> set[int]:
    """Return the inodes of all sockets that anybody has open here. None is used twice in a long while."""
    columns = {"tcp": 9, "udp": 9, "tcp6": 9, "udp6": 9, "unix": 6}
    return {
        int(line.split()[column])
        for name, column in columns.items()
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
    }


def processes_with(variable: str) -> dict[int, str]:
    """Return the command lines of the processes, by their ids, that have ``NAME=VALUE`` in their environment."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
        except (OSError, ValueError):
            # It has ended, or is another user's.
            continue
    return found


def wait_for_end(pid: int, seconds: float) -> None:
    """Return once a process has ended, whose child ever it is."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([watched], [], [], seconds)[0], f"process {pid} runs after {seconds} s"
    finally:
        os.close(watched)
