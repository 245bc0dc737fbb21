"""Whether a schema is structural, and fit for a custom resource.

``apiextensions-apiserver/pkg/apiserver/schema/validation.go`` and ``pkg/apis/apiextensions/validation``, v0.36.
"""

import copy
from collections.abc import Callable
from typing import Any

from apimachinery.errors import Cause
from apiserver.apiextensions import objects
from apiserver.apiextensions.values import ValueValidator
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_FORBIDDEN = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "id", "$schema")
_NOT_IN_JUNCTIONS = (
    "additionalProperties",
    "default",
    "description",
    "nullable",
    "title",
    "type",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
)
_JUNCTIONS = ("allOf", "anyOf", "oneOf")
_INT_OR_STRING_BRANCHES = ([{"type": "integer"}, {"type": "string"}],)
_LARGEST_DEPTH = 200


def validate_schema(schema: JSONObject, path: str) -> Causes:
    """Return what keeps ``openAPIV3Schema`` from being served. ``path`` is where it stands in the definition."""
    causes: Causes = []
    if schema.get("type") != "object":
        causes.append(
            field.invalid(f"{path}.type", schema.get("type", ""), "must be object at the root")
            if schema.get("type")
            else field.required(f"{path}.type", "must not be empty at the root")
        )
    if schema.get("nullable"):
        causes.append(field.forbidden(f"{path}.nullable", "nullable cannot be true at the root"))
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        causes.append(field.invalid(f"{path}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined"))
    _Checker(causes).check(schema, path, root=True)
    return causes or _check_defaults(schema, path)


