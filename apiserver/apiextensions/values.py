"""Checks of an object's values against its schema (``apiextensions-apiserver/pkg/apiserver/validation``, v0.36).

The schema is translated to JSON Schema and compiled by ``jsonschema-rs``; only an object that is refused is looked at
again, to say what is wrong in upstream's words.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import orjson

from apimachinery import names
from apimachinery.errors import Cause
from apimachinery.schema.decoder import field_path
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_COPIED = (
    "maximum",
    "minimum",
    "multipleOf",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
)
_JUNCTIONS = ("allOf", "anyOf", "oneOf")
_GO_DURATION = re.compile(
    r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h|d|w)([-+]?(\d+(\.\d*)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h|d|w))*|0"
)
_MAC = re.compile(r"([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return "/" in text


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


_FORMATS: dict[str, Callable[[str], bool]] = {
    "cidr": _is_network,
    "byte": _is_base64,
    "mac": lambda text: bool(_MAC.fullmatch(text)),
    "duration": lambda text: bool(_GO_DURATION.fullmatch(text)),
    "k8s-short-name": lambda text: not names.dns_label(text),
    "k8s-long-name": lambda text: not names.dns_subdomain(text),
}
_KNOWN_FORMATS = frozenset({*_FORMATS, "date", "date-time", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"})


def to_json_schema(schema: JSONObject) -> JSONObject:
    """Return what a structural schema means in draft 7 of JSON Schema."""
    found: JSONObject = {key: schema[key] for key in _COPIED if key in schema}
    nullable = bool(schema.get("nullable"))
    if schema.get("x-kubernetes-int-or-string"):
        found["type"] = ["integer", "string", *(["null"] if nullable else [])]
    elif kind := schema.get("type"):
        found["type"] = [kind, "null"] if nullable else kind
    if "enum" in schema:
        found["enum"] = [*schema["enum"], *([None] if nullable and None not in schema["enum"] else [])]
    # OpenAPI 3.0 has flags where JSON Schema has bounds of their own.
    if found.get("maximum") is not None and schema.get("exclusiveMaximum"):
        found["exclusiveMaximum"] = found.pop("maximum")
    if found.get("minimum") is not None and schema.get("exclusiveMinimum"):
        found["exclusiveMinimum"] = found.pop("minimum")
    if schema.get("format") in _KNOWN_FORMATS:
        found["format"] = schema["format"]
    if properties := schema.get("properties"):
        found["properties"] = {key: to_json_schema(value) for key, value in properties.items()}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            found[key] = to_json_schema(schema[key])
    for key in _JUNCTIONS:
        if schema.get(key):
            found[key] = [to_json_schema(entry) for entry in schema[key]]
    if schema.get("x-kubernetes-embedded-resource"):
        found["required"] = sorted({*found.get("required", ()), "apiVersion", "kind"})
    return found


class ValueValidator:
    """Checks whole objects of one version. ``metadata`` is not its affair.

    Raises ``ValueError`` when the schema cannot be compiled: a pattern that is none, most often.
    """

    def __init__(self, schema: JSONObject) -> None:
        translated = to_json_schema(schema)
        if "properties" in translated:
            translated["properties"].pop("metadata", None)
        self._validator = jsonschema_rs.Draft7Validator(
            translated,
            validate_formats=True,
            formats=_FORMATS,
            pattern_options=jsonschema_rs.RegexOptions(),
        )
        self._lists = _keyed_lists(schema)
        self._schema = schema

    def validate(self, obj: JSONObject) -> Causes:
        """Return what is wrong, with field paths, in a stable order."""
        causes: Causes = []
        if not self._validator.is_valid(obj):
            causes = [_cause(error) for error in self._validator.iter_errors(obj)]
        if self._lists:
            _check_lists(obj, self._schema, "", causes)
        return causes


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
_PLAIN_MESSAGES = {
    "uniqueItems": "shouldn't contain duplicates",
    "anyOf": "must validate at least one schema (anyOf)",
    "not": "must not validate the schema (not)",
}


def _cause(error: jsonschema_rs.ValidationError) -> Cause:
    path, value = field_path(tuple(error.instance_path)), error.instance
    rule, bound = error.kind.name, getattr(error.kind, "value", None)
    match rule:
        case "required":
            return field.required(f"{path}.{bound}" if path else str(bound))
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
        case "oneOf":
            several = type(error.kind).__name__ == "OneOfMultipleValid"
            found = "Found 2 valid alternatives" if several else "Found none valid"
            detail = f"must validate one and only one schema (oneOf). {found}"
        case _ if rule in _BODY_MESSAGES:
            detail = _BODY_MESSAGES[rule].format(_whole(bound))
        case _:
            detail = _PLAIN_MESSAGES.get(rule, error.message)
    name = f"{path} in body" if path else '"" in body'
    return field.invalid(path or "<nil>", value, f"{name} {detail}")


def _whole(bound: Any) -> Any:
    """Bounds are doubles in the schema, which Go prints without a point where they are whole."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _keyed_lists(schema: JSONObject) -> bool:
    """Whether the schema has lists whose items must differ, anywhere."""
    if schema.get("x-kubernetes-list-type") in {"set", "map"}:
        return True
    inner = list((schema.get("properties") or {}).values())
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return any(_keyed_lists(entry) for entry in inner)


def _children(value: Any, schema: JSONObject, path: str) -> Iterator[tuple[Any, JSONObject, str]]:
    if isinstance(value, dict):
        properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
        for key, inner in value.items():
            declared = properties.get(key, others)
            if isinstance(declared, dict):
                yield inner, declared, f"{path}.{key}" if path else key
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield item, schema["items"], f"{path}[{index}]"


def _check_lists(value: Any, schema: JSONObject, path: str, causes: Causes) -> None:
    """``ValidateListSetsAndMaps``: no two items of a set are equal, no two of a map have the same keys."""
    kind = schema.get("x-kubernetes-list-type")
    if isinstance(value, list) and kind in {"set", "map"}:
        keys, seen = schema.get("x-kubernetes-list-map-keys") or [], set[bytes]()
        for index, item in enumerate(value):
            identity = item
            if kind == "map":
                if not isinstance(item, dict):
                    continue
                identity = {key: item.get(key) for key in keys}
            encoded = orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)
            if encoded in seen:
                causes.append(field.duplicate(f"{path}[{index}]", identity))
            seen.add(encoded)
    for inner, declared, place in _children(value, schema, path):
        _check_lists(inner, declared, place, causes)
