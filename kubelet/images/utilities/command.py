"""What utilities share: options, inputs, and how they say what went wrong."""

import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from kubelet.fake.files import open_input, open_output
from kubelet.fake.process import Process
from kubelet.fake.program import Program, Until
from kubelet.fake.shell.formatting import encode
from kubelet.fake.streams import Input, Output

CHUNK = 64 * 1024

MOST_HELD = 32 * 1024 * 1024
"""As much may a program hold of its input, in bytes, that needs all of it at once. More is ``ENOMEM``: the program says
that it is out of memory, and fails; nothing is left out in silence."""
LINE_OVERHEAD = 64
"""As much counts a line that is held by itself, beside its bytes."""

_TROUBLE = {"awk": 2, "cmp": 2, "diff": 2, "egrep": 2, "fgrep": 2, "grep": 2, "sort": 2}
"""What those end with that cannot go on, whose 1 means something else."""

Utility = Callable[[Process], Awaitable[int | Until]]


class CommandFault(Exception):
    """The utility cannot go on; the text goes to standard error behind its name."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def name_of(process: Process) -> str:
    """Return the name a utility was called by, without its folder."""
    return os.path.basename(process.argv[0])


def as_program(utility: Utility) -> Program:
    """Return a program that says what is wrong instead of failing with it."""

    async def run(process: Process) -> int | Until:
        try:
            return await utility(process)
        except CommandFault as fault:
            await complain(process, str(fault))
            return fault.status
        except BrokenPipeError:
            raise
        except OSError as error:
            text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            await complain(process, "out of memory" if error.errno == errno.ENOMEM else text or "error")
            return _TROUBLE.get(name_of(process), 1)

    return run


async def complain(process: Process, text: str) -> None:
    """Write a line to standard error, behind the utility's name."""
    await process.stderr.write(encode(f"{name_of(process)}: {text}\n"))


async def say(process: Process, text: str) -> None:
    """Write a line to standard output."""
    await process.stdout.write(encode(f"{text}\n"))


@dataclass(slots=True)
class Options:
    """``flags`` are those given, ``values`` the last argument of each option that takes one."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    operands: list[str] = field(default_factory=list)
    given: list[tuple[str, str]] = field(default_factory=list)
    """Options with arguments, in order, for those that may be repeated."""


def parse_options(
    arguments: Sequence[str],
    flags: str = "",
    valued: str = "",
    *,
    long: dict[str, str] | None = None,
    permute: bool = True,
) -> Options:
    """Read options as ``getopt`` does; raise :class:`CommandFault`.

    ``flags`` and ``valued`` list letters without and with an argument. ``long`` maps long names to letters.
    ``permute`` finds options behind operands too.
    """
    options = Options()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            options.operands += rest
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            letter = (long or {}).get(name)
            if letter is None:
                raise CommandFault(f"unrecognized option: {name}")
            if letter in valued:
                _value(options, letter, value if equals else rest.pop(0) if rest else None)
            else:
                options.flags.add(letter)
        elif word.startswith("-") and len(word) > 1:
            _letters(options, word[1:], rest, flags, valued)
        else:
            options.operands.append(word)
            if not permute:
                options.operands += rest
                break
    return options


def _letters(options: Options, letters: str, rest: list[str], flags: str, valued: str) -> None:
    for index, letter in enumerate(letters):
        if letter in valued:
            following = letters[index + 1 :]
            _value(options, letter, following or (rest.pop(0) if rest else None))
            return
        if letter not in flags:
            raise CommandFault(f"invalid option -- '{letter}'")
        options.flags.add(letter)


def _value(options: Options, letter: str, value: str | None) -> None:
    if value is None:
        raise CommandFault(f"option requires an argument -- '{letter}'")
    options.values[letter] = value
    options.given.append((letter, value))


def number(text: str) -> int:
    """Return a decimal number with an optional ``k``, ``m``, ``g``; raise :class:`CommandFault`."""
    scale = {"k": 1024, "K": 1024, "m": 1024**2, "M": 1024**2, "g": 1024**3, "G": 1024**3, "b": 512}.get(text[-1:], 1)
    try:
        return int(text if scale == 1 else text[:-1]) * scale
    except ValueError:
        raise CommandFault(f"invalid number '{text}'") from None


def seconds(text: str) -> float:
    """Return a length of time; raise :class:`CommandFault`."""
    try:
        value = float(text)
    except ValueError:
        raise CommandFault(f"invalid number '{text}'") from None
    if not value >= 0:
        raise CommandFault(f"invalid number '{text}'")
    return value


async def each_input(process: Process, names: Sequence[str], failures: list[str]) -> AsyncIterator[tuple[str, Input]]:
    """Yield the named inputs, standard input for ``-`` and for none; what cannot be opened is said and noted."""
    for name in names or ["-"]:
        if name == "-":
            yield name, process.stdin
            continue
        try:
            source = open_input(process.fs, process.path(name))
        except OSError as error:
            failures.append(name)
            await complain(process, f"{name}: {error.strerror}")
            continue
        yield name, source


class Held:
    """Counts what a program holds of its inputs."""

    def __init__(self) -> None:
        self._size = 0

    def add(self, size: int) -> None:
        """Hold so many bytes more; raise ``OSError`` (``ENOMEM``) when that is more than a program may."""
        self._size += size
        if self._size > MOST_HELD:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


async def everything(source: Input, held: Held | None = None) -> bytes:
    """Read an input to its end; raise ``OSError`` (``ENOMEM``) when that is more than a program may hold."""
    held = held or Held()
    data = bytearray()
    while chunk := await source.read(CHUNK):
        held.add(len(chunk))
        data += chunk
    return bytes(data)


async def all_lines(source: Input, held: Held | None = None) -> list[bytes]:
    """Read all lines of an input, without their newlines, likewise."""
    held = held or Held()
    data = await everything(source, held)
    held.add(data.count(b"\n") * LINE_OVERHEAD)
    return data.removesuffix(b"\n").split(b"\n") if data else []


async def whole_line(source: Input) -> bytes:
    """Read a line with its newline, however long; raise ``OSError`` (``ENOMEM``) when it is too long to be held."""
    line = await source.readline()
    if line.endswith(b"\n") or not line:
        return line
    # A pipe hands out long lines in pieces.
    pieces, held = bytearray(line), Held()
    while not pieces.endswith(b"\n") and (more := await source.readline()):
        held.add(len(more))
        pieces += more
    return bytes(pieces)


async def lines(source: Input) -> AsyncIterator[bytes]:
    """Yield an input's lines without their newlines."""
    while line := await whole_line(source):
        yield line.removesuffix(b"\n")


def create(process: Process, name: str, *, append: bool = False) -> Output:
    """Open a file for writing as the process, by its working folder, umask and owner; raise ``OSError``."""
    mode = 0o666 & ~process.umask
    return open_output(process.fs, process.path(name), append=append, mode=mode, uid=process.uid, gid=process.gid)