class _Checker:
    def __init__(self, causes: Causes) -> None:
        self._causes = causes

    def check(self, schema: JSONObject, path: str, *, root: bool = False, depth: int = 0) -> None:
        """Check one level that says what fields there are."""
        if depth > _LARGEST_DEPTH:
            self._causes.append(field.forbidden(path, "the schema is nested too deeply"))
            return
        self._forbidden(schema, path)
        self._type(schema, path, root=root)
        self._extensions(schema, path)
        self._metadata(schema, path, root=root)
        properties, others = schema.get("properties"), schema.get("additionalProperties")
        if properties and others is not None:
            detail = "additionalProperties and properties are mutual exclusive"
            self._causes.append(field.forbidden(f"{path}.additionalProperties", detail))
        if others is False:
            detail = "additionalProperties cannot be set to false"
            self._causes.append(field.forbidden(f"{path}.additionalProperties", detail))
        if root and isinstance(others, dict):
            detail = "additionalProperties is not allowed at the root of an object"
            self._causes.append(field.forbidden(f"{path}.additionalProperties", detail))
        for key, inner in (properties or {}).items():
            self.check(inner, f"{path}.properties[{key}]", depth=depth + 1)
        if isinstance(others, dict):
            self.check(others, f"{path}.additionalProperties", depth=depth + 1)
        if isinstance(schema.get("items"), dict):
            self.check(schema["items"], f"{path}.items", depth=depth + 1)
        elif schema.get("type") == "array":
            self._causes.append(field.required(f"{path}.items", "must be specified"))
        self._junctions(schema, schema, path)

    def _forbidden(self, schema: JSONObject, path: str) -> None:
        for key in _FORBIDDEN:
            if schema.get(key):
                detail = "$ref is not supported" if key == "$ref" else f"{key} is not supported"
                self._causes.append(field.forbidden(f"{path}.{key}", detail))
        if schema.get("uniqueItems"):
            self._causes.append(
                field.forbidden(
                    f"{path}.uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
                )
            )

    def _type(self, schema: JSONObject, path: str, *, root: bool) -> None:
        kind = schema.get("type", "")
        if schema.get("x-kubernetes-int-or-string"):
            if kind:
                detail = "must be empty if x-kubernetes-int-or-string is true"
                self._causes.append(field.invalid(f"{path}.type", kind, detail))
        elif kind and kind not in _TYPES:
            self._causes.append(field.not_supported(f"{path}.type", kind, _TYPES))
        elif not kind and not root and not schema.get("x-kubernetes-preserve-unknown-fields"):
            self._causes.append(
                field.required(
                    f"{path}.type",
                    "must not be empty for specified object fields"
                    if "properties[" in path.rpartition(".")[2]
                    else "must not be empty for specified array items"
                    if path.endswith(".items")
                    else "must not be empty",
                )
            )

    def _extensions(self, schema: JSONObject, path: str) -> None:
        kind = schema.get("type", "")
        if schema.get("x-kubernetes-embedded-resource") and kind != "object":
            detail = "must be object if x-kubernetes-embedded-resource is true"
            self._causes.append(field.invalid(f"{path}.type", kind, detail))
        if schema.get("x-kubernetes-preserve-unknown-fields") is False:
            self._causes.append(
                field.invalid(f"{path}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined")
            )
        self._list_type(schema, path)
        map_type = schema.get("x-kubernetes-map-type")
        if map_type is not None:
            if map_type not in {"granular", "atomic"}:
                self._causes.append(
                    field.not_supported(f"{path}.x-kubernetes-map-type", map_type, ["atomic", "granular"])
                )
            if kind != "object":
                detail = "must be object if x-kubernetes-map-type is specified"
                self._causes.append(field.invalid(f"{path}.type", kind, detail))

    def _list_type(self, schema: JSONObject, path: str) -> None:
        kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or []
        keys_path = f"{path}.x-kubernetes-list-map-keys"
        if kind is None:
            if keys:
                detail = "must be unset if x-kubernetes-list-type is not map"
                self._causes.append(field.forbidden(keys_path, detail))
            return
        if kind not in {"atomic", "set", "map"}:
            self._causes.append(field.not_supported(f"{path}.x-kubernetes-list-type", kind, ["atomic", "map", "set"]))
        if schema.get("type") != "array":
            detail = "must be array if x-kubernetes-list-type is specified"
            self._causes.append(field.invalid(f"{path}.type", schema.get("type", ""), detail))
        items = schema.get("items") or {}
        if kind == "set" and items.get("type") in {"object", "array"} and not _is_atomic(items):
            detail = "must be a scalar or atomic type" if items["type"] == "object" else "must be an atomic list"
            self._causes.append(field.invalid(f"{path}.items", items["type"], detail))
        if kind == "map":
            self._map_keys(items, keys, path, keys_path)
        elif keys:
            self._causes.append(field.forbidden(keys_path, "must be unset if x-kubernetes-list-type is not map"))

    def _map_keys(self, items: JSONObject, keys: list[str], path: str, keys_path: str) -> None:
        if not keys:
            self._causes.append(field.required(keys_path, "must not be empty if x-kubernetes-list-type is map"))
        if items.get("type") != "object":
            detail = "must be object if parent array's x-kubernetes-list-type is map"
            self._causes.append(field.invalid(f"{path}.items.type", items.get("type", ""), detail))
        properties = items.get("properties") or {}
        for index, key in enumerate(keys):
            declared = properties.get(key)
            if declared is None:
                detail = "entries must all be names of item properties"
                self._causes.append(field.invalid(f"{keys_path}[{index}]", key, detail))
                continue
            if declared.get("type") in {"array", "object"}:
                detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
                place = f"{path}.items.properties[{key}].type"
                self._causes.append(field.invalid(place, declared["type"], detail))
            if key not in (items.get("required") or ()) and "default" not in declared:
                detail = (
                    "this property is in x-kubernetes-list-map-keys, "
                    "so it must have a default or be a required property"
                )
                self._causes.append(field.required(f"{path}.items.properties[{key}].default", detail))

    def _metadata(self, schema: JSONObject, path: str, *, root: bool) -> None:
        if not root and not schema.get("x-kubernetes-embedded-resource"):
            return
        properties = schema.get("properties") or {}
        for key in ("apiVersion", "kind"):
            kind = properties.get(key, {}).get("type", "string")
            if kind != "string":
                self._causes.append(field.invalid(f"{path}.properties[{key}].type", kind, "must be string"))
        declared = properties.get("metadata")
        if declared is None:
            return
        if declared.get("type") != "object":
            self._causes.append(
                field.invalid(f"{path}.properties[metadata].type", declared.get("type", ""), "must be object")
            )
        known = set(declared) - {"type", "description", "properties", "title"}
        allowed = {"name", "generateName"}
        if known or set(declared.get("properties") or {}) - allowed:
            detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            self._causes.append(field.forbidden(f"{path}.properties[metadata]", detail))

    def _junctions(self, schema: JSONObject, structure: JSONObject, path: str) -> None:
        """Inside ``allOf``, ``anyOf``, ``oneOf`` and ``not`` there are only value checks of what is there outside."""
        for key in _JUNCTIONS:
            for index, inner in enumerate(schema.get(key) or ()):
                self._junction(inner, structure, f"{path}.{key}[{index}]", key)
        if isinstance(schema.get("not"), dict):
            self._junction(schema["not"], structure, f"{path}.not", "not")

    def _junction(self, schema: JSONObject, structure: JSONObject, path: str, key: str) -> None:
        int_or_string = structure.get("x-kubernetes-int-or-string")
        for name in _NOT_IN_JUNCTIONS:
            if name not in schema or (name == "type" and int_or_string and key in {"anyOf", "allOf"}):
                continue
            self._causes.append(field.forbidden(f"{path}.{name}", "must be undefined to be structural"))
        properties = structure.get("properties") or {}
        for name, inner in (schema.get("properties") or {}).items():
            place = f"{path}.properties[{name}]"
            if name in properties:
                self._junction(inner, properties[name], place, key)
            elif not isinstance(structure.get("additionalProperties"), dict):
                root = path.split(f".{key}", 1)[0]
                message = f"because it is defined in {place.removeprefix(root + '.')}"
                self._causes.append(field.required(f"{root}.properties[{name}]", message))
        if isinstance(schema.get("items"), dict):
            self._junction(schema["items"], structure.get("items") or {}, f"{path}.items", key)
        self._junctions(schema, structure, path)


