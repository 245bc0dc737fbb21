"""What fake containers see of the machine they are on: the same modest one everywhere."""

from collections.abc import Iterable

from kubelet.fake.current import current_process
from kubelet.fake.mounts import EXT4, TMPFS, MountEntry

CORES = 4
MEMORY = 8 * 2**30
"""In bytes, as a node has it unless its options say otherwise."""
_FREE = MEMORY * 3 // 4
_UP = 86_400
"""Seconds for which the machine had been up when the process began that everything runs in."""
RELEASE = "6.8.0"
BUILD = "#1 SMP PREEMPT_DYNAMIC"


def seconds_up() -> float:
    process = current_process()
    return _UP + (process.clock.monotonic() if process is not None else 0.0)


def uptime() -> str:
    return f"{seconds_up():.2f} {seconds_up() * CORES:.2f}\n"


def version() -> str:
    return f"Linux version {RELEASE} (kubemu) {BUILD}\n"


def loadavg(processes: int) -> str:
    return f"0.00 0.00 0.00 1/{processes} {processes}\n"


def cpuinfo() -> str:
    return "".join(
        f"processor\t: {core}\nvendor_id\t: kubemu\nmodel name\t: Fake CPU\ncpu MHz\t\t: 2400.000\n"
        f"physical id\t: 0\ncore id\t\t: {core}\ncpu cores\t: {CORES}\n\n"
        for core in range(CORES)
    )


def memory_use() -> tuple[int, int]:
    """Return how many bytes of memory there are, and how many of them are free."""
    return MEMORY, _FREE


def meminfo() -> str:
    fields = {"MemTotal": MEMORY, "MemFree": _FREE, "MemAvailable": _FREE, "Buffers": 0, "Cached": 0}
    fields |= {"SwapTotal": 0, "SwapFree": 0}
    return "".join(f"{f'{name}:':<15} {value // 1024:8d} kB\n" for name, value in fields.items())


def device(entry: MountEntry) -> str:
    """Return what a mount is of: the node's disk, or the name of its type."""
    return "/dev/vda1" if entry.kind == EXT4 else entry.kind


def mount_options(entry: MountEntry) -> str:
    size = [f"size={entry.limit // 1024}k"] if entry.kind == TMPFS and entry.limit else []
    return ",".join(["ro" if entry.readonly else "rw", "relatime", *size])


def mount_table(entries: Iterable[MountEntry]) -> str:
    """Return mounts as ``/proc/mounts`` lists them."""
    rows = [f"{device(entry)} {entry.path} {entry.kind} {mount_options(entry)} 0 0\n" for entry in entries]
    return "".join([*rows[:1], "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n", *rows[1:]])
