"""Which process a node's name belongs to, so that no second one takes it.

Upstream has no such check: two kubelets of one name overwrite each other's reports for ever. Here a process leaves its
mark, an annotation, on the Leases that it renews, and looks at the mark that is there before it takes a name.
"""

import enum
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from apimachinery.types.core import Lease
from componentbase.running import started_at

ANNOTATION = "kubemu.dev/kubelet-instance"


@dataclass(frozen=True, slots=True)
class Instance:
    """A process: the machine (and its space of process ids) that it runs on, its id there, and when it started.

    ``started`` is in clock ticks after the machine's start, which tells a process from a later one of the same id.
    """

    machine: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.machine}/{self.pid}/{self.started}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what ``str`` wrote; anything else gives ``None``."""
        machine, _, rest = text.partition("/")
        pid, _, started = rest.partition("/")
        if not machine or not pid.isdecimal() or not started.isdecimal():
            return None
        return cls(machine, int(pid), int(started))


def this_instance() -> Instance:
    """Return the process this is."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    space = os.readlink("/proc/self/ns/pid")
    machine = hashlib.blake2s(f"{boot}/{space}".encode(), digest_size=6).hexdigest()
    return Instance(machine, os.getpid(), started_at(os.getpid()))


class Claim(enum.Enum):
    """What a Lease says about a name that a process would like to have."""

    FREE = enum.auto()
    TAKEN = enum.auto()
    UNSURE = enum.auto()
    """Somebody elsewhere renewed it not long ago: only time tells whether that process still lives."""


def claim(lease: Lease | None, mine: Instance, now: datetime, started: Callable[[int], int] = started_at) -> Claim:
    """Tell whether a node's name can be had. ``started`` tells when a process of this machine was started.

    A mark of this machine is compared with the processes that run on it, so that a kubelet that was killed can be
    followed by another at once. A mark of another machine, or none (another kind of kubelet), counts for as long as
    the lease does.
    """
    if lease is None:
        return Claim.FREE
    holder = Instance.parse(lease.metadata.annotations.get(ANNOTATION, ""))
    if holder is not None and holder.machine == mine.machine:
        alive = holder != mine and started(holder.pid) == holder.started
        return Claim.TAKEN if alive else Claim.FREE
    renewed, seconds = lease.spec.renew_time, lease.spec.lease_duration_seconds
    if renewed is None or seconds is None or renewed + timedelta(seconds=seconds) < now:
        return Claim.FREE
    return Claim.UNSURE
