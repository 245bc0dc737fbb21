"""Whether a schema is structural (``apiextensions-apiserver/pkg/apiserver/schema/{validation,complete}.go``, v0.36).

What fields there are is said once, outside of ``allOf``, ``anyOf``, ``oneOf`` and ``not``; inside of these stand only
checks of values.
"""

from typing import Any, Literal

from apiserver.apiextensions.json_schema import JUNCTIONS, pattern_problem
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]
Level = Literal["root", "item", "field"]

_UNTYPED = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}
_NOT_NESTED = (
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("externalDocs", "must be undefined to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
)
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]


def validate_structural(schema: JSONObject, path: str) -> Causes:
    """Return what keeps a schema from being structural, sorted by what it says."""
    causes: Causes = []
    _invariants(schema, "root", path, causes)
    _complete(schema, schema, path, path, causes)
    return sorted(causes, key=lambda cause: f"{cause.field}: {cause.message}")


def _invariants(schema: JSONObject, level: Level, path: str, causes: Causes) -> None:
    items, others = schema.get("items"), schema.get("additionalProperties")
    if schema.get("type") == "array" and items is None:
        causes.append(field.required(f"{path}.items", "must be specified"))
    if isinstance(items, dict):
        _invariants(items, "item", f"{path}.items", causes)
    for key, inner in (schema.get("properties") or {}).items():
        _invariants(inner, "field", f"{path}.properties[{key}]", causes)
    if others is not None and level == "root":
        causes.append(field.forbidden(f"{path}.additionalProperties", "must not be used at the root"))
    if isinstance(others, dict):
        _invariants(others, "field", f"{path}.additionalProperties", causes)
    _extensions(schema, path, causes)
    _value_validation(schema, path, causes)
    _type(schema, level, path, causes)
    _metadata(schema, level, path, causes)


def _extensions(schema: JSONObject, path: str, causes: Causes) -> None:
    if not schema.get("x-kubernetes-int-or-string"):
        return
    for key in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"):
        if schema.get(key):
            detail = "must be false if x-kubernetes-int-or-string is true"
            causes.append(field.invalid(f"{path}.{key}", True, detail))


def _type(schema: JSONObject, level: Level, path: str, causes: Causes) -> None:
    kind, embedded = schema.get("type", ""), schema.get("x-kubernetes-embedded-resource")
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if embedded and kind != "object":
        detail = "must be object if x-kubernetes-embedded-resource is true"
        wrong = field.invalid(f"{path}.type", kind, detail) if kind else field.required(f"{path}.type", detail)
        causes.append(wrong)
    elif not kind and not free:
        causes.append(field.required(f"{path}.type", _UNTYPED[level]))
    if embedded and schema.get("additionalProperties") is not None:
        detail = "must not be used if x-kubernetes-embedded-resource is set"
        causes.append(field.forbidden(f"{path}.additionalProperties", detail))
    if level == "root" and kind and kind != "object":
        causes.append(field.invalid(f"{path}.type", kind, "must be object at the root"))


def _metadata(schema: JSONObject, level: Level, path: str, causes: Causes) -> None:
    """Check what is said of the fields that every object has; the root may restrict names, and nothing else."""
    embedded = schema.get("x-kubernetes-embedded-resource")
    properties = schema.get("properties") or {}
    if level == "root" or embedded:
        for key in ("kind", "apiVersion"):
            if key in properties and properties[key].get("type", "") != "string":
                place = f"{path}.properties[{key}].type"
                causes.append(field.invalid(place, properties[key].get("type", ""), "must be string"))
    declared = properties.get("metadata")
    place = f"{path}.properties[metadata]"
    if declared is not None and (level == "root" or embedded) and declared.get("type", "") != "object":
        causes.append(field.invalid(f"{place}.type", declared.get("type", ""), "must be object"))
    if declared is not None and level == "root":
        said = {key for key, value in declared.items() if value} - {"type", "default", "properties"}
        named = declared.get("properties") or {}
        if said or set(named) - {"name", "generateName"}:
            detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            causes.append(field.forbidden(place, detail))
    if embedded and not schema.get("x-kubernetes-preserve-unknown-fields") and not properties:
        detail = (
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
        )
        causes.append(field.required(f"{path}.properties", detail))


