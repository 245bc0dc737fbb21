"""POSIX regular expressions, basic and extended, as trees, and such trees in the syntax of RE2.

Escapes are those of GNU's tools and of musl (``\\w``, ``\\d``, ``\\<``, ``\\n`` …).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kubelet.fake.regex.brackets import bracket

_DEEPEST = 200
"""As many parentheses may be open at once."""
_MOST_REPEATED = 32767
"""``RE_DUP_MAX`` of glibc."""
_REPEATED_AT_ONCE = 1000
"""The highest count that RE2 takes."""

_OPERATORS = frozenset("(){}|+?")
"""Special with a backslash in basic expressions, without one in extended ones."""
_CLASSES = {
    "w": r"[0-9A-Za-z_]",
    "W": r"[^0-9A-Za-z_]",
    "s": r"[\t-\r ]",
    "S": r"[^\t-\r ]",
    "d": "[0-9]",
    "D": "[^0-9]",
}
_ASSERTIONS = frozenset("<>bB`'")
_CONTROLS = {"n": "\n", "t": "\t", "f": "\f", "v": "\v", "r": "\r", "a": "\a"}
_INTERVAL = re.compile(r"(\d*)(?:(,)(\d*))?")


class BadExpression(ValueError):
    """It is no regular expression; the text is glibc's."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """``references``: a backslash and a digit is what a group matched. ``controls``: ``\\t`` and its like mean a
    control character in brackets too; with ``escapes`` any character behind a backslash is itself there."""

    extended: bool = False
    references: bool = True
    controls: bool = False
    escapes: bool = False


BASIC = Dialect()
EXTENDED = Dialect(extended=True)


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set, in the syntax that RE2 and Python share."""

    text: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place: ``^ $ < > b B`` and a backquote and a quote for the text's two ends."""

    kind: str


@dataclass(frozen=True, slots=True)
class Reference:
    number: int


@dataclass(frozen=True, slots=True)
class Group:
    inner: "Node"
    number: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """``most`` is ``None`` when there is no bound."""

    inner: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Series:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple["Node", ...]


Node = One | Assertion | Reference | Group | Repeat | Series | Choice


@dataclass(frozen=True, slots=True)
class Parsed:
    """``groups`` by their number, from 1; ``references`` says whether there is one to a group."""

    root: Node
    groups: dict[int, Group]
    references: bool


def parse(patterns: Sequence[str], dialect: Dialect, *, literal: bool = False) -> Parsed:
    """Read expressions, any of which may match, or texts as expressions of themselves; raise :class:`BadExpression`."""
    if literal:
        texts = [Series(tuple(One(re.escape(char)) for char in pattern)) for pattern in patterns]
        return Parsed(_any(texts), {}, references=False)
    groups: dict[int, Group] = {}
    parsers = [_Parser(pattern, dialect, groups) for pattern in patterns]
    roots = [parser.whole() for parser in parsers]
    return Parsed(_any(roots), groups, any(parser.references for parser in parsers))


def _any(branches: Sequence[Node]) -> Node:
    return branches[0] if len(branches) == 1 else Choice(tuple(branches))


