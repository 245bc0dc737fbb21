"""Utilities about arguments, the environment and time: echo, printf, env, date, sleep, xargs and the like."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from kubelet.fake.process import Process
from kubelet.fake.program import PATH, CommandNotFound, NotExecutable, Until
from kubelet.fake.shell import formatting
from kubelet.fake.streams import NullInput
from kubelet.images.utilities.command import CommandFault, complain, everything, number, parse_options, say

_MOST_ARGUMENTS = 128 * 1024 - 2048
"""As many bytes of arguments ``xargs`` gives to one command."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_YES_LINES = 512
_YES_BURST = 1024 * 1024


async def true(process: Process) -> int:
    return 0


async def false(process: Process) -> int:
    return 1


async def echo(process: Process) -> int:
    await process.stdout.write(formatting.echo(process.argv[1:]))
    return 0


async def printf(process: Process) -> int:
    data, errors = formatting.printf(process.argv[1:])
    await process.stdout.write(data)
    for error in errors:
        await process.complain(error)
    return int(bool(errors))


async def yes(process: Process) -> int:
    block = formatting.encode((" ".join(process.argv[1:]) or "y") + "\n") * _YES_LINES
    written = 0
    while True:
        await process.stdout.write(block)
        written += len(block)
        # Nobody needs it all: what goes on without end goes on slowly.
        await process.sleep(0 if written < _YES_BURST else 0.01)


async def pwd(process: Process) -> int:
    await say(process, process.cwd)
    return 0


