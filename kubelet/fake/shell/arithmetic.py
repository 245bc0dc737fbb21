"""``$((...))``: integers of 64 bits, with C's operators over shell variables."""

import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator><<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|[-+*/%&^|<>=!]=|[-+*/%&^|<>=!~?:(),]))",
    re.ASCII,
)
_BINARY = [
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
    },
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: _divide(a, b)[0], "%": lambda a, b: _divide(a, b)[1]},
]
_ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<<=", ">>="}
_ALL_BINARY: dict[str, Callable[[int, int], int]] = {
    name: function for level in _BINARY for name, function in level.items()
}
_PRECEDENCE = {name: place for place, level in enumerate(_BINARY) for name in level}
_MAX_DEPTH = 32


class ArithmeticFault(Exception):
    """The expression makes no sense, or divides by zero."""


def _divide(a: int, b: int) -> tuple[int, int]:
    """C's division: towards zero."""
    if b == 0:
        raise ArithmeticFault("divide by zero")
    quotient = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        quotient = -quotient
    return quotient, a - quotient * b


def _wrap(value: int) -> int:
    return ((value + 2**63) & (2**64 - 1)) - 2**63


class _Evaluator:
    def __init__(
        self, text: str, get: Callable[[str], str], assign: Callable[[str, str], None], depth: int = 0
    ) -> None:
        self._get = get
        self._assign = assign
        self._depth = depth
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        self._position = 0
        # Above zero in the part of `&&`, `||` and `?:` that is not taken: nothing happens there.
        self._skipping = 0
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            found = _TOKEN.match(stripped, position)
            if found is None or found.lastgroup is None:
                raise ArithmeticFault(f"arithmetic syntax error: {text}")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            position = found.end()

    def evaluate(self) -> int:
        if not self._tokens:
            return 0
        value = self._comma()
        if self._position != len(self._tokens):
            raise ArithmeticFault(f"arithmetic syntax error: {self._text}")
        return value

    def _peek(self, ahead: int = 0) -> str:
        position = self._position + ahead
        return self._tokens[position][1] if position < len(self._tokens) else ""

    def _take(self, *operators: str) -> str:
        token = self._peek()
        if token in operators:
            self._position += 1
            return token
        return ""

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            raise ArithmeticFault(f"arithmetic syntax error: {self._text}")

    def _comma(self) -> int:
        value = self._assignment()
        while self._take(","):
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        is_name = self._position < len(self._tokens) and self._tokens[self._position][0] == "name"
        if is_name and self._peek(1) in _ASSIGNMENTS:
            name, operator = self._peek(), self._peek(1)
            self._position += 2
            value = self._assignment()
            if operator != "=" and not self._skipping:
                value = _wrap(_ALL_BINARY[operator[:-1]](self._variable(name), value))
            self._set(name, value)
            return value
        return self._ternary()

    def _ternary(self) -> int:
        condition = self._or()
        if not self._take("?"):
            return condition
        first = self._when(bool(condition), self._comma)
        self._expect(":")
        second = self._when(not condition, self._ternary)
        return first if condition else second

    def _when(self, taken: bool, part: Callable[[], int]) -> int:
        self._skipping += not taken
        try:
            return part()
        finally:
            self._skipping -= not taken

    def _or(self) -> int:
        value = self._and()
        while self._take("||"):
            right = self._when(not value, self._and)
            value = int(bool(value or right))
        return value

    def _and(self) -> int:
        value = self._binary()
        while self._take("&&"):
            right = self._when(bool(value), lambda: self._binary())
            value = int(bool(value and right))
        return value

    def _binary(self, minimum: int = 0) -> int:
        """Evaluate operators that bind at least as tightly as ``minimum``."""
        value = self._power()
        while (level := _PRECEDENCE.get(operator := self._peek(), -1)) >= minimum:
            self._position += 1
            right = self._binary(level + 1)
            value = 0 if self._skipping else _wrap(_ALL_BINARY[operator](value, right))
        return value

    def _power(self) -> int:
        value = self._unary()
        if self._take("**"):
            exponent = self._power()
            if exponent < 0:
                raise ArithmeticFault("exponent less than 0")
            return _wrap(pow(value, exponent, 2**64))
        return value

    def _unary(self) -> int:
        operator = self._take("+", "-", "!", "~", "++", "--")
        match operator:
            case "++" | "--":
                kind, name = self._tokens[self._position] if self._peek() else ("", "")
                if kind != "name":
                    raise ArithmeticFault(f"arithmetic syntax error: {self._text}")
                self._position += 1
                value = self._variable(name) + (1 if operator == "++" else -1)
                self._set(name, value)
                return value
            case "-":
                return _wrap(-self._unary())
            case "+":
                return self._unary()
            case "!":
                return int(not self._unary())
            case "~":
                return ~self._unary()
        return self._primary()

    def _primary(self) -> int:
        if self._take("("):
            value = self._comma()
            self._expect(")")
            return value
        if self._position >= len(self._tokens):
            raise ArithmeticFault(f"arithmetic syntax error: {self._text}")
        kind, text = self._tokens[self._position]
        self._position += 1
        if kind == "number":
            return _number(text)
        if kind != "name":
            raise ArithmeticFault(f"arithmetic syntax error: {self._text}")
        value = self._variable(text)
        if operator := self._take("++", "--"):
            self._set(text, value + (1 if operator == "++" else -1))
        return value

    def _variable(self, name: str) -> int:
        text = self._get(name).strip()
        if not text:
            return 0
        if re.fullmatch(r"[-+]?\d+", text, re.ASCII):
            return _number(text)
        if self._depth >= _MAX_DEPTH:
            raise ArithmeticFault("expression recursion loop detected")
        return _Evaluator(text, self._get, self._assign, self._depth + 1).evaluate()

    def _set(self, name: str, value: int) -> None:
        if not self._skipping:
            self._assign(name, str(value))


def _number(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    try:
        base = 16 if digits[:2] in {"0x", "0X"} else 8 if len(digits) > 1 and digits[0] == "0" else 10
        return _wrap(sign * int(digits, base))
    except ValueError as error:
        raise ArithmeticFault(f"arithmetic syntax error: {text}") from error


def evaluate(text: str, get: Callable[[str], str], assign: Callable[[str, str], None]) -> int:
    """Return an expression's value; ``get`` gives a variable's text (empty: unset); raise :class:`ArithmeticFault`."""
    try:
        return _Evaluator(text, get, assign).evaluate()
    except RecursionError as error:
        raise ArithmeticFault("expression nested too deeply") from error
