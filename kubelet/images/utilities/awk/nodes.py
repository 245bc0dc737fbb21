"""The parts of a program: what the parser makes and the interpreter walks through."""

from dataclasses import dataclass, field


class Expression:
    """Has a value."""

    __slots__ = ()


class Statement:
    """Does something."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Number(Expression):
    value: float


@dataclass(frozen=True, slots=True)
class String(Expression):
    value: str


@dataclass(frozen=True, slots=True)
class Regex(Expression):
    """By itself it is matched with the record; functions and ``~`` take the pattern."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Name(Expression):
    name: str


@dataclass(frozen=True, slots=True)
class Item(Expression):
    """An element of an array; several subscripts are joined with ``SUBSEP``."""

    array: str
    subscripts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class FieldOf(Expression):
    index: Expression


Target = Name | Item | FieldOf
"""What can be assigned to."""


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    """Arithmetic, comparison, ``~``, ``!~``, ``&&``, ``||``; a blank is concatenation."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Assign(Expression):
    """``operator`` is empty for ``=`` and ``+`` for ``+=``."""

    target: Target
    operator: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Step(Expression):
    """``++`` and ``--``; ``before`` says that the new value counts."""

    target: Target
    by: int
    before: bool


@dataclass(frozen=True, slots=True)
class Contains(Expression):
    subscripts: tuple[Expression, ...]
    array: str


@dataclass(frozen=True, slots=True)
class Group(Expression):
    """What is in parentheses; several only before ``in`` and behind ``print``."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call(Expression):
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Getline(Expression):
    """``kind`` is empty for the program's input, ``<`` for a file, ``|`` for a command."""

    kind: str
    source: Expression | None
    target: Target | None


@dataclass(frozen=True, slots=True)
class Simple(Statement):
    expression: Expression


@dataclass(frozen=True, slots=True)
class Print(Statement):
    """``formatted`` for ``printf``; ``redirect`` is empty, ``>``, ``>>`` or ``|``."""

    arguments: tuple[Expression, ...]
    formatted: bool
    redirect: str = ""
    target: Expression | None = None


@dataclass(frozen=True, slots=True)
class Block(Statement):
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If(Statement):
    condition: Expression
    then: Statement
    otherwise: Statement | None


@dataclass(frozen=True, slots=True)
class While(Statement):
    """``at_least_once`` for ``do``; ``step`` is what ``for`` does between two rounds."""

    condition: Expression | None
    body: Statement
    at_least_once: bool = False
    step: Statement | None = None


@dataclass(frozen=True, slots=True)
class ForIn(Statement):
    name: str
    array: str
    body: Statement


@dataclass(frozen=True, slots=True)
class Leave(Statement):
    """``break``, ``continue``, ``next``, ``nextfile``, ``exit``, ``return``; the last two may have a value."""

    kind: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Delete(Statement):
    array: str
    subscripts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """``pattern`` is ``None`` for every record; with ``until`` it is a range. ``body`` is ``None`` to print."""

    pattern: Expression | None
    until: Expression | None
    body: Block | None


@dataclass(slots=True)
class Function:
    name: str
    parameters: tuple[str, ...]
    body: Block = Block(())
    arrays: set[str] = field(default_factory=set)
    """Parameters that are used as arrays."""


@dataclass(slots=True)
class Program:
    begin: list[Block] = field(default_factory=list)
    end: list[Block] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
