"""Pruning and defaulting of objects by a structural schema (``apiextensions-apiserver/pkg/apiserver/schema``, v0.36).

A schema is the JSON of ``openAPIV3Schema``, known to be structural. Objects are changed in place.
"""

import copy
from typing import Any

JSONObject = dict[str, Any]

ALWAYS_KEPT = frozenset({"apiVersion", "kind", "metadata"})


def prune(obj: JSONObject, schema: JSONObject) -> list[str]:
    """Drop the fields of a whole object that its schema does not know; return their paths (``spec.list[0].x``).

    ``apiVersion``, ``kind`` and ``metadata`` are every object's own. A null where none may stand, and where no default
    takes its place, goes too, but is not reported: it is as good as a field left out.
    """
    dropped: list[str] = []
    _prune_fields(obj, schema, "", dropped, embedded=True)
    return dropped


def _prune(value: Any, schema: JSONObject, path: str, dropped: list[str]) -> None:
    if isinstance(value, dict):
        _prune_fields(value, schema, path, dropped, embedded=bool(schema.get("x-kubernetes-embedded-resource")))
    elif isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for index, item in enumerate(value):
                _prune(item, items, f"{path}[{index}]", dropped)


def _prune_fields(value: JSONObject, schema: JSONObject, path: str, dropped: list[str], *, embedded: bool) -> None:
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    preserve = schema.get("x-kubernetes-preserve-unknown-fields")
    for key in list(value):
        if embedded and key in ALWAYS_KEPT:
            continue
        inner = f"{path}.{key}" if path else key
        declared = properties.get(key, others)
        if isinstance(declared, dict):
            if value[key] is None and not declared.get("nullable") and declared.get("default") is None:
                del value[key]
            else:
                _prune(value[key], declared, inner, dropped)
        elif others is not True and not preserve:
            del value[key]
            dropped.append(inner)


def has_defaults(schema: JSONObject) -> bool:
    """Whether there is a default anywhere in the schema."""
    if "default" in schema:
        return True
    inner = list((schema.get("properties") or {}).values())
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return any(has_defaults(entry) for entry in inner)


def default(value: Any, schema: JSONObject) -> None:
    """Fill in the defaults of fields that are missing, or null where null is not allowed, in what is there."""
    if isinstance(value, dict):
        properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
        for key, declared in properties.items():
            if "default" in declared and (key not in value or (value[key] is None and not declared.get("nullable"))):
                value[key] = copy.deepcopy(declared["default"])
        for key, inner in value.items():
            if key in properties:
                default(inner, properties[key])
            elif isinstance(others, dict):
                value[key] = _in_place_of_null(inner, others)
                default(value[key], others)
    elif isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        for index, item in enumerate(value):
            value[index] = _in_place_of_null(item, items)
            default(value[index], items)


def _in_place_of_null(value: Any, schema: JSONObject) -> Any:
    if value is None and not schema.get("nullable"):
        return copy.deepcopy(schema.get("default"))
    return value