def duration(text: str) -> float:
    """Return the seconds of ``1.5``, ``2m``, ``1d`` or ``infinity``; raise :class:`CommandFault`."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+|inf(?:inity)?)([smhd]?)", text)
    if found is None:
        raise CommandFault(f"invalid number '{text}'")
    return float(found[1]) * _UNITS[found[2] or "s"]


async def sleep(process: Process) -> int | Until:
    """``sleep N[smhd]...``: the sum of all; ``infinity`` never ends."""
    if len(process.argv) < 2:
        raise CommandFault("missing operand")
    total = sum(duration(word) for word in process.argv[1:])
    if total == float("inf"):
        return Until()
    await process.sleep(total)
    return 0


async def env(process: Process) -> int:
    """``env [-i] [-u NAME]... [NAME=VALUE]... [COMMAND [ARG]...]``."""
    options = parse_options(process.argv[1:], "i0", "u", permute=False)
    environment = {} if "i" in options.flags else dict(process.env)
    for _, name in options.given:
        environment.pop(name, None)
    rest = options.operands
    while rest and "=" in rest[0]:
        name, _, value = rest.pop(0).partition("=")
        environment[name] = value
    if rest:
        return await _run(process, rest, environment)
    end = "\0" if "0" in options.flags else "\n"
    await process.stdout.write(formatting.encode("".join(f"{key}={value}{end}" for key, value in environment.items())))
    return 0


async def _run(process: Process, words: list[str], environment: dict[str, str]) -> int:
    try:
        return await process.spawn(words, env=environment, stdin=process.stdin).wait()
    except CommandNotFound:
        await complain(process, f"can't execute '{words[0]}': No such file or directory")
        return 127
    except NotExecutable:
        await complain(process, f"can't execute '{words[0]}': Permission denied")
        return 126


async def which(process: Process) -> int:
    status = 0
    for name in process.argv[1:]:
        try:
            path, _ = process.world.find_program(name, process.env.get("PATH", PATH), process.cwd)
        except (CommandNotFound, NotExecutable):
            status = 1
            continue
        await say(process, path)
    return status


async def printenv(process: Process) -> int:
    names = process.argv[1:]
    if not names:
        return await env(process)
    status = 0
    for name in names:
        if name in process.env:
            await say(process, process.env[name])
        else:
            status = 1
    return status


async def date(process: Process) -> int:
    """``date [-u] [-I[SPEC]] [-d TIME] [-R] [+FORMAT]``; time zones are UTC."""
    arguments = [re.sub(r"^-I$", "-Idate", word) for word in process.argv[1:]]
    options = parse_options(arguments, "uR", "Id")
    moment = _moment(process, options.values.get("d"))
    template = "%a %b %e %H:%M:%S UTC %Y"
    if "R" in options.flags:
        template = "%a, %d %b %Y %H:%M:%S +0000"
    if "I" in options.values:
        precise = options.values["I"]
        template = "%Y-%m-%d" if precise.startswith("d") else "%Y-%m-%dT%H:%M:%S+00:00"
    for word in options.operands:
        if not word.startswith("+"):
            raise CommandFault(f"invalid date '{word}'")
        template = word[1:]
    await say(process, _strftime(moment, template))
    return 0


def _moment(process: Process, text: str | None) -> datetime:
    if text is None or text == "now":
        return process.clock.now()
    try:
        if text.startswith("@"):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text[1:]))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise CommandFault(f"invalid date '{text}'") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _strftime(moment: datetime, template: str) -> str:
    def replace(found: re.Match[str]) -> str:
        match found[1]:
            case "s":
                return str(int(moment.timestamp()))
            case "N":
                return f"{moment.microsecond * 1000:09d}"
            case "%":
                return "%"
            case letter:
                return moment.strftime(f"%{letter}")

    return re.sub(r"%(.)", replace, template)


async def xargs(process: Process) -> int:
    """``xargs [-0] [-r] [-t] [-n MAX] [-I TEXT] [COMMAND [ARG]...]``."""
    options = parse_options(process.argv[1:], "0rt", "nIP", permute=False)
    command = options.operands or ["echo"]
    text = formatting.decode(await everything(process.stdin))
    replaced = options.values.get("I")
    if "0" in options.flags:
        items = [item for item in text.split("\0") if item]
    elif replaced is not None:
        items = [line.strip() for line in text.splitlines() if line.strip()]
    else:
        items = _words(text)
    runs: list[list[str]]
    if replaced is not None:
        runs = [[word.replace(replaced, item) for word in command] for item in items]
    else:
        most = number(options.values["n"]) if "n" in options.values else len(items)
        runs = [[*command, *row] for row in _rows(items, max(1, most), _MOST_ARGUMENTS - _size(command))]
        if not runs and "r" not in options.flags:
            runs = [command]
    status = 0
    for words in runs:
        if "t" in options.flags:
            await process.complain(" ".join(words))
        status = max(status, await _one(process, words))
        if status >= 124:
            return status
    return status


def _size(words: Sequence[str]) -> int:
    return sum(len(word) + 1 for word in words)


def _rows(items: Sequence[str], most: int, room: int) -> Iterator[list[str]]:
    """Cut items into rows of at most so many, and of so many bytes together unless one alone is longer."""
    row: list[str] = []
    left = room
    for item in items:
        if row and (len(row) == most or len(item) + 1 > left):
            yield row
            row, left = [], room
        row.append(item)
        left -= len(item) + 1
    if row:
        yield row


async def _one(process: Process, words: list[str]) -> int:
    try:
        code = await process.spawn(words, stdin=NullInput()).wait()
    except CommandNotFound:
        raise CommandFault(f"{words[0]}: No such file or directory", 127) from None
    except NotExecutable:
        raise CommandFault(f"{words[0]}: Permission denied", 126) from None
    if code == 255:
        raise CommandFault(f"{words[0]}: exited with status 255; aborting", 124)
    return 123 if code else 0


def _words(text: str) -> list[str]:
    """Split at white space; quotes and backslashes hold words together."""
    words: list[str] = []
    for found in re.finditer(r"""(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+""", text, re.DOTALL):
        words.append(
            re.sub(r""""([^"]*)"|'([^']*)'|\\(.)""", lambda part: part[1] or part[2] or part[3] or "", found[0])
        )
    return words
