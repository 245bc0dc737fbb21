"""Utilities about what is mounted where, and how much is in it: mount, umount, df, du."""

import posixpath

from kubelet.fake.machine import device, mount_options
from kubelet.fake.mounts import CGROUP, MountEntry
from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, complain, number, parse_options, say

_DISK_BYTES = 100 * 2**30
"""The size of the node's disk, which all that is no memory is on."""

_BLOCK = 4096


async def mount(process: Process) -> int:
    """``mount [-t TYPE]``, which lists what is mounted."""
    options = parse_options(process.argv[1:], "a", "t")
    if options.operands:
        raise CommandFault("permission denied (are you root?)")
    kinds = options.values.get("t", "")
    for entry in process.fs.mounts():
        if kinds and entry.kind not in kinds.split(","):
            continue
        await say(process, f"{device(entry)} on {entry.path} type {entry.kind} ({mount_options(entry)})")
    return 0


async def umount(process: Process) -> int:
    """``umount [-lf] PATH...``, which no container is permitted."""
    options = parse_options(process.argv[1:], "lfrad")
    if not options.operands:
        raise CommandFault("missing operand")
    for name in options.operands:
        await complain(process, f"can't unmount {name}: Operation not permitted")
    return 1


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
        await say(process, f"{device(entry):<20} {' '.join(shown)} {share:3d}% {entry.path}")
    return status


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


async def du(process: Process) -> int:
    """``du [-shkabc] [-d DEPTH] [FILE]...``, in blocks of 1 KiB."""
    options = parse_options(process.argv[1:], "shkmabcx", "d", long={"max-depth": "d", "summarize": "s"})
    flags, status, total = options.flags, 0, 0
    linked: set[int] = set()
    most = 0 if "s" in flags else number(options.values.get("d", str(1 << 20)))
    for name in options.operands or ["."]:
        try:
            size = await _usage(process, name, process.path(name), most, flags, linked)
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
        else:
            total += size
    if "c" in flags:
        await say(process, f"{_shown(total, flags)}\ttotal")
    return status


async def _usage(
    process: Process, name: str, path: str, most: int, flags: set[str], linked: set[int], depth: int = 0
) -> int:
    """Return how many bytes a tree has, whole blocks each; say so of what is not deeper than ``most``.

    ``linked`` are files with several names that have been counted.
    """
    found = process.fs.stat(path, follow=False)
    if found.is_file and found.nlink > 1:
        if found.ino in linked:
            return 0
        linked.add(found.ino)
    total = found.size if "b" in flags else -(-found.size // _BLOCK) * _BLOCK
    if found.is_dir:
        for child in process.fs.listdir(path):
            total += await _usage(
                process, posixpath.join(name, child), posixpath.join(path, child), most, flags, linked, depth + 1
            )
        await process.sleep(0)
    if depth <= most and (found.is_dir or "a" in flags or not depth):
        await say(process, f"{_shown(total, flags)}\t{name}")
    return total


def _shown(size: int, flags: set[str]) -> str:
    if "h" in flags:
        return _amount(size, human=True)
    return str(size if "b" in flags else -(-size // 1024**2) if "m" in flags else -(-size // 1024))
