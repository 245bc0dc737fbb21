"""Utilities that show what is mounted where: mount, df."""

from kubelet.fake.mounts import CGROUP, EXT4, TMPFS, MountEntry
from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, complain, parse_options, say

_DISK_BYTES = 100 * 2**30
"""The size of the node's disk, which all that is no memory is on."""

_DEVICES = {EXT4: "/dev/vda1"}


async def mount(process: Process) -> int:
    """``mount [-t TYPE]``, which lists what is mounted."""
    options = parse_options(process.argv[1:], "a", "t")
    if options.operands:
        raise CommandFault("permission denied (are you root?)")
    kinds = options.values.get("t", "")
    for entry in process.fs.mounts():
        if kinds and entry.kind not in kinds.split(","):
            continue
        details = ["ro" if entry.readonly else "rw", "relatime"]
        if entry.kind == TMPFS and entry.limit:
            details.append(f"size={entry.limit // 1024}k")
        await say(process, f"{_device(entry)} on {entry.path} type {entry.kind} ({','.join(details)})")
    return 0


async def df(process: Process) -> int:
    """``df [-kh] [FILE]...``."""
    options = parse_options(process.argv[1:], "khPTa")
    entries = [entry for entry in process.fs.mounts() if entry.kind != CGROUP]
    status = 0
    if options.operands:
        chosen = []
        for name in options.operands:
            path = process.path(name)
            if process.fs.exists(path):
                chosen.append(_around(entries, process.fs.realpath(path)))
            else:
                await complain(process, f"{name}: can't find mount point")
                status = 1
        entries = chosen
    human = "h" in options.flags
    size = "Size" if human else "1K-blocks"
    await say(process, f"Filesystem           {size:>9}      Used Available Use% Mounted on")
    for entry in entries:
        total = entry.limit or _DISK_BYTES
        free = max(0, total - entry.used)
        shown = [f"{_amount(amount, human=human):>9}" for amount in (total, entry.used, free)]
        share = -(-entry.used * 100 // total)
        await say(process, f"{_device(entry):<20} {' '.join(shown)} {share:3d}% {entry.path}")
    return status


def _device(entry: MountEntry) -> str:
    return _DEVICES.get(entry.kind, entry.kind)


def _around(entries: list[MountEntry], path: str) -> MountEntry:
    """Return the mount that a path is in: the longest that begins it."""
    return max(
        (entry for entry in entries if entry.path == "/" or f"{path}/".startswith(f"{entry.path}/")),
        key=lambda entry: len(entry.path),
    )


def _amount(count: int, *, human: bool) -> str:
    if not human:
        return str(-(-count // 1024))
    for power, unit in ((30, "G"), (20, "M"), (10, "K")):
        if count >= 1 << power:
            return f"{count / (1 << power):.1f}{unit}"
    return str(count)
