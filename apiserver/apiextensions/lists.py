"""Lists whose items must differ (``apiextensions-apiserver/pkg/apiserver/schema/listtype``, v0.36)."""

from collections.abc import Sequence
from typing import Any

import orjson

from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_KEYED = frozenset({"set", "map"})


def has_keyed_lists(schema: JSONObject) -> bool:
    """Whether the schema has lists whose items must differ, anywhere."""
    if schema.get("x-kubernetes-list-type") in _KEYED:
        return True
    inner = list((schema.get("properties") or {}).values())
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return any(has_keyed_lists(entry) for entry in inner)


def check_lists(obj: JSONObject, schema: JSONObject) -> Causes:
    """Return a cause for each item of a set that was there before, and of a map whose keys were."""
    causes: Causes = []
    _check_fields(obj, schema, "", causes)
    return causes


def _check_fields(obj: JSONObject, schema: JSONObject, path: str, causes: Causes) -> None:
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for key, inner in obj.items():
        if key in properties:
            _check(inner, properties[key], f"{path}.{key}" if path else key, causes)
        elif isinstance(others, dict):
            _check(inner, others, f"{path}[{key}]", causes)


def _check(value: Any, schema: JSONObject, path: str, causes: Causes) -> None:
    if isinstance(value, dict):
        _check_fields(value, schema, path, causes)
    elif isinstance(value, list):
        kind = schema.get("x-kubernetes-list-type")
        if kind == "set":
            _check_unique(value, path, causes)
        elif kind == "map":
            _check_map(value, schema.get("x-kubernetes-list-map-keys") or [], path, causes)
        if isinstance(schema.get("items"), dict):
            for index, item in enumerate(value):
                _check(item, schema["items"], f"{path}[{index}]", causes)


def _check_map(items: list[Any], keys: Sequence[str], path: str, causes: Causes) -> None:
    for index, item in enumerate(items):
        if item is not None and not isinstance(item, dict):
            detail = "must be an object for an array of list-type map"
            causes.append(field.invalid(f"{path}[{index}]", item, detail))
            return
    _check_unique([{key: item[key] for key in keys if key in item} if item else {} for item in items], path, causes)


def _check_unique(items: Sequence[Any], path: str, causes: Causes) -> None:
    """Report the second of equal items; further ones add nothing."""
    times: dict[bytes, int] = {}
    for index, item in enumerate(items):
        encoded = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
        times[encoded] = times.get(encoded, 0) + 1
        if times[encoded] == 2:
            causes.append(field.duplicate(f"{path}[{index}]", item))
