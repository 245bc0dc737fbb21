"""Scripts of ``sed``, read into a row of commands in which blocks and branches are jumps."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from kubelet.fake.regex.expression import Expression
from kubelet.images.utilities.command import CommandFault
from kubelet.images.utilities.regex import SED, SED_EXTENDED, compile_regex

Match = Callable[[str, int, bool], bool]
"""Says whether an address selects: by the pattern space, the line's number, and whether it is the last."""

_SPECIAL = "&()|{}+?*.["
_PLAIN = frozenset("pPdDnN=hHgGxlzF")
"""Commands that are their letter alone."""
_BRANCHES = frozenset("btT")


@dataclass(slots=True, eq=False)
class Command:
    """``target`` is where a branch goes on, and behind which place a block that is not selected ends."""

    name: str
    first: Match | None = None
    second: Match | None = None
    second_line: int = 0
    negated: bool = False
    active: bool = False
    text: str = ""
    expression: Expression | None = None
    replacement: str = ""
    nth: int = 1
    everywhere: bool = False
    printed: bool = False
    table: dict[int, int] = field(default_factory=dict)
    target: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    commands: list[Command]
    expressions: list[Expression]
    """All that it searches with."""
    written: list[str]
    """Files that it writes to."""


def parse_script(text: str, *, extended: bool) -> Script:
    """Return what a script says; raise :class:`CommandFault`."""
    return _Parser(text, extended=extended).script()


class _Parser:
    def __init__(self, text: str, *, extended: bool) -> None:
        self._text = text
        self._position = 0
        self._dialect = SED_EXTENDED if extended else SED
        self._last: Expression | None = None
        self._commands: list[Command] = []
        self._blocks: list[Command] = []
        self._labels: dict[str, int] = {}
        self._expressions: list[Expression] = []
        self._written: list[str] = []

    def script(self) -> Script:
        while True:
            self._skip(" \t\n;")
            if self._position >= len(self._text):
                break
            if self._peek() == "}":
                self._position += 1
                if not self._blocks:
                    raise CommandFault("unexpected '}'")
                self._blocks.pop().target = len(self._commands)
            elif self._peek() == "#":
                self._line()
            else:
                self._command()
        if self._blocks:
            raise CommandFault("unmatched '{'")
        for command in self._commands:
            if command.name in _BRANCHES:
                if command.text and command.text not in self._labels:
                    raise CommandFault(f"can't find label for jump to '{command.text}'")
                command.target = self._labels.get(command.text, len(self._commands))
        return Script(self._commands, self._expressions, self._written)

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

    def _command(self) -> None:
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
        command = Command(name, first, second, second_line, negated)
        if name == ":":
            if first is not None:
                raise CommandFault(": doesn't want any addresses")
            self._labels[self._word()] = len(self._commands)
            return
        self._commands.append(command)
        if name == "{":
            self._blocks.append(command)
            return
        self._rest(command)
        self._skip(" \t")
        if self._peek() not in {"", "\n", ";", "}", "#"}:
            raise CommandFault("extra characters after command")

    def _rest(self, command: Command) -> None:
        """Read what follows a command's letter."""
        match command.name:
            case "s":
                self._substitution(command)
            case "y":
                self._transliteration(command)
            case "a" | "i" | "c":
                self._skip(" \t")
                command.text = self._inserted()
            case "q" | "Q":
                self._skip(" \t")
                found = re.compile(r"\d*").match(self._text, self._position)
                command.text = found[0] if found is not None else ""
                self._position += len(command.text)
            case "b" | "t" | "T":
                command.text = self._word()
            case "r" | "w":
                self._skip(" \t")
                command.text = self._line()
                if not command.text:
                    raise CommandFault("missing filename in r/R/w/W commands")
                if command.name == "w":
                    self._written.append(command.text)
            case name if name and name in _PLAIN:
                pass
            case name:
                raise CommandFault(f"unsupported command {name or 'at the end'}")

    def _word(self) -> str:
        """Read a label."""
        self._skip(" \t")
        start = self._position
        while self._peek() not in {"", "\n", ";", "}", " ", "\t"}:
            self._position += 1
        return self._text[start : self._position]

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
            pattern = self._delimited()
            flags = self._flags("IM")
            expression = self._expression(pattern, ignore_case="I" in flags, multiline="M" in flags)
            return lambda text, line, last: expression.search(text) is not None
        return None

    def _flags(self, known: str) -> str:
        start = self._position
        while self._peek() and self._peek() in known:
            self._position += 1
        return self._text[start : self._position]

    def _expression(self, text: str, *, ignore_case: bool = False, multiline: bool = False) -> Expression:
        if text:
            try:
                self._last = compile_regex(text, self._dialect, ignore_case=ignore_case, multiline=multiline)
            except CommandFault as fault:
                raise CommandFault(str(fault)) from fault
            self._expressions.append(self._last)
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

    def _substitution(self, command: Command) -> None:
        delimiter = self._peek()
        pattern = self._delimited()
        command.replacement = self._up_to(delimiter)
        flags = self._flags("gpiImM0123456789")
        command.expression = self._expression(pattern, ignore_case="i" in flags.lower(), multiline="m" in flags.lower())
        for digit in re.findall(r"\\([0-9])", command.replacement.replace("\\\\", "")):
            if int(digit) > command.expression.groups:
                raise CommandFault(f"invalid reference \\{digit} on s command's RHS")
        command.everywhere = "g" in flags
        command.printed = "p" in flags
        digits = re.sub(r"\D", "", flags)
        command.nth = int(digits) if digits else 1
        if self._peek() == "w":
            self._position += 1
            self._skip(" \t")
            command.text = self._line()
            self._written.append(command.text)

    def _transliteration(self, command: Command) -> None:
        delimiter = self._peek()
        source, target = (_unescaped(text) for text in (self._delimited(), self._up_to(delimiter)))
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


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text, flags=re.DOTALL)