def _value_validation(schema: JSONObject, path: str, causes: Causes) -> None:
    """Check the junctions of a level that says what fields there are.

    Integers or strings have a usual form, in which alternatives name types: ``anyOf``, alone or first in ``allOf``.
    """
    if schema.get("anyOf") != _INT_OR_STRING:
        _junction(schema, "anyOf", path, causes)
    for index, inner in enumerate(schema.get("allOf") or ()):
        usual = index == 0 and inner.get("anyOf") == _INT_OR_STRING
        rest = {key: value for key, value in inner.items() if key != "anyOf"} if usual else inner
        _nested(rest, f"{path}.allOf[{index}]", causes)
    _junction(schema, "oneOf", path, causes)
    if isinstance(schema.get("not"), dict):
        _nested(schema["not"], f"{path}.not", causes)
    _pattern(schema, path, causes)


def _pattern(schema: JSONObject, path: str, causes: Causes) -> None:
    pattern = schema.get("pattern")
    if pattern and (problem := pattern_problem(pattern)):
        detail = f"must be a valid regular expression, but isn't: {problem}"
        causes.append(field.invalid(f"{path}.pattern", pattern, detail))


def _junction(schema: JSONObject, key: str, path: str, causes: Causes) -> None:
    for index, inner in enumerate(schema.get(key) or ()):
        _nested(inner, f"{path}.{key}[{index}]", causes)


def _nested(schema: JSONObject, path: str, causes: Causes) -> None:
    """Check what stands inside a junction."""
    _pattern(schema, path, causes)
    for junction in JUNCTIONS:
        _junction(schema, junction, path, causes)
    for inner_key in ("not", "items"):
        if isinstance(schema.get(inner_key), dict):
            _nested(schema[inner_key], f"{path}.{inner_key}", causes)
    for key, inner in (schema.get("properties") or {}).items():
        _nested(inner, f"{path}.properties[{key}]", causes)
    for key, detail in _NOT_NESTED:
        value = schema.get(key)
        if value or (key in {"additionalProperties", "default"} and value is not None):
            causes.append(field.forbidden(f"{path}.{key}", detail))
    if "metadata" in (schema.get("properties") or {}):
        detail = "must not be specified in a nested context"
        causes.append(field.forbidden(f"{path}.properties[metadata]", detail))


def _complete(checks: JSONObject, schema: JSONObject | None, path: str, checks_path: str, causes: Causes) -> None:
    """Check that what the root's junctions speak of is there outside of them."""
    inner: list[tuple[JSONObject, str]] = []
    if isinstance(checks.get("not"), dict):
        inner.append((checks["not"], f"{checks_path}.not"))
    for key in JUNCTIONS:
        inner += [(entry, f"{checks_path}.{key}[{index}]") for index, entry in enumerate(checks.get(key) or ())]
    for entry, place in inner:
        _complete_nested(entry, schema, path, place, causes)


def _complete_nested(
    checks: JSONObject, schema: JSONObject | None, path: str, checks_path: str, causes: Causes
) -> None:
    if schema is None:
        causes.append(field.required(path, f"because it is defined in {checks_path}"))
        return
    _complete(checks, schema, path, checks_path, causes)
    if isinstance(checks.get("items"), dict):
        items = schema["items"] if isinstance(schema.get("items"), dict) else None
        _complete_nested(checks["items"], items, f"{path}.items", f"{checks_path}.items", causes)
    for key, inner in (checks.get("properties") or {}).items():
        declared = (schema.get("properties") or {}).get(key)
        place = f"properties[{key}]"
        _complete_nested(inner, declared, f"{path}.{place}", f"{checks_path}.{place}", causes)