class _Parser:
    """``groups`` has those of the expressions before this one, and is given its own."""

    def __init__(self, text: str, dialect: Dialect, groups: dict[int, Group]) -> None:
        self._text = text
        self._dialect = dialect
        self._position = 0
        self._groups = groups
        self._before = self._opened = len(groups)
        self._depth = 0
        self.references = False
        escapes = dict(_CONTROLS) if dialect.controls else {}
        self._escapes = escapes | ({"": ""} if dialect.escapes else {}) or None

    def whole(self) -> Node:
        root = self._choice()
        if self._position < len(self._text):
            raise BadExpression("Unmatched ) or \\)")
        return root

    def _token(self) -> tuple[str, str]:
        """Take the next token: its kind, which of operators is the operator itself, and its text."""
        char = self._text[self._position]
        self._position += 1
        extended = self._dialect.extended
        if char != "\\":
            if char in _OPERATORS:
                return (char, char) if extended else ("char", char)
            return (char, char) if char in "*.[^$" else ("char", char)
        if self._position == len(self._text):
            raise BadExpression("Trailing backslash")
        char = self._text[self._position]
        self._position += 1
        if char in _OPERATORS:
            return ("char", char) if extended else (char, char)
        if char in _CLASSES:
            return "class", char
        if char in _ASSERTIONS:
            return "assertion", char
        if char in "123456789" and self._dialect.references:
            return "reference", char
        return "char", _CONTROLS.get(char, char)

    def _peek(self) -> str:
        """Return the next token's kind, empty at the end."""
        if self._position == len(self._text):
            return ""
        before = self._position
        kind = self._token()[0]
        self._position = before
        return kind

    def _choice(self) -> Node:
        branches = [self._series()]
        while self._peek() == "|":
            self._token()
            branches.append(self._series())
        return _any(branches)

    def _series(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in {"", "|"} and not (self._peek() == ")" and self._depth):
            if (part := self._repeated(self._atom(first=not parts))) is not None:
                parts.append(part)
        return parts[0] if len(parts) == 1 else Series(tuple(parts))

    def _atom(self, *, first: bool) -> Node | None:
        kind, text = self._token()
        extended = self._dialect.extended
        match kind:
            case "(":
                return self._group()
            case ")":
                raise BadExpression("Unmatched ) or \\)")
            case "[":
                return self._bracket()
            case ".":
                return One(".")
            case "^" if extended or first:
                return Assertion("^")
            case "$" if extended or self._peek() in {"", "|", ")"}:
                return Assertion("$")
            case "*" | "+" | "?" if extended and first:
                # Nothing to repeat, as GNU's tools read it.
                return None
            case "+" | "?":
                raise BadExpression("Invalid preceding regular expression")
            case "{" if not extended:
                raise BadExpression("Invalid preceding regular expression")
            case "class":
                return One(_CLASSES[text])
            case "assertion":
                return Assertion(text)
            case "reference":
                if self._before + int(text) not in self._groups:
                    raise BadExpression("Invalid back reference")
                self.references = True
                return Reference(self._before + int(text))
        return One(re.escape(text))

    def _bracket(self) -> Node:
        try:
            found = bracket(self._text, self._position, escapes=self._escapes)
        except ValueError as error:
            raise BadExpression(str(error)) from error
        if found is None:
            raise BadExpression("Unmatched [, [^, [:, [., or [=")
        text, self._position = found
        return One(text)

    def _group(self) -> Node:
        self._opened += 1
        number = self._opened
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadExpression("Regular expression too big")
        inner = self._choice()
        if self._peek() != ")":
            raise BadExpression("Unmatched ( or \\(")
        self._token()
        self._depth -= 1
        group = self._groups[number] = Group(inner, number)
        return group

    def _repeated(self, node: Node | None) -> Node | None:
        if node is None or (isinstance(node, Assertion) and not self._dialect.extended):
            # Behind an anchor a basic expression's star is a star.
            return self._star(node)
        while True:
            kind = self._peek()
            if kind == "{":
                before = self._position
                self._token()
                if (counts := self._interval()) is None:
                    self._position = before
                    # An extended expression's brace that begins no interval is a brace.
                    return node
                least, most = counts
            elif kind in {"*", "+", "?"}:
                self._token()
                least, most = int(kind == "+"), 1 if kind == "?" else None
            else:
                return node
            node = Repeat(node, least, most)

    def _star(self, node: Node | None) -> Node | None:
        if node is not None and self._peek() == "*":
            self._token()
            return Series((node, One(r"\*")))
        return node

    def _interval(self) -> tuple[int, int | None] | None:
        """Read an interval from behind its brace; ``None`` when it is none in an extended expression."""
        found = _INTERVAL.match(self._text, self._position)
        assert found is not None
        closing = "}" if self._dialect.extended else "\\}"
        if not self._text.startswith(closing, found.end()) or not (found[1] or found[2]):
            if self._dialect.extended:
                return None
            raise BadExpression("Invalid content of \\{\\}")
        self._position = found.end() + len(closing)
        least = int((found[1] or "0")[:9])
        most = least if found[2] is None else int(found[3][:9]) if found[3] else None
        if max(least, most or 0) > _MOST_REPEATED:
            raise BadExpression("Regular expression too big")
        if most is not None and most < least:
            raise BadExpression("Invalid content of \\{\\}")
        return least, most


def written(node: Node, groups: dict[int, Group] | None = None) -> str:
    """Return a node in RE2's syntax.

    ``groups`` is for expressions with references, which RE2 does not have: each is written as what its group may match
    at all, so that the whole matches wherever the expression itself does, and elsewhere too.
    """
    match node:
        case One(text):
            return text
        case Assertion(kind):
            return {"^": "^", "$": "$", "`": r"\A", "'": r"\z", "b": r"\b", "B": r"\B"}.get(kind, r"\b")
        case Group(inner, _):
            return f"({written(inner, groups)})"
        case Reference(number):
            assert groups is not None
            return f"(?:{written(groups[number].inner, groups)})"
        case Series(parts):
            return "".join(
                f"(?:{written(part, groups)})" if isinstance(part, Choice) else written(part, groups)
                for part in _bounded(parts)
            )
        case Choice(branches):
            return "|".join(written(branch, groups) for branch in branches)
        case Repeat(inner, least, most):
            text = written(inner, groups)
            return _repetition(text if isinstance(inner, One | Group) else f"(?:{text})", least, most)


def _bounded(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    """Make any character at a word's beginning or end one of words, for RE2 knows only where the two meet."""
    any_one, word = One("."), One(_CLASSES["w"])
    return tuple(
        word
        if part == any_one
        and (
            (place > 0 and parts[place - 1] == Assertion("<"))
            or (place + 1 < len(parts) and parts[place + 1] == Assertion(">"))
        )
        else part
        for place, part in enumerate(parts)
    )


def _repetition(text: str, least: int, most: int | None) -> str:
    if (least, most) in {(0, None), (1, None), (0, 1)}:
        return text + {(0, None): "*", (1, None): "+", (0, 1): "?"}[least, most]
    pieces: list[str] = []
    for count in _split(least):
        pieces.append(f"{text}{{{count}}}")
    if most is None:
        pieces.append(f"{text}*")
    else:
        pieces += [f"{text}{{0,{count}}}" for count in _split(most - least)]
    return "".join(pieces) if len(pieces) == 1 else f"(?:{''.join(pieces)})"


def _split(count: int) -> list[int]:
    whole, rest = divmod(count, _REPEATED_AT_ONCE)
    return [_REPEATED_AT_ONCE] * whole + [rest] * (rest > 0)
