"""The functions that every awk has and that need nothing but their arguments."""

import math
from collections.abc import Callable, Sequence

from kubelet.images.utilities.awk.values import Value, number, string

_CONV = "%.6g"


def _angle(arguments: Sequence[Value]) -> Value:
    return math.atan2(number(arguments[0]), number(arguments[1]))


def _guarded(function: Callable[[float], float]) -> Callable[[Sequence[Value]], Value]:
    def call(arguments: Sequence[Value]) -> Value:
        try:
            return float(function(number(arguments[0])))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return call


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf if value == 0 else math.nan


def _substr(arguments: Sequence[Value]) -> Value:
    text, start = string(arguments[0], _CONV), _rounded(number(arguments[1]))
    end = start + _rounded(number(arguments[2])) if len(arguments) > 2 else math.inf
    first = max(start, 1)
    last = min(end, len(text) + 1)
    return text[int(first) - 1 : int(last) - 1] if last > first else ""


def _rounded(value: float) -> float:
    """Round as POSIX wants ``substr`` to: halves to the even number."""
    return float(round(value)) if math.isfinite(value) else value


PURE: dict[str, tuple[int, int, Callable[[Sequence[Value]], Value]]] = {
    "atan2": (2, 2, _angle),
    "cos": (1, 1, _guarded(math.cos)),
    "exp": (1, 1, _guarded(math.exp)),
    "index": (2, 2, lambda given: float(string(given[0], _CONV).find(string(given[1], _CONV)) + 1)),
    "int": (1, 1, _guarded(math.trunc)),
    "log": (1, 1, _guarded(_log)),
    "sin": (1, 1, _guarded(math.sin)),
    "sqrt": (1, 1, _guarded(math.sqrt)),
    "substr": (2, 3, _substr),
    "tolower": (1, 1, lambda given: string(given[0], _CONV).lower()),
    "toupper": (1, 1, lambda given: string(given[0], _CONV).upper()),
}
"""The least and most number of arguments, and the function."""


def replacement(template: str) -> Callable[[str], str]:
    """Return what puts a match into a replacement of ``sub``: for ``&``, which a backslash takes its meaning from."""
    parts: list[str | None] = []
    position = 0
    while position < len(template):
        two = template[position : position + 2]
        if two in {"\\&", "\\\\"}:
            parts.append(two[1])
            position += 2
        else:
            parts.append(None if two[:1] == "&" else two[0])
            position += 1
    return lambda match: "".join(match if part is None else part for part in parts)
