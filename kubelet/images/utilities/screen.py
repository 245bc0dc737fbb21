"""Utilities about the terminal: stty, tty, clear."""

import re

from kubelet.fake.process import Process
from kubelet.fake.terminal import Terminal
from kubelet.images.utilities.command import CommandFault, say


def _terminal(process: Process) -> Terminal | None:
    return process.stdin if isinstance(process.stdin, Terminal) else None


async def tty(process: Process) -> int:
    """``tty [-s]``."""
    terminal = _terminal(process)
    if "-s" not in process.argv:
        await say(process, "/dev/pts/0" if terminal is not None else "not a tty")
    return int(terminal is None)


async def stty(process: Process) -> int:
    """``stty [-a | size | SETTING...]``: ``echo``, ``-echo``, ``sane`` and ``cols``/``rows`` change the terminal."""
    terminal = _terminal(process)
    if terminal is None:
        raise CommandFault("standard input: Not a tty")
    words = process.argv[1:]
    if not words or words[0] in {"-a", "--all"}:
        mark = "" if terminal.echo else "-"
        await say(
            process, f"speed 38400 baud; rows {terminal.rows}; columns {terminal.columns};\n{mark}echo icanon isig"
        )
        return 0
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "size":
            await say(process, f"{terminal.rows} {terminal.columns}")
        elif word in {"echo", "-echo", "sane"}:
            terminal.echo = word != "-echo"
        elif word in {"cols", "columns", "rows"} and rest and rest[0].isdecimal():
            count = int(rest.pop(0))
            terminal.resize(*((terminal.columns, count) if word == "rows" else (count, terminal.rows)))
        elif re.fullmatch(r"-?(icanon|isig|icrnl|onlcr|opost|iexten|raw|cooked|ixon|echoe|echok)", word) is None:
            raise CommandFault(f"invalid argument '{word}'")
    return 0


async def clear(process: Process) -> int:
    await process.stdout.write(b"\x1b[H\x1b[J")
    return 0
