"""Objects inside objects: ``x-kubernetes-embedded-resource``.

``apiextensions-apiserver/pkg/apiserver/schema/objectmeta``, v0.36.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from apimachinery import names
from apimachinery.schema.decoder import DecodeError, Decoder, FieldValidation, without_nulls
from apiserver.validation import field
from apiserver.validation import metadata as object_meta
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_OBJECT_META = "json: cannot unmarshal metadata into Go value of type v1.ObjectMeta"


def has_embedded(schema: JSONObject) -> bool:
    """Whether there are objects inside the objects of this schema. The root does not count."""
    inner = list((schema.get("properties") or {}).values())
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return any(entry.get("x-kubernetes-embedded-resource") or has_embedded(entry) for entry in inner)


def _embedded(value: Any, schema: JSONObject, path: str) -> Iterator[tuple[JSONObject, str]]:
    """Yield every embedded object with its path, outer ones first."""
    if isinstance(value, dict):
        if path and schema.get("x-kubernetes-embedded-resource"):
            yield value, path
        properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
        for key, inner in value.items():
            if key in properties:
                yield from _embedded(inner, properties[key], f"{path}.{key}" if path else key)
            elif isinstance(others, dict):
                yield from _embedded(inner, others, f"{path}[{key}]")
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _embedded(item, schema["items"], f"{path}[{index}]")


def coerce(obj: JSONObject, schema: JSONObject, metadata: Decoder) -> list[str]:
    """Bring the metadata of embedded objects to its form; return the paths of the fields that were dropped.

    Raises :class:`DecodeError` where ``apiVersion``, ``kind`` or a field of the metadata has a wrong type.
    """
    dropped: list[str] = []
    for inner, path in list(_embedded(obj, schema, "")):
        for key in ("apiVersion", "kind"):
            if key in inner and not isinstance(inner[key], str):
                cause = field.invalid(f"{path}.{key}", inner[key], "must be a string")
                raise DecodeError(f"{cause.field}: {cause.message}")
        if "metadata" in inner:
            dropped += _coerce_metadata(inner, path, metadata)
    return dropped


def _coerce_metadata(obj: JSONObject, path: str, metadata: Decoder) -> list[str]:
    given = obj["metadata"]
    try:
        if not isinstance(given, dict):
            raise DecodeError(_OBJECT_META)
        decoded = metadata.decode(without_nulls(given), FieldValidation.WARN)
    except DecodeError as error:
        cause = field.invalid(f"{path}.metadata", given, str(error))
        raise DecodeError(f"{cause.field}: {cause.message}") from None
    obj["metadata"] = decoded.object
    prefix = 'unknown field "'
    return [f"{path}.metadata.{text.removeprefix(prefix).rstrip(chr(34))}" for text in decoded.problems]


def validate(obj: JSONObject, schema: JSONObject) -> Causes:
    """Return what is wrong with the types and the metadata of embedded objects."""
    causes: Causes = []
    for inner, path in _embedded(obj, schema, ""):
        causes += _type_meta(inner, path)
        if isinstance(inner.get("metadata"), dict):
            causes += _metadata(inner["metadata"], path)
    return causes


def _type_meta(obj: JSONObject, path: str) -> Causes:
    checks: tuple[tuple[str, Callable[[str], list[str]]], ...] = (("apiVersion", _api_version), ("kind", _kind))
    causes: Causes = []
    for key, check in checks:
        value = obj.get(key)
        if value is None or value == "":
            causes.append(field.required(f"{path}.{key}"))
        elif not isinstance(value, str):
            causes.append(field.invalid(f"{path}.{key}", value, "must be a string"))
        else:
            causes += field.problems(f"{path}.{key}", value, check(value))
    return causes


def _api_version(text: str) -> list[str]:
    return [f"unexpected GroupVersion string: {text}"] if text.count("/") > 1 else []


def _kind(text: str) -> list[str]:
    messages = names.dns_label_1035(text.lower())
    return ["may have mixed case, but should otherwise match: " + ",".join(messages)] if messages else []


def _metadata(metadata: JSONObject, path: str) -> Causes:
    """Check metadata as that of any object, but that it needs no name."""
    named = metadata if metadata.get("name") else {**metadata, "name": "fakename"}
    found = object_meta.validate(named, namespaced=bool(metadata.get("namespace")), name_check=names.path_segment)
    return [replace(cause, field=f"{path}.{cause.field}") for cause in found]
