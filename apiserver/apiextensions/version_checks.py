"""What the parts of a version may say: its schema, columns, subresources, selectable fields.

``apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go``, v0.36.
"""

from collections.abc import Set
from typing import Any

from apiserver.apiextensions.jsonpath import JSONPathError, parse
from apiserver.apiextensions.schema_checks import validate_schema
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

PARTS = frozenset({"schema", "subresources", "additionalPrinterColumns", "selectableFields"})

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_SELECTABLE_TYPES = ("boolean", "integer", "string")
_LARGEST_SELECTABLE = 8


def validate_parts(version: JSONObject, parts: Set[str], *, path: str, schema_key: str, status_enabled: bool) -> Causes:
    """Check some parts of a version, which stand at ``path``; the schema is called ``schema_key`` there."""
    causes: Causes = []
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    if "schema" in parts and schema is not None:
        causes += validate_schema(schema, f"{path}.{schema_key}", status_enabled=status_enabled)
    if "subresources" in parts:
        causes += _subresources(version.get("subresources") or {}, f"{path}.subresources")
    if "additionalPrinterColumns" in parts:
        causes += _columns(version.get("additionalPrinterColumns") or [], f"{path}.additionalPrinterColumns")
    if "selectableFields" in parts and schema is not None:
        causes += _selectable(version.get("selectableFields") or [], schema, f"{path}.selectableFields")
    return causes


def _path_problem(path: str, text: str) -> Causes:
    if not text.startswith("."):
        return [field.invalid(path, text, "must be a simple json path starting with .")]
    try:
        parse(text)
    except JSONPathError as error:
        return [field.invalid(path, text, str(error))]
    return []


def _columns(columns: list[JSONObject], path: str) -> Causes:
    causes: Causes = []
    types, formats = ",".join(_COLUMN_TYPES), ",".join(_COLUMN_FORMATS)
    for index, column in enumerate(columns):
        place, kind = f"{path}[{index}]", column.get("type") or ""
        if not column.get("name"):
            causes.append(field.required(f"{place}.name"))
        if not kind:
            causes.append(field.required(f"{place}.type", f"must be one of {types}"))
        elif kind not in _COLUMN_TYPES:
            causes.append(field.invalid(f"{place}.type", kind, f"must be one of {types}"))
        if column.get("format") and column["format"] not in _COLUMN_FORMATS:
            causes.append(field.invalid(f"{place}.format", column["format"], f"must be one of {formats}"))
        if not column.get("jsonPath"):
            causes.append(field.required(f"{place}.JSONPath"))
        else:
            causes += _path_problem(f"{place}.JSONPath", column["jsonPath"])
    return causes


def _subresources(subresources: JSONObject, path: str) -> Causes:
    scale = subresources.get("scale")
    if scale is None:
        return []
    causes: Causes = []
    for key, roots, detail in (
        ("specReplicasPath", (".spec.",), "should be a json path under .spec"),
        ("statusReplicasPath", (".status.",), "should be a json path under .status"),
        ("labelSelectorPath", (".spec.", ".status."), "should be a json path under either .spec or .status"),
    ):
        place, value = f"{path}.scale.{key}", scale.get(key) or ""
        if not value:
            if key != "labelSelectorPath":
                causes.append(field.required(place))
        elif problem := _path_problem(place, value):
            causes += problem
        elif not value.startswith(roots):
            causes.append(field.invalid(place, value, detail))
        elif parse(value).names is None:
            causes.append(field.invalid(place, value, "must be a json path in the dot notation"))
    return causes


def _selectable(entries: list[JSONObject], schema: JSONObject, path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place, text = f"{path}[{index}].jsonPath", entry.get("jsonPath") or ""
        if not text:
            causes.append(field.required(place))
            continue
        try:
            found = parse(text).names
        except JSONPathError as error:
            causes.append(field.invalid(place, text, f"is an invalid path: {error}"))
            continue
        if found is None:
            causes.append(field.invalid(place, text, "is an invalid path: array notation is not allowed"))
            continue
        if found[0] == "metadata":
            causes.append(field.invalid(place, text, "must not point to fields in metadata"))
            continue
        causes += _selectable_field(found, schema, place, text)
        if text in seen:
            causes.append(field.duplicate(place, text))
        seen.add(text)
    if len(seen) > _LARGEST_SELECTABLE:
        causes.append(field.too_many(path, len(seen), _LARGEST_SELECTABLE))
    return causes


def _selectable_field(found: tuple[str, ...], schema: JSONObject, place: str, text: str) -> Causes:
    declared: JSONObject | None = schema
    for name in found:
        declared = ((declared or {}).get("properties") or {}).get(name)
    if declared is None:
        return [field.invalid(place, text, "is an invalid path: does not refer to a valid field")]
    if declared.get("type") in _SELECTABLE_TYPES:
        return []
    detail = (
        "must point to a field of type string, boolean or integer. "
        "Enum string fields and strings with formats are allowed."
    )
    return [field.invalid(place, text, detail)]
