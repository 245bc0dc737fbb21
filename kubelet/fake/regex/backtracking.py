"""Expressions with references to what a group matched, which no automaton can match: by trial, in bounded steps.

Of several ways to match at one place the first counts, with repetitions as long as they can be, and not the longest of
all, as POSIX has it: finding that would mean to try every way.
"""

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass

from kubelet.fake.regex.syntax import Assertion, Choice, Group, Node, One, Parsed, Reference, Repeat, Series

MOST_STEPS = 100_000
"""As many steps one search may take: a tenth of a second at most."""
_MOST_INSTRUCTIONS = 20_000

_WORD = re.compile(r"[0-9A-Za-z_]")

Spans = tuple[tuple[int, int], ...]
"""Where the whole and each group begin and end, (-1, -1) for a group that had no part in it."""


@dataclass(frozen=True, slots=True)
class _Any:
    matches: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class _Place:
    kind: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """Note where one is: at ``slot`` of the spans."""

    slot: int


@dataclass(frozen=True, slots=True)
class _Again:
    number: int


@dataclass(slots=True)
class _Fork:
    """Go on at ``first``, and if that leads nowhere at ``second``."""

    first: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True)
class _Progress:
    """Go on only when something has been matched since the mark at ``slot``: an empty round is the last."""

    slot: int


_Instruction = _Any | _Place | _Mark | _Again | _Fork | _Progress


class TooBig(ValueError):
    """Written out, the expression is longer than is held."""


class Backtracker:
    """Tries an expression at places of a text."""

    def __init__(self, parsed: Parsed, *, ignore_case: bool, multiline: bool) -> None:
        self._flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
        self._ignore_case = ignore_case
        self._multiline = multiline
        self._program: list[_Instruction] = []
        self._slots = 2 + 2 * len(parsed.groups)
        self._spans = self._slots
        self._sets: dict[str, _Any] = {}
        self._compile(parsed.root)

    def at(self, text: str, start: int, steps: int) -> tuple[Spans | None, int]:
        """Match at one place; return where the groups are, if it matches, and the steps that are left.

        Raises ``OSError`` (``ENOMEM``) when the steps do not suffice to tell.
        """
        program, length = self._program, len(text)
        marks: tuple[int, ...] = (start, *([-1] * (self._slots - 1)))
        pending: list[tuple[int, int, tuple[int, ...]]] = [(0, start, marks)]
        while pending:
            place, position, marks = pending.pop()
            while place < len(program):
                steps -= 1
                if steps < 0:
                    raise OSError(errno.ENOMEM, "Memory exhausted")
                instruction = program[place]
                place += 1
                match instruction:
                    case _Any(matches):
                        if position == length or matches(text[position]) is None:
                            break
                        position += 1
                    case _Fork(first, second):
                        pending.append((second, position, marks))
                        place = first
                    case _Mark(slot):
                        marks = (*marks[:slot], position, *marks[slot + 1 :])
                    case _Again(number):
                        begin, end = marks[2 * number], marks[2 * number + 1]
                        again = text[begin:end]
                        if end < 0 or not self._same(text[position : position + len(again)], again):
                            break
                        position += len(again)
                        steps -= len(again) // 16
                    case _Place(kind):
                        if not self._holds(kind, text, position):
                            break
                    case _Progress(slot):
                        if marks[slot] == position:
                            break
            else:
                spans = [(start, position)]
                spans += [(marks[slot], marks[slot + 1]) for slot in range(2, self._spans, 2)]
                return tuple((-1, -1) if end < 0 else (begin, end) for begin, end in spans), steps
        return None, steps

    def _same(self, left: str, right: str) -> bool:
        return left == right or (self._ignore_case and left.lower() == right.lower())

    def _holds(self, kind: str, text: str, position: int) -> bool:
        if kind in {"^", "`"}:
            return position == 0 or (self._multiline and kind == "^" and text[position - 1] == "\n")
        if kind in {"$", "'"}:
            return position == len(text) or (self._multiline and kind == "$" and text[position] == "\n")
        before = position > 0 and _WORD.match(text[position - 1]) is not None
        behind = position < len(text) and _WORD.match(text[position]) is not None
        return {
            "<": not before and behind,
            ">": before and not behind,
            "b": before != behind,
            "B": before == behind,
        }[kind]

    def _add(self, instruction: _Instruction) -> None:
        if len(self._program) >= _MOST_INSTRUCTIONS:
            raise TooBig
        self._program.append(instruction)

    def _compile(self, node: Node) -> None:
        match node:
            case One(text):
                if text not in self._sets:
                    self._sets[text] = _Any(re.compile(text, self._flags).match)
                self._add(self._sets[text])
            case Assertion(kind):
                self._add(_Place(kind))
            case Reference(number):
                self._add(_Again(number))
            case Group(inner, number):
                self._add(_Mark(2 * number))
                self._compile(inner)
                self._add(_Mark(2 * number + 1))
            case Series(parts):
                for part in parts:
                    self._compile(part)
            case Choice(branches):
                self._choice(branches)
            case Repeat(inner, least, most):
                self._repeat(inner, least, most)

    def _choice(self, branches: tuple[Node, ...]) -> None:
        leaving: list[_Fork] = []
        for branch in branches[:-1]:
            fork = _Fork(first=len(self._program) + 1)
            self._add(fork)
            self._compile(branch)
            leaving.append(_Fork())
            self._add(leaving[-1])
            fork.second = len(self._program)
        self._compile(branches[-1])
        for jump in leaving:
            # Both ways are the same one: a jump.
            jump.first = jump.second = len(self._program)

    def _repeat(self, inner: Node, least: int, most: int | None) -> None:
        for _ in range(least):
            self._compile(inner)
        if most is None:
            slot = self._slots
            self._slots += 1
            fork = _Fork(first=len(self._program) + 1)
            back = len(self._program)
            self._add(fork)
            self._add(_Mark(slot))
            self._compile(inner)
            self._add(_Progress(slot))
            self._add(_Fork(back, back))
            fork.second = len(self._program)
            return
        forks: list[_Fork] = []
        for _ in range(most - least):
            forks.append(_Fork(first=len(self._program) + 1))
            self._add(forks[-1])
            self._compile(inner)
        for fork in forks:
            fork.second = len(self._program)
