"""Utilities about what runs: top, pgrep, pkill, pidof, killall, free, uptime, nproc."""

import re
import signal
from collections.abc import Sequence

from kubelet.fake.machine import CORES, loadavg, memory_use, seconds_up
from kubelet.fake.proc import command_name
from kubelet.fake.process import Process
from kubelet.fake.regex.syntax import EXTENDED
from kubelet.images.utilities.command import CommandFault, complain, number, parse_options, say, seconds
from kubelet.images.utilities.identity import signal_of
from kubelet.images.utilities.regex import compile_regex
from kubelet.images.utilities.users import user_name


def _others(process: Process) -> list[Process]:
    """Return the processes that this one sees, without itself."""
    return [other for _, other in sorted(process.world.pids.processes.items()) if other is not process]


async def pidof(process: Process) -> int:
    """``pidof [-s] NAME...``."""
    options = parse_options(process.argv[1:], "s", "o")
    found = [str(other.pid) for other in _others(process)[::-1] if command_name(other) in options.operands]
    if not found:
        return 1
    await say(process, " ".join(found[:1] if "s" in options.flags else found))
    return 0


def _signalled(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """Take a leading ``-9``, ``-TERM`` or ``-s TERM`` off the arguments."""
    rest = list(arguments)
    if rest[:1] == ["-s"] and len(rest) > 1:
        return signal_of(rest[1]), rest[2:]
    if rest and re.fullmatch(r"-(\d+|SIG[A-Z]+|[A-Z][A-Z0-9]{2,})", rest[0]):
        return signal_of(rest[0][1:]), rest[1:]
    return int(signal.SIGTERM), rest


async def killall(process: Process) -> int:
    """``killall [-SIGNAL] [-q] NAME...``."""
    number_, rest = _signalled(process.argv[1:])
    options = parse_options(rest, "qlew")
    if not options.operands:
        raise CommandFault("you need to specify whom to kill")
    status = 0
    for name in options.operands:
        targets = [other for other in _others(process) if command_name(other) == name]
        for target in targets:
            target.deliver(number_)
        if not targets:
            status = 1
            if "q" not in options.flags:
                await complain(process, f"{name}: no process killed")
    return status


def _selection(process: Process, flags: set[str], pattern: str) -> list[Process]:
    expression = compile_regex(pattern, EXTENDED, whole="x" in flags)
    whole = "f" in flags
    found = [
        other
        for other in _others(process)
        if (expression.search(" ".join(other.argv) if whole else command_name(other)) is not None) != ("v" in flags)
    ]
    return found[-1:] if "n" in flags else found[:1] if "o" in flags else found


async def pgrep(process: Process) -> int:
    """``pgrep [-flnovxac] PATTERN``."""
    options = parse_options(process.argv[1:], "flnovxac", "Pu")
    if len(options.operands) != 1:
        raise CommandFault("missing operand", 2)
    found = _selection(process, options.flags, options.operands[0])
    if "c" in options.flags:
        await say(process, str(len(found)))
    for other in found if "c" not in options.flags else ():
        shown = " ".join(other.argv) if options.flags & {"a", "f"} else command_name(other)
        await say(process, f"{other.pid} {shown}" if options.flags & {"l", "a"} else str(other.pid))
    return int(not found)


async def pkill(process: Process) -> int:
    """``pkill [-SIGNAL] [-flnovx] PATTERN``."""
    number_, rest = _signalled(process.argv[1:])
    options = parse_options(rest, "flnovx", "Pu")
    if len(options.operands) != 1:
        raise CommandFault("missing operand", 2)
    found = _selection(process, options.flags, options.operands[0])
    for other in found:
        other.deliver(number_)
    return int(not found)


async def top(process: Process) -> int:
    """``top [-b] [-n COUNT] [-d SECONDS]``: goes on until it is ended unless told how often."""
    options = parse_options(process.argv[1:], "bHm", "ndp")
    left = number(options.values["n"]) if "n" in options.values else -1
    while left:
        await say(process, _screen(process))
        left -= 1
        if left:
            await process.sleep(seconds(options.values.get("d", "5")))
    return 0


def _screen(process: Process) -> str:
    total, free = (amount // 1024 for amount in memory_use())
    usage = process.world.usage
    rows = [
        f"Mem: {total - free}K used, {free}K free, 0K shrd, 0K buff, 0K cached",
        f"CPU:   0% usr   0% sys   0% nic {100 if usage is None else 100 - round(100 * usage.cpu / CORES)}% idle"
        "   0% io   0% irq   0% sirq",
        f"Load average: {loadavg(len(process.world.pids.processes)).strip()}",
        "  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND",
    ]
    for pid, other in sorted(process.world.pids.processes.items()):
        usage = other.world.usage
        size = usage.memory_of(pid) // 1024 if usage is not None else 0
        cpu = round(100 * usage.cpu_of(pid) / CORES) if usage is not None else 0
        user = user_name(process, other.uid) or str(other.uid)
        state = "R" if other is process else "S"
        rows.append(
            f"{pid:5d} {other.parent:5d} {user:<8.8} {state:<4} {size:5d} {round(100 * size / total):3d}% "
            f"{pid % CORES:3d} {cpu:3d}% {' '.join(other.argv)}"
        )
    return "\n".join(rows)


async def free(process: Process) -> int:
    """``free [-bkmgh]``."""
    options = parse_options(process.argv[1:], "bkmghtw")
    scale = next((size for letter, size in {"b": 1, "m": 2**20, "g": 2**30}.items() if letter in options.flags), 1024)
    total, unused = (amount // scale for amount in memory_use())
    await say(process, f"{'':<8}{'total':>12}{'used':>12}{'free':>12}{'shared':>12}{'buff/cache':>12}{'available':>12}")
    await say(process, f"{'Mem:':<8}{total:12d}{total - unused:12d}{unused:12d}{0:12d}{0:12d}{unused:12d}")
    await say(process, f"{'Swap:':<8}{0:12d}{0:12d}{0:12d}")
    return 0


async def uptime(process: Process) -> int:
    up = int(seconds_up())
    days, hours, minutes = up // 86400, up // 3600 % 24, up // 60 % 60
    shown = f"{days} day{'s' if days > 1 else ''}, {hours:2d}:{minutes:02d}" if days else f"{hours:2d}:{minutes:02d}"
    await say(process, f" {process.clock.now():%H:%M:%S} up {shown},  0 users,  load average: 0.00, 0.00, 0.00")
    return 0


async def nproc(process: Process) -> int:
    await say(process, str(CORES))
    return 0
