"""Utilities about who and where one is, and what runs: id, whoami, hostname, uname, ps, kill."""

import re
import signal

from kubelet.fake.machine import BUILD, RELEASE
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


async def ps(process: Process) -> int:
    """``ps``: every process of the container, whatever is asked."""
    rows = ["PID   USER     TIME  COMMAND"]
    for pid, other in sorted(process.world.pids.processes.items()):
        user = user_name(process, other.uid) or str(other.uid)
        rows.append(f"{pid:5d} {user:<8.8}  0:00 {' '.join(other.argv)}")
    await say(process, "\n".join(rows))
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