def _is_atomic(items: JSONObject) -> bool:
    if items.get("type") == "object":
        return bool(items.get("x-kubernetes-map-type") == "atomic")
    return bool(items.get("x-kubernetes-list-type", "atomic") == "atomic")


def _check_defaults(schema: JSONObject, path: str) -> Causes:
    """Check that every default is complete in itself, and valid where it stands."""
    causes: Causes = []

    def visit(inner: JSONObject, place: str) -> None:
        if "default" in inner:
            causes.extend(_check_default(inner, place))
        for key, value in (inner.get("properties") or {}).items():
            visit(value, f"{place}.properties[{key}]")
        for key in ("items", "additionalProperties"):
            if isinstance(inner.get(key), dict):
                visit(inner[key], f"{place}.{key}")

    visit(schema, path)
    return causes


def _check_default(schema: JSONObject, path: str) -> Causes:
    value = schema["default"]
    if value is None and not schema.get("nullable"):
        return [Cause("FieldValueInvalid", "Invalid value: null: must not be null", f"{path}.default")]
    wrapper = {"type": "object", "properties": {"default": schema}}
    pruned = {"default": copy.deepcopy(value)}
    if objects.prune(pruned, wrapper):
        return [field.invalid(f"{path}.default", value, "must be pruned: the schema does not know all of its fields")]
    objects.default(pruned, wrapper)
    return [
        Cause(cause.reason, cause.message.replace("default", f"{path}.default", 1), f"{path}.{cause.field}")
        for cause in ValueValidator(wrapper).validate(pruned)
    ]


def compiles(schema: JSONObject, path: str) -> Causes:
    """Return what keeps a structural schema from being compiled: patterns that are none."""
    causes: Causes = []

    def visit(inner: JSONObject, place: str, check: Callable[[JSONObject], Any]) -> None:
        if pattern := inner.get("pattern"):
            try:
                check({"type": "string", "pattern": pattern})
            except ValueError as error:
                causes.append(
                    field.invalid(f"{place}.pattern", pattern, f"must be a valid regular expression: {error}")
                )
        for key, value in (inner.get("properties") or {}).items():
            visit(value, f"{place}.properties[{key}]", check)
        for key in ("items", "additionalProperties", "not"):
            if isinstance(inner.get(key), dict):
                visit(inner[key], f"{place}.{key}", check)
        for key in _JUNCTIONS:
            for index, value in enumerate(inner.get(key) or ()):
                visit(value, f"{place}.{key}[{index}]", check)

    visit(schema, path, ValueValidator)
    return causes
