"""Utilities about who and where one is, and what runs: id, whoami, hostname, uname, ps, kill."""

import re
import signal
from collections.abc import Callable, Mapping

from kubelet.fake.current import current_process
from kubelet.fake.machine import BUILD, RELEASE
from kubelet.fake.proc import command_name
from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, complain, parse_options, say
from kubelet.images.utilities.users import group_name, primary_group, user_id, user_name


async def identify(process: Process) -> int:
    """``id [-ugGn]``."""
    options = parse_options(process.argv[1:], "ugGnr")
    uid, gid, groups = process.uid, process.gid, tuple(process.groups)
    if options.operands:
        uid = user_id(process, options.operands[0])
        gid = primary_group(process, uid)
        groups = (gid,)
    flags = options.flags
    if "u" in flags:
        await say(process, (user_name(process, uid) or str(uid)) if "n" in flags else str(uid))
    elif flags & {"g", "G"}:
        wanted = groups if "G" in flags else (gid,)
        await say(
            process,
            " ".join((group_name(process, each) or str(each)) if "n" in flags else str(each) for each in wanted),
        )
    else:
        user = user_name(process, uid)
        shown_user = f"{uid}({user})" if user else str(uid)
        shown = [f"{each}({name})" if (name := group_name(process, each)) else str(each) for each in (gid, *groups)]
        await say(process, f"uid={shown_user} gid={shown[0]} groups={','.join(shown[1:])}")
    return 0


async def groups(process: Process) -> int:
    """``groups``: the names of all groups one is in."""
    await say(process, " ".join(group_name(process, gid) or str(gid) for gid in process.groups))
    return 0


async def arch(process: Process) -> int:
    await say(process, "x86_64")
    return 0


async def whoami(process: Process) -> int:
    name = user_name(process, process.uid)
    if name is None:
        raise CommandFault(f"unknown uid {process.uid}")
    await say(process, name)
    return 0


async def hostname(process: Process) -> int:
    """``hostname [-sif]``."""
    options = parse_options(process.argv[1:], "sifd")
    if options.operands:
        raise CommandFault("sethostname: Operation not permitted")
    await say(process, process.ip if "i" in options.flags else process.hostname)
    return 0


async def uname(process: Process) -> int:
    """``uname [-asnrvmo]``."""
    options = parse_options(process.argv[1:], "asnrvmop", long={"all": "a"})
    fields = {
        "s": "Linux",
        "n": process.hostname,
        "r": RELEASE,
        "v": BUILD,
        "m": "x86_64",
        "o": "GNU/Linux",
    }
    wanted = fields.keys() if "a" in options.flags else options.flags or {"s"}
    await say(process, " ".join(text for letter, text in fields.items() if letter in wanted))
    return 0


_COLUMNS: Mapping[str, tuple[str, int, Callable[[Process], str]]] = {
    "pid": ("PID", -5, lambda other: str(other.pid)),
    "ppid": ("PPID", -5, lambda other: str(other.parent)),
    "user": ("USER", 8, lambda other: (user_name(other, other.uid) or str(other.uid))[:8]),
    "uid": ("UID", -5, lambda other: str(other.uid)),
    "group": ("GROUP", 8, lambda other: (group_name(other, other.gid) or str(other.gid))[:8]),
    "gid": ("GID", -5, lambda other: str(other.gid)),
    "stat": ("STAT", 4, lambda other: "R" if other is current_process() else "S"),
    "time": ("TIME", 5, lambda other: " 0:00"),
    "vsz": ("VSZ", 5, lambda other: str(_memory(other))),
    "rss": ("RSS", 5, lambda other: str(_memory(other))),
    "comm": ("COMMAND", 16, command_name),
    "args": ("COMMAND", 0, lambda other: " ".join(other.argv)),
}
"""Columns by the names that ``ps -o`` has for them: title, width (negative for numbers), content."""


def _memory(process: Process) -> int:
    """Return how many KiB a process uses."""
    return process.world.usage.memory_of(process.pid) // 1024 if process.world.usage is not None else 0


async def ps(process: Process) -> int:
    """``ps [-o COLUMN[=TITLE],...]``: every process that is seen from the container, whatever else is asked."""
    words = process.argv[1:]
    chosen = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "-o"), "")
    chosen = chosen or next((word[2:] for word in words if word.startswith("-o") and len(word) > 2), "")
    columns = []
    for part in (chosen or "pid,user,time,args").split(","):
        name, renamed, title = part.partition("=")
        known = _COLUMNS.get({"cmd": "args", "command": "args"}.get(name, name))
        if known is None:
            raise CommandFault(f"bad -o argument '{name}', supported arguments: {','.join(_COLUMNS)}")
        columns.append((title if renamed else known[0], known[1], known[2]))
    rows = [[title for title, _, _ in columns]] if any(title for title, _, _ in columns) else []
    for _, other in sorted(process.world.pids.processes.items()):
        rows.append([show(other) for _, _, show in columns])
    for row in rows:
        cells = [
            text.rjust(-width) if width < 0 and text[:1].isdigit() else text.ljust(abs(width))
            for text, (_, width, _) in zip(row, columns, strict=True)
        ]
        await say(process, " ".join(cells).rstrip())
    return 0


async def kill(process: Process) -> int:
    """``kill [-SIGNAL | -s SIGNAL] PID...``."""
    rest = process.argv[1:]
    number = int(signal.SIGTERM)
    if rest[:1] == ["-s"] and len(rest) > 1:
        number, rest = signal_of(rest[1]), rest[2:]
    elif rest and re.fullmatch(r"-\w+", rest[0]):
        number, rest = signal_of(rest[0][1:]), rest[1:]
    if not rest:
        raise CommandFault("you need to specify whom to kill")
    status = 0
    for word in rest:
        target = process.world.pids.processes.get(int(word) if word.isdigit() else -1)
        if target is None:
            await complain(process, f"can't kill pid {word}: No such process")
            status = 1
        elif number:
            target.deliver(number)
    return status


def signal_of(text: str) -> int:
    """Return the number of a signal given by name or number; raise :class:`CommandFault`."""
    name = text.upper().removeprefix("SIG")
    if name.isdigit():
        return int(name)
    if f"SIG{name}" not in signal.Signals.__members__:
        raise CommandFault(f"bad signal name '{text}'")
    return int(signal.Signals[f"SIG{name}"])
