"""The part of Kubernetes' JSONPath that printer columns and selectable fields use.

``.spec.replicas``, ``.status.conditions[?(@.type=="Ready")].status``, ``.spec.hosts[0]``, ``.spec.hosts[*]``,
``.metadata.labels.app\\.kubernetes\\.io/name``, ``.metadata.labels['app']``.
Follows ``k8s.io/client-go/util/jsonpath`` (v0.36).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Step = Callable[[list[Any]], list[Any]]

_TOKEN = re.compile(
    r"""
      \.(?P<field>(?:\\.|[^.\[\]\\'"])+)
    | \[(?P<index>-?\d+)\]
    | \[(?P<all>\*)\]
    | \[['"](?P<quoted>[^'"]+)['"]\]
    | \[\?\(\s*@(?P<path>(?:\.[\w\-/]+)+)\s*(?P<operator>==|!=)\s*(?P<value>"[^"]*"|'[^']*'|[\w.\-]+)\s*\)\]
    """,
    re.VERBOSE,
)


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
    if (name := token["field"] or token["quoted"]) is not None:
        key = _unescaped(name) if token["field"] else name
        return lambda values: [value[key] for value in values if isinstance(value, dict) and key in value]
    if token["index"] is not None:
        index = int(token["index"])
        return lambda values: [
            value[index] for value in values if isinstance(value, list) and -len(value) <= index < len(value)
        ]
    if token["all"]:
        return lambda values: [
            item
            for value in values
            if isinstance(value, list | dict)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
    return _filter(token)


def _filter(token: re.Match[str]) -> Step:
    inner, wanted = parse(token["path"]), _literal(token["value"])
    equal = token["operator"] == "=="

    def matches(item: Any) -> bool:
        found = inner.find(item)
        return bool(found) and (found[0] == wanted) is equal

    return lambda values: [item for value in values if isinstance(value, list) for item in value if matches(item)]


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
