"""Defaults must fit where they stand (``apiextensions-apiserver/pkg/apiserver/schema/defaulting``, v0.36)."""

import copy
from dataclasses import replace
from typing import Any

from apimachinery.errors import Cause
from apimachinery.schema.bundle import load_bundle
from apimachinery.schema.decoder import DecodeError, Decoder
from apiserver.apiextensions import embedded, objects
from apiserver.apiextensions.values import NO_PATH, ValueValidator
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_META_FIELDS = ("apiVersion", "kind", "metadata")


def validate_defaults(schema: JSONObject, path: str) -> Causes:
    """Return what is wrong with the defaults of a structural schema; those in maps of anything are let be."""
    causes: Causes = []
    _visit(schema, path, causes, root=True)
    return causes


def _visit(schema: JSONObject, path: str, causes: Causes, *, root: bool = False) -> None:
    if schema.get("default") is not None:
        causes += _check(schema, path)
    if isinstance(schema.get("items"), dict):
        _visit(schema["items"], f"{path}.items", causes)
    whole = schema.get("x-kubernetes-embedded-resource") and not root
    if whole:
        causes += _check_metadata(schema, path)
    for key, inner in (schema.get("properties") or {}).items():
        if not (whole and key in _META_FIELDS):
            _visit(inner, f"{path}.properties[{key}]", causes)


def _check(schema: JSONObject, path: str) -> Causes:
    value, place = schema["default"], f"{path}.default"
    wrapper, given = {"type": "object", "properties": {"default": schema}}, {"default": copy.deepcopy(value)}
    causes: Causes = []
    if objects.prune(given, wrapper) or given["default"] != value:
        causes.append(field.invalid(place, value, "must not have unknown fields"))
    try:
        embedded.coerce(given, wrapper, _metadata_decoder())
    except DecodeError as error:
        at, _, message = str(error).partition(": ")
        return [*causes, Cause("FieldValueInvalid", message, f"{path}.{at}")]
    if found := embedded.validate(given, wrapper):
        return causes + [replace(cause, field=f"{path}.{cause.field}") for cause in found]
    try:
        validator = ValueValidator(schema, root=False)
    except ValueError as error:
        return [*causes, field.invalid(place, value, f"error building validator: {error}")]
    for cause in validator.check_values(value):
        inner = "" if cause.field in {"", NO_PATH} else cause.field
        dot = "." if inner and not inner.startswith("[") else ""
        causes.append(replace(cause, field=f"{place}{dot}{inner}"))
    return causes


def _check_metadata(schema: JSONObject, path: str) -> Causes:
    """Check that the defaults of what every object has make an embedded one with sound metadata."""
    properties = schema.get("properties") or {}
    declared = {key: properties[key] for key in _META_FIELDS if key in properties}
    if not any(objects.has_defaults(inner) for inner in declared.values()):
        return []
    made: JSONObject = {"apiVersion": None, "kind": None, "metadata": {}}
    objects.default(made, {"properties": declared})
    made["apiVersion"] = made["apiVersion"] or "validation/v1"
    made["kind"] = made["kind"] or "Validation"
    wrapper = {"properties": {"default": {**schema, "properties": declared}}}
    problem = ""
    try:
        embedded.coerce({"default": made}, wrapper, _metadata_decoder())
        found = embedded.validate({"default": made}, wrapper)
        problem = f"{found[0].field}: {found[0].message}" if found else ""
    except DecodeError as error:
        problem = str(error)
    if not problem:
        return []
    detail = f"must result in valid metadata: {problem.removeprefix('default.')}"
    key = next(key for key, inner in declared.items() if objects.has_defaults(inner))
    return [field.invalid(f"{path}.properties[{key}].default", declared[key].get("default"), detail)]


def _metadata_decoder() -> Decoder:
    struct = load_bundle().struct(OBJECT_META)
    assert struct is not None
    return Decoder(load_bundle(), struct)
