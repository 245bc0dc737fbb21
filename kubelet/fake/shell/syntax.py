"""What a shell script means, as values: made by :mod:`kubelet.fake.shell.parser`, walked by the interpreter.

Values are immutable, so that one parsed script serves every container that runs it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it stands; quoted text is neither split nor matched against files."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$name`` or ``${name<operator>word}``; ``length`` is ``${#name}``."""

    name: str
    quoted: bool
    operator: str = ""
    word: "Word | None" = None
    length: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(script)`` or the same in backquotes."""

    script: "Sequence"
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((expression))``; the expression is expanded like a quoted word, then evaluated."""

    expression: "Word"
    quoted: bool


Part = Literal | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """Parts that stand together. ``plain`` is what the word expands to when nothing in it needs expansion."""

    parts: tuple[Part, ...]
    plain: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    value: Word


@dataclass(frozen=True, slots=True)
class Redirect:
    """``operator`` is one of ``< > >> >| <> <& >& &> &>>`` or ``<<`` (here-documents and here-strings).

    ``descriptor`` is ``None`` when the operator's own default holds.
    """

    operator: str
    target: Word
    descriptor: int | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, a command with its arguments, redirections; each may be missing."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    declaration: bool = False
    """``export A=$B`` and the like: arguments that are assignments are not split."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    commands: tuple["Command", ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    left: "Command"
    operator: str
    right: "Command"


@dataclass(frozen=True, slots=True)
class Background:
    command: "Command"


@dataclass(frozen=True, slots=True)
class Sequence:
    commands: tuple["Command", ...]


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@dataclass(frozen=True, slots=True)
class For:
    """``words`` is ``None`` for the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True, slots=True)
class While:
    condition: Sequence
    body: Sequence
    until: bool


@dataclass(frozen=True, slots=True)
class Case:
    word: Word
    items: tuple[tuple[tuple[Word, ...], Sequence], ...]


@dataclass(frozen=True, slots=True)
class Subshell:
    body: Sequence


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    body: "Command"


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirections."""

    command: "Command"
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class DoubleBracket:
    """``[[ ... ]]`` as its words, unsplit."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class ArithmeticCommand:
    """``(( expression ))``."""

    expression: Word


Command = (
    Simple
    | Pipeline
    | AndOr
    | Background
    | Sequence
    | If
    | For
    | While
    | Case
    | Subshell
    | Function
    | Redirected
    | DoubleBracket
    | ArithmeticCommand
)
