"""Checks of an object's values against its schema (``apiextensions-apiserver/pkg/apiserver/validation``, v0.36).

The schema is translated to JSON Schema and compiled by ``jsonschema-rs``; only an object that is refused is looked at
again, to say what is wrong in the words of ``k8s.io/kube-openapi/pkg/validation``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import jsonschema_rs
import orjson

from apimachinery.errors import Cause
from apimachinery.schema.decoder import field_path
from apiserver.apiextensions.json_schema import compiled, to_json_schema
from apiserver.apiextensions.lists import check_lists, has_keyed_lists
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]
Path = tuple[int | str, ...]

# Where upstream has no path to give, it prints Go's nil.
NO_PATH = "<nil>"


class ValueValidator:
    """Checks whole objects of one version, whose ``metadata`` is not its affair, or values inside (not ``root``).

    Raises ``ValueError`` when the schema cannot be compiled: a pattern that is none, most often.
    """

    def __init__(self, schema: JSONObject, *, root: bool = True) -> None:
        translated = to_json_schema(schema)
        if root and "properties" in translated:
            translated["properties"].pop("metadata", None)
        self._translated = translated
        self._validator = compiled(translated)
        self._lists = has_keyed_lists(schema)
        self._schema = schema

    def validate(self, obj: JSONObject) -> Causes:
        """Return what is wrong with an object, with field paths, in a stable order."""
        causes = self.check_values(obj)
        if self._lists:
            causes += check_lists(obj, self._schema)
        return causes

    def check_values(self, value: Any) -> Causes:
        """Do the same for any value, whether or not the items of its lists differ."""
        if self._validator.is_valid(value):
            return []
        return self._worded(self._validator.iter_errors(value), ())

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        """Return what is wrong with a changed object, less what is as it was (``CRDValidationRatcheting``).

        A value that is wrong may stay as long as it, or something around it, is unchanged. Items are the same by the
        keys of their list; where it has none, the whole list counts.
        """
        causes: Causes = []
        if not self._validator.is_valid(new):
            changed = [
                error
                for error in self._validator.iter_errors(new)
                if not _unchanged(tuple(error.instance_path), new, old, self._schema)
            ]
            causes = self._worded(changed, ())
        if self._lists and not check_lists(old, self._schema):
            causes += check_lists(new, self._schema)
        return causes

    def _worded(
        self, errors: Sequence[jsonschema_rs.ValidationError] | Iterator[jsonschema_rs.ValidationError], within: Path
    ) -> Causes:
        """Put errors in upstream's words; ``within`` is the place in the schema that they are seen from."""
        causes: Causes = []
        failed: dict[tuple[Path, Path], set[Any]] = {}
        for error in errors:
            rule, schema_path = error.kind.name, tuple(error.schema_path)
            for owner in _all_of(schema_path, tuple(error.instance_path), len(within)):
                failed.setdefault(owner[:2], set()).add(owner[2])
            if rule in {"anyOf", "oneOf"}:
                causes += self._alternatives(error, schema_path)
            else:
                causes.append(_cause(error))
        for (schema_path, instance_path), branches in failed.items():
            none = len(branches) == len(_walk(self._translated, schema_path))
            detail = "must validate all the schemas (allOf)" + (". None validated" if none else "")
            causes.append(_composite(instance_path, detail))
        return causes

    def _alternatives(self, error: jsonschema_rs.ValidationError, schema_path: Path) -> Causes:
        """Say that no alternative fits, or too many; then what is wrong with the one that comes nearest."""
        branches: list[list[jsonschema_rs.ValidationError]] = error.kind.context  # type: ignore[attr-defined]
        path = tuple(error.instance_path)
        fitting = sum(not branch for branch in branches)
        if error.kind.name == "anyOf":
            found = _composite(path, "must validate at least one schema (anyOf)")
        else:
            how_many = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
            found = _composite(path, f"must validate one and only one schema (oneOf). {how_many}")
        if fitting:
            return [found]
        schemas = _walk(self._translated, schema_path)
        nearest = max(range(len(branches)), key=lambda index: _visited(error.instance, schemas[index]))
        return [found, *self._worded(branches[nearest], (*schema_path, nearest))]


def _composite(path: Path, detail: str) -> Cause:
    return field.invalid(NO_PATH, "", f'"{field_path(path)}" {detail}')


def _walk(schema: Any, path: Path) -> Any:
    for part in path:
        schema = schema[part]
    return schema


