"""``sed``: ``s p d q n = a i c y`` and blocks, with line, ``$`` and expression addresses and ranges."""

import errno
import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode, encode
from kubelet.fake.streams import Capture, Input, Output
from kubelet.images.utilities.command import MOST_HELD, CommandFault, each_input, parse_options
from kubelet.images.utilities.regex import compile_regex

Match = Callable[[str, int, bool], bool]
"""Says whether an address selects: by the pattern space, the line's number, and whether it is the last."""

_SPECIAL = "&()|{}+?*.["


@dataclass(slots=True, eq=False)
class _Command:
    name: str
    first: Match | None = None
    second: Match | None = None
    second_line: int = 0
    negated: bool = False
    active: bool = False
    text: str = ""
    expression: re.Pattern[str] | None = None
    replacement: str = ""
    nth: int = 1
    everywhere: bool = False
    printed: bool = False
    table: dict[int, int] = field(default_factory=dict)
    block: "list[_Command]" = field(default_factory=list)


async def sed(process: Process) -> int:
    """``sed [-nEri] [-e SCRIPT]... [-f FILE] [SCRIPT] [FILE]...``."""
    options = parse_options(process.argv[1:], "nErisz", "ef", long={"quiet": "n", "regexp-extended": "E"})
    parts: list[str] = []
    for letter, value in options.given:
        if letter == "f":
            parts.append(decode(process.fs.read(process.path(value))).removesuffix("\n"))
        else:
            parts.append(value)
    if not parts:
        if not options.operands:
            raise CommandFault("usage: sed [-nEri] SCRIPT [FILE]...")
        parts.append(options.operands.pop(0))
    script = "\n".join(parts)
    commands = _Parser(script, extended=bool(options.flags & {"E", "r"})).script()
    quiet, looks_ahead = "n" in options.flags, "$" in script
    failures: list[str] = []
    if "i" not in options.flags:
        inputs = each_input(process, options.operands, failures)
        editor = _Editor(commands, inputs, process.stdout, quiet=quiet, looks_ahead=looks_ahead)
        await editor.run()
        return editor.status or int(bool(failures))
    for name in options.operands:
        edited = Capture()
        inputs = each_input(process, [name], failures)
        await _Editor(commands, inputs, edited, quiet=quiet, looks_ahead=looks_ahead).run()
        if name not in failures:
            process.fs.write(process.path(name), bytes(edited.data))
    return int(bool(failures))


