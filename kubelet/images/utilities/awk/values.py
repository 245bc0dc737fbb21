"""Values of awk: numbers, strings, and strings that look like numbers because they came from outside."""

import math
import re

from kubelet.fake.regex.expression import Expression
from kubelet.images.utilities.command import CommandFault
from kubelet.images.utilities.regex import AWK, compile_regex

LONGEST = 16 * 1024 * 1024
"""As many characters may one string have."""


class Input(str):
    """A string that came from a record, a variable of the command line, or the environment."""

    __slots__ = ()


Value = float | str | None
"""``None`` is a variable that nobody has set: 0 and empty at once."""

_PREFIX = re.compile(r"\s*([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|(?:inf|nan)\b))", re.IGNORECASE)
_WHOLE = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")
_DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlLqjzt]*([diouxXeEfFgGcs%])")


def looks_numeric(value: str) -> bool:
    return _WHOLE.fullmatch(value) is not None


def number(value: Value) -> float:
    """Return the number a value is, or begins with."""
    if isinstance(value, str):
        found = _PREFIX.match(value)
        return float(found[1]) if found is not None else 0.0
    return value or 0.0


def string(value: Value, form: str) -> str:
    """Return a value as a string; ``form`` is ``CONVFMT`` or ``OFMT``."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e16:
        return str(int(value))
    return formatted(form, [value], "%.6g")


def truth(value: Value) -> bool:
    if isinstance(value, Input) and looks_numeric(value):
        return number(value) != 0
    return bool(value)


def compare(left: Value, right: Value, form: str) -> int:
    """Return -1, 0 or 1: as numbers when both are or look like ones, otherwise as strings."""
    if _is_number(left) and _is_number(right):
        a, b = number(left), number(right)
        return (a > b) - (a < b)
    x, y = string(left, form), string(right, form)
    return (x > y) - (x < y)


def _is_number(value: Value) -> bool:
    return not isinstance(value, str) or (isinstance(value, Input) and looks_numeric(value))


def regex(pattern: str) -> Expression:
    return compile_regex(pattern, AWK)


def literal(text: str) -> Expression:
    return compile_regex(text, literal=True)


def formatted(template: str, arguments: list[Value], convfmt: str) -> str:
    """Return what ``sprintf`` makes of its arguments; raise :class:`CommandFault` for what is too wide."""
    rest = list(arguments)

    def take() -> Value:
        return rest.pop(0) if rest else None

    def replace(found: re.Match[str]) -> str:
        flags, width, precision, kind = found[1], found[2] or "", found[3], found[4]
        if kind == "%":
            return "%"
        if width == "*":
            width = str(int(number(take())))
        if precision == "*":
            precision = str(int(number(take())))
        if len(width) > 6 or len(precision or "") > 6:
            raise CommandFault("width out of range", 2)
        spec = f"%{flags}{width}" + ("" if precision is None else f".{precision or 0}")
        value = take()
        if kind == "s":
            return (spec + "s") % string(value, convfmt)
        if kind == "c":
            return f"%{flags}{width}s" % _character(value)
        amount = number(value)
        if kind in "diouxX":
            if not math.isfinite(amount):
                return f"%{flags.replace('0', '')}{width}s" % str(amount)
            whole = int(amount)
            return (spec + ("d" if kind in "diu" else kind)) % (
                whole if kind in "di" or whole >= 0 else whole & (2**64 - 1)
            )
        return (spec + kind) % amount

    return _DIRECTIVE.sub(replace, template)


def _character(value: Value) -> str:
    if _is_number(value) and not isinstance(value, str):
        code = int(number(value))
        return chr(code) if 0 <= code < 0x110000 else ""
    return str(value)[:1]
