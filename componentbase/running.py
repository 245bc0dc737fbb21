"""Processes of this machine: when one started, and how long ago this one did."""

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def started_at(pid: int) -> int:
    """Return when a process of this machine started, in clock ticks after the machine; 0 when there is none of that id.

    It tells a process from a later one of the same id.
    """
    try:
        # The name, in parentheses, may hold anything; the state is the field after it, the start the 20th.
        state, *fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return 0
    # A process that has ended stays for as long as its parent does not ask how.
    return 0 if state in {"Z", "X"} else int(fields[18])


def age() -> float:
    """Return for how many seconds this process has been there, to a hundredth."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_at(os.getpid()) / _TICKS