class _Parser:
    def __init__(self, text: str, *, extended: bool) -> None:
        self._text = text
        self._position = 0
        self._extended = extended
        self._last: re.Pattern[str] | None = None

    def script(self, *, inner: bool = False) -> list[_Command]:
        commands: list[_Command] = []
        while True:
            self._skip(" \t\n;")
            if self._position >= len(self._text):
                if inner:
                    raise CommandFault("unmatched '{'")
                return commands
            if self._peek() == "}":
                self._position += 1
                if not inner:
                    raise CommandFault("unexpected '}'")
                return commands
            if self._peek() == "#":
                self._line()
                continue
            commands.append(self._command())

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _skip(self, characters: str) -> None:
        while self._peek() and self._peek() in characters:
            self._position += 1

    def _line(self) -> str:
        end = self._text.find("\n", self._position)
        stop = len(self._text) if end < 0 else end
        text = self._text[self._position : stop]
        self._position = stop
        return text

    def _command(self) -> _Command:
        first = self._address()
        second, second_line = None, 0
        self._skip(" \t")
        if first is not None and self._peek() == ",":
            self._position += 1
            self._skip(" \t")
            found = re.compile(r"\d+").match(self._text, self._position)
            second_line = int(found[0]) if found is not None else 0
            second = self._address()
            if second is None:
                raise CommandFault("bad address")
        self._skip(" \t")
        negated = self._peek() == "!"
        if negated:
            self._position += 1
            self._skip(" \t")
        name = self._peek()
        self._position += 1
        command = _Command(name, first, second, second_line, negated)
        match name:
            case "s":
                self._substitution(command)
            case "y":
                self._transliteration(command)
            case "a" | "i" | "c":
                self._skip(" \t")
                command.text = self._inserted()
            case "{":
                command.block = self.script(inner=True)
            case "q" | "Q":
                self._skip(" \t")
                found = re.compile(r"\d*").match(self._text, self._position)
                command.text = found[0] if found is not None else ""
                self._position += len(command.text)
            case "p" | "d" | "n" | "=" | "N" | "h" | "H" | "g" | "G" | "x":
                pass
            case _:
                raise CommandFault(f"unsupported command {name or 'at the end'}")
        self._skip(" \t")
        if self._peek() not in {"", "\n", ";", "}", "#"}:
            raise CommandFault("extra characters after command")
        return command

    def _address(self) -> Match | None:
        char = self._peek()
        if char == "$":
            self._position += 1
            return lambda text, line, last: last
        if char.isdigit():
            found = re.compile(r"(\d+)(?:~(\d+))?").match(self._text, self._position)
            assert found is not None
            self._position = found.end()
            wanted, step = int(found[1]), int(found[2] or 0)
            if step:
                return lambda text, line, last: line >= wanted and (line - wanted) % step == 0
            return lambda text, line, last: line == wanted
        if char in {"/", "\\"} and char:
            if char == "\\":
                self._position += 1
            expression = self._expression(self._delimited())
            return lambda text, line, last: expression.search(text) is not None
        return None

    def _expression(self, text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
        if text:
            self._last = compile_regex(text, extended=self._extended, ignore_case=ignore_case)
        if self._last is None:
            raise CommandFault("no previous regexp")
        return self._last

    def _delimited(self) -> str:
        """Read up to the next delimiter, which is the character here; a backslash takes it as it is."""
        delimiter = self._peek()
        self._position += 1
        return self._up_to(delimiter)

    def _up_to(self, delimiter: str) -> str:
        output: list[str] = []
        while self._position < len(self._text):
            char = self._text[self._position]
            self._position += 1
            if char == delimiter:
                return "".join(output)
            if char == "\\" and self._position < len(self._text):
                following = self._text[self._position]
                self._position += 1
                # An escaped delimiter is the character itself, unless it means something by that name.
                char = following if following == delimiter and following not in _SPECIAL else char + following
            output.append(char)
        raise CommandFault("unmatched delimiter")

    def _substitution(self, command: _Command) -> None:
        delimiter = self._peek()
        pattern = self._delimited()
        command.replacement = self._up_to(delimiter)
        found = re.compile(r"[gpiI0-9]*").match(self._text, self._position)
        flags = found[0] if found is not None else ""
        self._position += len(flags)
        command.expression = self._expression(pattern, ignore_case="i" in flags.lower())
        command.everywhere = "g" in flags
        command.printed = "p" in flags
        digits = re.sub(r"\D", "", flags)
        command.nth = int(digits) if digits else 1

    def _transliteration(self, command: _Command) -> None:
        delimiter = self._peek()
        source, target = self._delimited(), self._up_to(delimiter)
        if len(source) != len(target):
            raise CommandFault("strings for 'y' command are different lengths")
        command.table = dict(zip(map(ord, source), map(ord, target), strict=True))

    def _inserted(self) -> str:
        if self._peek() == "\\":
            self._position += 1
            self._skip(" \t")
            if self._peek() == "\n":
                self._position += 1
        text = self._line()
        while text.endswith("\\") and self._peek() == "\n":
            self._position += 1
            text = text[:-1] + "\n" + self._line()
        return text


class _Editor:
    """Runs commands over lines as they come; ``looks_ahead`` is for scripts that ask which line is the last."""

    def __init__(
        self,
        commands: list[_Command],
        inputs: AsyncIterator[tuple[str, Input]],
        output: Output,
        *,
        quiet: bool,
        looks_ahead: bool,
    ) -> None:
        self._commands = commands
        self._inputs = inputs
        self._source: Input | None = None
        self._output = output
        self._quiet = quiet
        self._looks_ahead = looks_ahead
        self._ahead: str | None = None
        self._index = 0
        self._space = ""
        self._ended = True
        self._hold = ""
        self._quit = False
        self._written: list[str] = []
        self._after: list[str] = []
        self.status = 0

    async def run(self) -> None:
        while not self._quit and await self._advance():
            deleted = await self._apply(self._commands)
            if not deleted and not self._quiet:
                self._print_space()
            self._written += self._after
            self._after.clear()
            await self._output.write(encode("".join(self._written)))
            self._written.clear()

    async def _advance(self, *, joined: bool = False) -> bool:
        """Take the next line into the pattern space, or add it there; false when there is none."""
        row, self._ahead = self._ahead or await self._row(), None
        if not row:
            return False
        if not row.endswith("\n") and (following := await self._row()):
            # The next file begins a line of its own.
            row, self._ahead = row + "\n", following
        self._index += 1
        self._ended = row.endswith("\n")
        text = row.removesuffix("\n")
        self._space = f"{self._space}\n{text}" if joined else text
        return True

    async def _row(self) -> str:
        """Return the next line of all inputs, empty at the end."""
        while True:
            if self._source is None:
                following = await anext(self._inputs, None)
                if following is None:
                    return ""
                self._source = following[1]
            line = await self._source.readline()
            # A pipe hands out long lines in pieces.
            while line and not line.endswith(b"\n") and (more := await self._source.readline()):
                line += more
                if len(line) > MOST_HELD:
                    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            if line:
                return decode(line)
            self._source = None

    async def _is_last(self) -> bool:
        if self._ahead is None and self._looks_ahead:
            self._ahead = await self._row()
        return self._looks_ahead and not self._ahead

    def _print_space(self) -> None:
        self._written.append(f"{self._space}\n" if self._ended or self._after else self._space)

    async def _selected(self, command: _Command) -> bool:
        return self._in_range(command, await self._is_last()) != command.negated

    def _in_range(self, command: _Command, last: bool) -> bool:
        if command.first is None:
            return True
        if command.second is None:
            return command.first(self._space, self._index, last)
        if command.active:
            if command.second_line:
                command.active = self._index < command.second_line
                return self._index <= command.second_line
            command.active = not command.second(self._space, self._index, last)
            return True
        if command.first(self._space, self._index, last):
            command.active = not command.second_line or command.second_line > self._index
            return True
        return False

    async def _apply(self, commands: list[_Command]) -> bool:
        """Do what the commands say; return whether the line is deleted."""
        for command in commands:
            if not await self._selected(command):
                continue
            match command.name:
                case "{":
                    if await self._apply(command.block):
                        return True
                    if self._quit:
                        return False
                case "s":
                    if self._substitute(command) and command.printed:
                        self._written.append(f"{self._space}\n")
                case "p":
                    self._written.append(f"{self._space}\n")
                case "=":
                    self._written.append(f"{self._index}\n")
                case "i":
                    self._written.append(f"{command.text}\n")
                case "a":
                    self._after.append(f"{command.text}\n")
                case "c":
                    if not command.active or command.negated:
                        self._written.append(f"{command.text}\n")
                    return True
                case "d":
                    return True
                case "y":
                    self._space = self._space.translate(command.table)
                case "q" | "Q":
                    self._quit = True
                    self.status = int(command.text or 0)
                    return command.name == "Q"
                case "n":
                    if not self._quiet:
                        self._print_space()
                    if not await self._advance():
                        self._quit = True
                        return True
                case "N":
                    await self._advance(joined=True)
                case _:
                    self._spaces(command.name)
        return False

    def _spaces(self, name: str) -> None:
        """``h H g G x``: the hold space."""
        match name:
            case "h":
                self._hold = self._space
            case "H":
                self._hold += "\n" + self._space
            case "g":
                self._space = self._hold
            case "G":
                self._space += "\n" + self._hold
            case "x":
                self._space, self._hold = self._hold, self._space

    def _substitute(self, command: _Command) -> bool:
        assert command.expression is not None
        count = 0
        changed = False

        def replace(found: re.Match[str]) -> str:
            nonlocal count, changed
            count += 1
            if count < command.nth or (count > command.nth and not command.everywhere):
                return found[0]
            changed = True
            return _expanded(command.replacement, found)

        self._space = command.expression.sub(replace, self._space)
        return changed


def _expanded(replacement: str, found: re.Match[str]) -> str:
    def one(part: re.Match[str]) -> str:
        if part[0] == "&":
            return found[0]
        code = part[1]
        if code.isdigit():
            if int(code) > (found.re.groups or 0):
                raise CommandFault(f"invalid reference \\{code} on s command's RHS")
            return found[int(code)] or ""
        return {"n": "\n", "t": "\t"}.get(code, code)

    return re.sub(r"\\(.)|&", one, replacement, flags=re.DOTALL)
