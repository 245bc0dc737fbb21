"""What ``openAPIV3Schema`` may say.

``ValidateCustomResourceDefinitionOpenAPISchema`` and its surroundings in
``apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go``, v0.36. Rules in CEL are checked for their
form only.
"""

from dataclasses import dataclass, replace
from typing import Any

from apiserver.apiextensions.json_schema import JUNCTIONS
from apiserver.apiextensions.schema_defaults import validate_defaults
from apiserver.apiextensions.structural import validate_structural
from apiserver.apiextensions.values import ValueValidator
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
_META_FIELDS = frozenset({"metadata", "kind", "apiVersion"})
_RULE_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
# What is deeper could not be stored: the encoder has its limit, and a level of a schema takes two of JSON.
_LARGEST_DEPTH = 110

_AT_ROOT_WITH_STATUS = (
    "Description",
    "Type",
    "Format",
    "Title",
    "Maximum",
    "ExclusiveMaximum",
    "Minimum",
    "ExclusiveMinimum",
    "MaxLength",
    "MinLength",
    "Pattern",
    "MaxItems",
    "MinItems",
    "UniqueItems",
    "MultipleOf",
    "Required",
    "Items",
    "Properties",
    "ExternalDocs",
    "Example",
    "XPreserveUnknownFields",
    "XValidations",
)
_EXTENSIONS = {
    "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields",
    "x-kubernetes-validations": "XValidations",
}


def validate_schema(schema: JSONObject, path: str, *, status_enabled: bool) -> Causes:
    """Return what keeps a schema from being served.

    ``path`` is what holds the ``openAPIV3Schema``; ``status_enabled`` whether the status is a subresource.
    """
    root = f"{path}.openAPIV3Schema"
    if _depth(schema) > _LARGEST_DEPTH:
        return [field.forbidden(root, "the schema is nested too deeply")]
    causes: Causes = []
    if status_enabled:
        causes += _root_with_status(schema, root)
    if schema.get("nullable"):
        causes.append(field.forbidden(f"{root}.nullable", "nullable cannot be true at the root"))
    structural = validate_structural(schema, root)
    causes += structural
    said = Causes()
    _check(schema, root, _Place(root=True), said)
    if not structural and not said:
        causes += validate_defaults(schema, root)
    causes += said
    if not causes:
        try:
            ValueValidator(schema)
        except ValueError as error:
            causes.append(field.invalid(path, "", f"error building validator: {error}"))
    return causes


def _depth(schema: JSONObject) -> int:
    """Return how many schemas are inside one another, without relying on the depth that Python allows."""
    level, depth = [schema], 0
    while level and depth <= _LARGEST_DEPTH:
        level = [inner for entry in level for inner in _inside(entry)]
        depth += 1
    return depth


def _inside(schema: JSONObject) -> list[JSONObject]:
    found = list((schema.get("properties") or {}).values())
    found += [schema[key] for key in ("items", "additionalProperties", "not") if isinstance(schema.get(key), dict)]
    return found + [inner for key in JUNCTIONS for inner in schema.get(key) or ()]