def _visited(value: Any, schema: JSONObject) -> int:
    """Count the places of a value that a schema has something to say about: how near it comes to fitting."""
    count = 1
    if isinstance(value, dict):
        properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
        for key, inner in value.items():
            if isinstance(declared := properties.get(key, others), dict):
                count += _visited(inner, declared)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        count += sum(_visited(item, schema["items"]) for item in value)
    return count


def _all_of(schema_path: Path, instance_path: Path, start: int) -> Iterator[tuple[Path, Path, int]]:
    """Yield each ``allOf`` on the way to an error: where it stands, what it is asked of, and which of its schemas."""
    steps: list[tuple[int, int]] = []
    depth, index = 0, 0
    while index < len(schema_path):
        part = schema_path[index]
        if part == "allOf" and index + 1 < len(schema_path) and index >= start:
            steps.append((index, depth))
        if part in {"properties", "anyOf", "oneOf", "allOf"}:
            depth += part == "properties"
            index += 1
        elif part in {"items", "additionalProperties"} and index + 1 < len(schema_path):
            depth += 1
        index += 1
    for position, above in steps:
        yield schema_path[: position + 1], instance_path[:above], int(schema_path[position + 1])


def _unchanged(path: Path, new: Any, old: Any, schema: JSONObject) -> bool:
    for part in path:
        if isinstance(part, int):
            items = schema.get("items") or {}
            if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list):
                return False
            keys = schema.get("x-kubernetes-list-map-keys") or []
            new = new[part]
            old = next((item for item in old if _keys(item, keys) == _keys(new, keys)), None)
            schema = items
        else:
            if not isinstance(old, dict) or part not in old:
                return False
            new, old = new[part], old[part]
            declared = (schema.get("properties") or {}).get(part, schema.get("additionalProperties"))
            schema = declared if isinstance(declared, dict) else {}
        if _encoded(new) == _encoded(old):
            return True
    return False


def _keys(item: Any, keys: Sequence[str]) -> Any:
    return [_encoded(item.get(key)) for key in keys] if isinstance(item, dict) else None


def _encoded(value: Any) -> bytes:
    """Tell apart what Python takes for equal: 1, 1.0 and true."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _type_name(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else orjson.dumps(value).decode()


_BODY_MESSAGES = {
    "minimum": "should be greater than or equal to {}",
    "maximum": "should be less than or equal to {}",
    "exclusiveMinimum": "should be greater than {}",
    "exclusiveMaximum": "should be less than {}",
    "multipleOf": "should be a multiple of {}",
    "minLength": "should be at least {} chars long",
    "minItems": "should have at least {} items",
    "minProperties": "should have at least {} properties",
    "pattern": "should match '{}'",
}


def _cause(error: jsonschema_rs.ValidationError) -> Cause:
    path, value = field_path(tuple(error.instance_path)), error.instance
    rule, bound = error.kind.name, getattr(error.kind, "value", None)
    match rule:
        case "required":
            missing = str(getattr(error.kind, "property", ""))
            return field.required(f"{path}.{missing}" if path else missing)
        case "enum":
            allowed = [entry if isinstance(entry, str) else orjson.dumps(entry).decode() for entry in bound or ()]
            return field.not_supported(path, value, [entry for entry in allowed if entry != "null"])
        case "type":
            types = [entry for entry in getattr(error.kind, "types", ()) if entry != "null"]
            kind, wanted = _type_name(value), "integer,string" if len(types) > 1 else types[0]
            detail = f'{path} in body must be of type {wanted}: "{kind}"'
            return Cause("FieldValueTypeInvalid", f'Invalid value: "{kind}": {detail}', path)
        case "format":
            detail = f"{path} in body must be of type {bound}: {_shown(value)}"
            return Cause("FieldValueTypeInvalid", f"Invalid value: {_shown(value)}: {detail}", path)
        case "maxLength":
            return field.too_long(path, int(bound or 0))
        case "maxItems" | "maxProperties":
            return field.too_many(path, len(value) if isinstance(value, list | dict) else 0, int(str(bound)))
        case "not":
            return _composite(tuple(error.instance_path), "must not validate the schema (not)")
        case _ if rule in _BODY_MESSAGES:
            detail = _BODY_MESSAGES[rule].format(_whole(bound))
        case _:
            detail = error.message
    return field.invalid(path or NO_PATH, value, f"{path} in body {detail}")


def _whole(bound: Any) -> Any:
    """Bounds are doubles in the schema, which Go prints without a point where they are whole."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound
