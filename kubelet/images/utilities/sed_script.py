"""Scripts of ``sed``: ``s p d q n N = a i c y h H g G x`` and blocks, with addresses by line, ``$`` and expression."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from kubelet.images.utilities.command import CommandFault
from kubelet.images.utilities.regex import compile_regex

Match = Callable[[str, int, bool], bool]
"""Says whether an address selects: by the pattern space, the line's number, and whether it is the last."""

_SPECIAL = "&()|{}+?*.["


@dataclass(slots=True, eq=False)
class Command:
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
    block: "list[Command]" = field(default_factory=list)


def parse_script(text: str, *, extended: bool) -> list[Command]:
    """Return the commands of a script; raise :class:`CommandFault`."""
    return _Parser(text, extended=extended).script()


class _Parser:
    def __init__(self, text: str, *, extended: bool) -> None:
        self._text = text
        self._position = 0
        self._extended = extended
        self._last: re.Pattern[str] | None = None

    def script(self, *, inner: bool = False) -> list[Command]:
        commands: list[Command] = []
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

    def _command(self) -> Command:
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

    def _substitution(self, command: Command) -> None:
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

    def _transliteration(self, command: Command) -> None:
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
