"""The part of Kubernetes' JSONPath that printer columns and selectable fields use.

``.spec.replicas``, ``.status.conditions[?(@.type=="Ready")].status``, ``.spec.hosts[0]``, ``.spec.hosts[-1:]``,
``.spec.hosts[*]``, ``.spec..name``, ``.metadata.labels.app\\.kubernetes\\.io/name``,
``.metadata.labels['app','tier']``.
Follows ``k8s.io/client-go/util/jsonpath`` (v0.36).
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from apimachinery import go_text

Step = Callable[[list[Any]], list[Any]]

_TOKEN = re.compile(
    r"""
      (?P<deep>\.)(?=\.[\w*])
    | \.?(?P<any>\*)
    | \.(?P<field>(?:\\.|[^.\[\]\\'"*])+)
    | \[\s*(?P<indexes>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
    | \[\s*(?P<slice>-?\d*\s*:\s*-?\d*(?:\s*:\s*-?\d*)?)\s*\]
    | \[\s*(?P<all>\*)\s*\]
    | \[\s*(?P<quoted>(?:'[^']+'|"[^"]+")(?:\s*,\s*(?:'[^']+'|"[^"]+"))*)\s*\]
    | \[\?\(\s*@(?P<path>(?:\.|\[)[^\s=!<>()]+)
        \s*(?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>"[^"]*"|'[^']*'|[\w.\-]+)\s*)?\)\]
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class JSONPathError(ValueError):
    """The path cannot be read."""


@dataclass(frozen=True, slots=True)
class JSONPath:
    text: str
    steps: tuple[Step, ...]
    names: tuple[str, ...] | None
    """The fields on the way, when the path is nothing but fields."""

    def find(self, obj: Any) -> list[Any]:
        """Return everything the path leads to, in order; nothing when it leads nowhere."""
        found = [obj]
        for step in self.steps:
            found = step(found)
        return found


@lru_cache(maxsize=4096)
def parse(text: str) -> JSONPath:
    """Read a path; raise :class:`JSONPathError`."""
    if text in {".", ""}:
        raise JSONPathError(f"unrecognized path: {text}")
    steps: list[Step] = []
    fields: list[str] | None = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise JSONPathError(f"unrecognized character in path: {text[position:]}")
        position = token.end()
        steps.append(_step(token))
        name = token["field"]
        if fields is not None:
            if name is None:
                fields = None
            else:
                fields.append(_unescaped(name))
    return JSONPath(text, tuple(steps), None if fields is None else tuple(fields))


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _step(token: re.Match[str]) -> Step:
    if token["field"] is not None:
        return _fields([_unescaped(token["field"])])
    if token["quoted"] is not None:
        return _fields([one or other for one, other in _QUOTED.findall(token["quoted"])])
    if token["indexes"] is not None:
        return _items([_whole(text) for text in token["indexes"].split(",")])
    if token["slice"] is not None:
        bounds = slice(*(_whole(text) if text.strip() else None for text in token["slice"].split(":")))
        if bounds.step == 0:
            raise JSONPathError("step must be other than 0")
        return lambda values: [item for value in values if isinstance(value, list) for item in value[bounds]]
    if token["deep"]:
        return lambda values: [inner for value in values for inner in _everything(value)]
    if token["all"] or token["any"]:
        return lambda values: [item for value in values for item in _inside(value)]
    return _filter(token)


def _whole(text: str) -> int:
    try:
        return go_text.integer(text.strip(), "Atoi")
    except ValueError:
        raise JSONPathError(f"array index {text.strip()} is not a number") from None


def _fields(keys: list[str]) -> Step:
    return lambda values: [value[key] for value in values if isinstance(value, dict) for key in keys if key in value]


def _items(indexes: list[int]) -> Step:
    return lambda values: [
        value[index]
        for value in values
        if isinstance(value, list)
        for index in indexes
        if -len(value) <= index < len(value)
    ]


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _everything(value: Any) -> list[Any]:
    """Return a value and all that is in it, at any depth."""
    return [value, *(deeper for inner in _inside(value) for deeper in _everything(inner))]


def _filter(token: re.Match[str]) -> Step:
    inner = parse(token["path"])
    if token["operator"] is None:
        return lambda values: [item for value in values for item in _inside(value) if inner.find(item)]
    wanted, compare = _literal(token["value"]), _OPERATORS[token["operator"]]

    def matches(item: Any) -> bool:
        found = inner.find(item)
        try:
            return bool(found) and compare(found[0], wanted)
        except TypeError:
            # Text and numbers have no order between them.
            return False

    return lambda values: [item for value in values for item in _inside(value) if matches(item)]


def _literal(text: str) -> Any:
    if text[0] in "\"'":
        return text[1:-1]
    if text in {"true", "false"}:
        return text == "true"
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
