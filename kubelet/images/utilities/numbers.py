"""Utilities that reckon and compare: test, expr, seq."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from kubelet.fake.process import Process
from kubelet.fake.shell.conditions import Conditions, TestFault
from kubelet.images.utilities.command import CommandFault, name_of, parse_options, say
from kubelet.images.utilities.regex import compile_regex

_SEQ_LINES = 1024
_SEQ_LIMIT = 10**18


async def test(process: Process) -> int:
    """``test EXPRESSION`` and ``[ EXPRESSION ]``."""
    arguments = process.argv[1:]
    if name_of(process) == "[":
        if arguments[-1:] != ["]"]:
            raise CommandFault("missing ]", 2)
        arguments = arguments[:-1]
    try:
        return int(not Conditions(process.fs, process.cwd, process.uid, process.groups).test(arguments))
    except TestFault as error:
        raise CommandFault(str(error), 2) from error


async def seq(process: Process) -> int:
    """``seq [-w] [-s SEP] [FIRST [INCREMENT]] LAST``."""
    arguments = process.argv[1:]
    operands: list[str] = []
    rest = list(arguments)
    separator, equal_width = "\n", False
    while rest:
        word = rest.pop(0)
        if word == "-w":
            equal_width = True
        elif word == "-s" and rest:
            separator = rest.pop(0)
        elif word.startswith("-s") and len(word) > 2:
            separator = word[2:]
        else:
            operands.append(word)
    if not 1 <= len(operands) <= 3:
        raise CommandFault("usage: seq [-w] [-s SEP] [FIRST [INC]] LAST")
    values = [_decimal(word) for word in operands]
    first, step, last = Decimal(1), Decimal(1), values[-1]
    if len(values) > 1:
        first = values[0]
    if len(values) == 3:
        step = values[1]
    if not step:
        raise CommandFault("increment is zero")
    places = max(-int(value.as_tuple().exponent) for value in (first, step))
    width = max(len(f"{value:.{max(places, 0)}f}") for value in (first, last)) if equal_width else 0
    block: list[str] = []
    empty = True
    for value in _series(first, step, last):
        text = f"{value:.{max(places, 0)}f}"
        block.append(text.zfill(width) if width else text)
        if len(block) >= _SEQ_LINES:
            await process.stdout.write((separator.join(block) + separator).encode())
            block.clear()
            await process.sleep(0)
        empty = False
    if block or not empty:
        await process.stdout.write((separator.join(block) + "\n").encode())
    return 0


def _decimal(word: str) -> Decimal:
    try:
        value = Decimal(word)
    except InvalidOperation:
        raise CommandFault(f"invalid number '{word}'") from None
    if not value.is_finite() or abs(value) > _SEQ_LIMIT:
        raise CommandFault(f"invalid number '{word}'")
    return value


def _series(first: Decimal, step: Decimal, last: Decimal) -> Iterator[Decimal]:
    value = first
    while (value <= last) if step > 0 else (value >= last):
        yield value
        value += step


async def expr(process: Process) -> int:
    """``expr EXPRESSION``: exit code 1 when the value is empty or 0."""
    words = parse_options(["--", *process.argv[1:]]).operands
    evaluation = _Expr(words)
    value = evaluation.any()
    if evaluation.position != len(words):
        raise CommandFault("syntax error", 2)
    await say(process, value)
    return int(_is_null(value))


def _is_null(value: str) -> bool:
    return value == "" or re.fullmatch(r"-?0+", value) is not None


class _Expr:
    """Evaluates from left to right, by precedence."""

    _LEVELS = (("|",), ("&",), ("=", "==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"), (":",))

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self.position = 0

    def any(self, level: int = 0) -> str:
        if level == len(self._LEVELS):
            return self._primary()
        value = self.any(level + 1)
        while self.position < len(self._words) and self._words[self.position] in self._LEVELS[level]:
            operator = self._words[self.position]
            self.position += 1
            value = self._apply(value, operator, self.any(level + 1))
        return value

    def _primary(self) -> str:
        if self.position >= len(self._words):
            raise CommandFault("syntax error", 2)
        word = self._words[self.position]
        self.position += 1
        if word == "(":
            value = self.any()
            if self._words[self.position : self.position + 1] != [")"]:
                raise CommandFault("syntax error", 2)
            self.position += 1
            return value
        following = self._words[self.position :]
        if word == "length" and following:
            return str(len(self._primary()))
        if word == "match" and len(following) > 1:
            text = self._primary()
            return _match(text, self._primary())
        if word == "substr" and len(following) > 2:
            text, start, count = self._primary(), self._integer(self._primary()), self._integer(self._primary())
            return text[start - 1 : start - 1 + count] if start > 0 and count > 0 else ""
        if word == "index" and len(following) > 1:
            text, chars = self._primary(), self._primary()
            return str(next((place for place, char in enumerate(text, 1) if char in chars), 0))
        return word

    def _integer(self, text: str) -> int:
        if re.fullmatch(r"-?\d+", text) is None:
            raise CommandFault("non-integer argument", 2)
        return int(text)

    def _apply(self, left: str, operator: str, right: str) -> str:
        match operator:
            case "|":
                return left if not _is_null(left) else right if not _is_null(right) else "0"
            case "&":
                return left if not _is_null(left) and not _is_null(right) else "0"
            case ":":
                return _match(left, right)
            case "+" | "-" | "*" | "/" | "%":
                return str(self._reckon(self._integer(left), operator, self._integer(right)))
        return str(int(_compare(left, operator, right)))

    def _reckon(self, left: int, operator: str, right: int) -> int:
        if operator in "/%":
            if right == 0:
                raise CommandFault("division by zero", 2)
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return quotient if operator == "/" else left - quotient * right
        return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _compare(left: str, operator: str, right: str) -> bool:
    a: str | int = left
    b: str | int = right
    if re.fullmatch(r"-?\d+", left) and re.fullmatch(r"-?\d+", right):
        a, b = int(left), int(right)
    match operator:
        case "=" | "==":
            return a == b
        case "!=":
            return a != b
        case "<":
            return a < b  # type: ignore[operator]
        case "<=":
            return a <= b  # type: ignore[operator]
        case ">":
            return a > b  # type: ignore[operator]
    return a >= b  # type: ignore[operator]


def _match(text: str, pattern: str) -> str:
    expression = compile_regex(pattern)
    found = expression.match(text)
    if expression.groups:
        return (found[1] or "") if found is not None else ""
    return str(found.end() if found is not None else 0)