def _root_with_status(schema: JSONObject, path: str) -> Causes:
    """The status is checked by what stands under ``properties``; other checks at the root would be lost for it."""
    for key, value in schema.items():
        name = _EXTENSIONS.get(key, key[:1].upper() + key[1:])
        if key == "type" and value and value != "object":
            detail = (
                'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
            )
            return [field.invalid(f"{path}.type", value, detail)]
        if value not in (None, False, "", [], {}) and name not in _AT_ROOT_WITH_STATUS:
            allowed = " ".join(_AT_ROOT_WITH_STATUS)
            detail = (
                f"only [{allowed}] fields are allowed at the root of the schema if the status subresource is enabled"
            )
            return [field.invalid(path, schema, detail)]
    return []


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the whole a schema stands."""

    root: bool = False
    in_metadata: bool = False
    no_defaults: str | None = None
    """Why there may be no default, where there may be none."""

    def below(self) -> "_Place":
        return replace(self, root=False)


def _check(schema: JSONObject, path: str, place: _Place, causes: Causes) -> None:
    _check_itself(schema, path, place, causes)
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    if properties and others is not None and others is not True:
        detail = "additionalProperties and properties are mutual exclusive"
        causes.append(field.forbidden(f"{path}.additionalProperties", detail))
    if isinstance(others, dict):
        inner = place.below()
        if place.in_metadata:
            inner = replace(inner, no_defaults="inside additionalProperties applying to object metadata")
        _check(others, f"{path}.additionalProperties", inner, causes)
    for key, declared in properties.items():
        inner = place.below()
        if key in _META_FIELDS and (place.root or schema.get("x-kubernetes-embedded-resource")):
            inner = replace(inner, in_metadata=True)
            if place.root:
                inner = replace(inner, no_defaults=f"in top-level {key}")
        _check(declared, f"{path}.properties[{key}]", inner, causes)
    for key in ("not", "items"):
        if isinstance(schema.get(key), dict):
            _check(schema[key], f"{path}.{key}", place.below(), causes)
    for key in JUNCTIONS:
        for index, declared in enumerate(schema.get(key) or ()):
            _check(declared, f"{path}.{key}[{index}]", place.below(), causes)
    _check_extensions(schema, path, causes)


def _check_itself(schema: JSONObject, path: str, place: _Place, causes: Causes) -> None:
    kind = schema.get("type", "")
    if kind and kind not in _TYPES:
        causes.append(field.not_supported(f"{path}.type", kind, _TYPES))
    if schema.get("default") is not None and place.no_defaults is not None:
        causes.append(field.forbidden(f"{path}.default", f"must not be set {place.no_defaults}"))
    for key in _UNSUPPORTED:
        if schema.get(key) or (key in {"additionalItems", "dependencies", "$ref"} and key in schema):
            causes.append(field.forbidden(f"{path}.{key}", f"{key} is not supported"))
    if kind == "null":
        detail = "type cannot be set to null, use nullable as an alternative"
        causes.append(field.forbidden(f"{path}.type", detail))
    if isinstance(schema.get("items"), list):
        causes.append(field.forbidden(f"{path}.items", "items must be a schema object and not an array"))
    if place.in_metadata and schema.get("x-kubernetes-embedded-resource"):
        detail = "must not be used inside of resource meta"
        causes.append(field.forbidden(f"{path}.x-kubernetes-embedded-resource", detail))
    if schema.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        causes.append(field.forbidden(f"{path}.uniqueItems", detail))


def _check_extensions(schema: JSONObject, path: str, causes: Causes) -> None:
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        place = f"{path}.x-kubernetes-preserve-unknown-fields"
        causes.append(field.invalid(place, False, "must be true or undefined"))
    map_type = schema.get("x-kubernetes-map-type")
    if map_type is not None:
        _must_be("object", schema, path, "x-kubernetes-map-type", causes)
        if map_type not in {"atomic", "granular"}:
            causes.append(field.not_supported(f"{path}.x-kubernetes-map-type", map_type, ["atomic", "granular"]))
    _check_list(schema, path, causes)
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        _check_rule(rule, f"{path}.x-kubernetes-validations[{index}]", causes)


def _must_be(kind: str, schema: JSONObject, path: str, extension: str, causes: Causes) -> bool:
    given = schema.get("type", "")
    if given == kind:
        return True
    detail = f"must be {kind} if {extension} is specified"
    causes.append(field.invalid(f"{path}.type", given, detail) if given else field.required(f"{path}.type", detail))
    return False


def _check_list(schema: JSONObject, path: str, causes: Causes) -> None:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or []
    place, items = f"{path}.x-kubernetes-list-type", schema.get("items")
    if kind is not None:
        fits = _must_be("array", schema, path, "x-kubernetes-list-type", causes)
        if fits and kind == "set" and isinstance(items, dict):
            _check_set(items, path, causes)
        if kind not in {"atomic", "set", "map"}:
            causes.append(field.not_supported(place, kind, ["atomic", "set", "map"]))
    if keys and kind != "map":
        detail = "must be map if x-kubernetes-list-map-keys is non-empty"
        causes.append(field.required(place, detail) if kind is None else field.invalid(place, kind, detail))
    if kind == "map":
        _check_map(items, keys, path, causes)
    if kind in {"set", "map"} and isinstance(items, dict):
        if items.get("nullable"):
            detail = f"cannot be nullable when x-kubernetes-list-type is {kind}"
            causes.append(field.forbidden(f"{path}.items.nullable", detail))
        if kind == "map":
            _check_keys(items, keys, f"{path}.items", causes)


def _check_set(items: JSONObject, path: str, causes: Causes) -> None:
    detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
    list_type, map_type = items.get("x-kubernetes-list-type"), items.get("x-kubernetes-map-type")
    if items.get("type") == "array" and list_type not in {None, "atomic"}:
        causes.append(field.invalid(f"{path}.items.x-kubernetes-list-type", list_type, detail))
    if items.get("type") == "object" and map_type != "atomic":
        causes.append(field.invalid(f"{path}.items.x-kubernetes-map-type", list_type, detail))


def _check_map(items: Any, keys: list[str], path: str, causes: Causes) -> None:
    keys_path = f"{path}.x-kubernetes-list-map-keys"
    if not keys:
        causes.append(field.required(keys_path, "must not be empty if x-kubernetes-list-type is map"))
    if items is None:
        causes.append(field.required(f"{path}.items", "must have a schema if x-kubernetes-list-type is map"))
    elif not isinstance(items, dict):
        detail = "must only have a single schema if x-kubernetes-list-type is map"
        causes.append(field.invalid(f"{path}.items", items, detail))
    elif items.get("type") != "object":
        detail = "must be object if parent array's x-kubernetes-list-type is map"
        causes.append(field.invalid(f"{path}.items.type", items.get("type", ""), detail))
    else:
        properties = items.get("properties") or {}
        for index, key in enumerate(keys):
            if key not in properties:
                detail = "entries must all be names of item properties"
                causes.append(field.invalid(keys_path, keys, detail))
            elif properties[key].get("type") in {"array", "object"}:
                detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
                causes.append(field.invalid(f"{path}.items.properties[{key}].type", "object", detail))
            if key in keys[:index]:
                causes.append(field.invalid(keys_path, keys, "must not contain duplicate entries"))


def _check_keys(items: JSONObject, keys: list[str], path: str, causes: Causes) -> None:
    """Every item must have its keys: required ones, or ones with defaults."""
    properties = items.get("properties") or {}
    for key in keys:
        declared = properties.get(key)
        if declared is None:
            continue
        place = f"{path}.properties[{key}]"
        if key not in (items.get("required") or ()) and declared.get("default") is None:
            detail = (
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            )
            causes.append(field.required(f"{place}.default", detail))
        if declared.get("nullable"):
            detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
            causes.append(field.forbidden(f"{place}.nullable", detail))


def _check_rule(rule: JSONObject, path: str, causes: Causes) -> None:
    text, message = rule.get("rule") or "", rule.get("message") or ""
    if not text.strip():
        causes.append(field.required(f"{path}.rule", "rule is not specified"))
    elif message and not message.strip():
        causes.append(field.invalid(f"{path}.message", message, "message must be non-empty if specified"))
    elif _has_newlines(message.strip()):
        causes.append(field.invalid(f"{path}.message", message, "message must not contain line breaks"))
    elif _has_newlines(text.strip()) and not message.strip():
        detail = "message must be specified if rule contains line breaks"
        causes.append(field.required(f"{path}.message", detail))
    expression = rule.get("messageExpression") or ""
    if expression and not expression.strip():
        detail = "messageExpression must be non-empty if specified"
        causes.append(field.required(f"{path}.messageExpression", detail))
    if rule.get("reason") is not None and rule["reason"] not in _RULE_REASONS:
        causes.append(field.not_supported(f"{path}.reason", rule["reason"], _RULE_REASONS))


def _has_newlines(text: str) -> bool:
    return "\n" in text or "\r" in text
