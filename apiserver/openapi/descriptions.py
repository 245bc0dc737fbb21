"""Upstream's words about its types, where the ``kubernetes-validate`` package is installed.

The schema bundle has none: it holds facts. Who wants ``kubectl explain`` to explain installs the package beside.
"""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Prose:
    """``text`` is about the type, ``fields`` about each of its fields."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


NOTHING = Prose()


@cache
def load(version: str) -> Mapping[str, Prose]:
    """Return what is said about each type of a version (``v1.36``); nothing when the package is not there."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        return {}
    root = Path(next(iter(spec.submodule_search_locations)))
    path = root / "kubernetes-json-schema" / f"{version}.0-local" / "_definitions.json"
    try:
        definitions: dict[str, Any] = orjson.loads(path.read_bytes())["$defs"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        name: Prose(
            definition.get("description", ""),
            {
                key: inner["description"]
                for key, inner in definition.get("properties", {}).items()
                if inner.get("description")
            },
        )
        for name, definition in definitions.items()
    }
