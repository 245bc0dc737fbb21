"""What a CustomResourceDefinition may say."""

from collections.abc import Callable
from typing import Any

import pytest

from apiserver.apiextensions.definition import DefinitionStrategy
from tests.apiserver.apiextensions.definitions import definition, version

JSONObject = dict[str, Any]
STRATEGY = DefinitionStrategy()
# What all versions have in common is said to be wrong in one place.
ROOT = "spec.validation.openAPIV3Schema"


def problems(obj: JSONObject) -> list[tuple[str, str]]:
    STRATEGY.default(obj)
    STRATEGY.prepare_for_create(obj)
    return [(cause.field, cause.message) for cause in STRATEGY.validate(obj)]


def schema(spec: JSONObject) -> JSONObject:
    return definition(version(schema={"type": "object", "properties": {"spec": spec}}))


def test_a_good_one_and_its_defaults() -> None:
    obj = definition()
    assert problems(obj) == []
    assert obj["spec"]["names"]["singular"] == "crontab"
    assert obj["spec"]["names"]["listKind"] == "CrontabList"
    assert obj["spec"]["conversion"] == {"strategy": "None"}


def change(path: str, value: Any) -> Callable[[], JSONObject]:
    def make() -> JSONObject:
        obj = definition()
        target: Any = obj
        *parents, last = path.split(".")
        for key in parents:
            target = target[int(key)] if key.isdecimal() else target[key]
        target[last] = value
        return obj

    return make


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(
            change("metadata.name", "other"),
            ("metadata.name", 'Invalid value: "other": must be spec.names.plural+"."+spec.group'),
            id="name",
        ),
        pytest.param(
            change("spec.scope", "Global"),
            ("spec.scope", 'Unsupported value: "Global": supported values: "Cluster", "Namespaced"'),
            id="scope",
        ),
        pytest.param(
            change("spec.versions.0.storage", False),
            ("spec.versions", 'Invalid value: ["v1"]: must have exactly one version marked as storage version'),
            id="no-storage-version",
        ),
        pytest.param(
            change("spec.versions.0.served", False),
            ("spec.versions", 'Invalid value: ["v1"]: must have at least one version marked as served'),
            id="nothing-served",
        ),
        pytest.param(
            change("spec.versions.0.schema", {}),
            ("spec.versions[0].schema.openAPIV3Schema", "Required value: schemas are required"),
            id="no-schema",
        ),
        pytest.param(
            change("spec.conversion", {"strategy": "Webhook"}),
            ("spec.conversion.strategy", "Forbidden: conversion by webhook is not provided by this server"),
            id="webhook",
        ),
        pytest.param(
            change("spec.names.kind", "cronTab_x"),
            (
                "spec.names.kind",
                'Invalid value: "cronTab_x": may have mixed case, but should otherwise match: a DNS-1035 label must '
                "consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end "
                "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
                "'[a-z]([-a-z0-9]*[a-z0-9])?')",
            ),
            id="kind",
        ),
        pytest.param(
            change("spec.preserveUnknownFields", True),
            (
                "spec.preserveUnknownFields",
                "Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                "spec.versions[*].schema instead",
            ),
            id="preserve-unknown-fields",
        ),
        pytest.param(
            change("spec.versions.0.additionalPrinterColumns", [{"name": "A", "type": "text", "jsonPath": ".a"}]),
            (
                "spec.additionalPrinterColumns[0].type",
                'Invalid value: "text": must be one of boolean,date,integer,number,string',
            ),
            id="column-type",
        ),
        pytest.param(
            change("spec.versions.0.subresources", {"scale": {"specReplicasPath": ".status.x"}}),
            (
                "spec.subresources.scale.specReplicasPath",
                'Invalid value: ".status.x": should be a json path under .spec',
            ),
            id="scale-path",
        ),
        pytest.param(
            change("spec.versions.0.subresources", {"scale": {"specReplicasPath": ".spec.x"}}),
            ("spec.subresources.scale.statusReplicasPath", "Required value"),
            id="no-scale-path",
        ),
        pytest.param(
            change("spec.versions.0.additionalPrinterColumns", [{"name": "A", "type": "string", "jsonPath": "spec"}]),
            (
                "spec.additionalPrinterColumns[0].JSONPath",
                'Invalid value: "spec": must be a simple json path starting with .',
            ),
            id="column-path",
        ),
        pytest.param(
            change("spec.versions.0.deprecationWarning", "soon gone"),
            (
                "spec.versions[0].deprecationWarning",
                'Invalid value: "soon gone": can only be set for deprecated versions',
            ),
            id="warning-of-nothing",
        ),
        pytest.param(
            change("spec.conversion", {"strategy": "None", "webhook": {"conversionReviewVersions": ["v1"]}}),
            (
                "spec.conversion.conversionReviewVersions",
                "Forbidden: should not be set when strategy is not set to Webhook",
            ),
            id="webhook-for-nothing",
        ),
        pytest.param(
            change("spec.versions", []),
            ("spec.versions", "Invalid value: []: must have exactly one version marked as storage version"),
            id="no-versions",
        ),
        pytest.param(
            change("spec.versions.0.selectableFields", [{"jsonPath": ".spec"}]),
            (
                "spec.selectableFields[0].jsonPath",
                'Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields '
                "and strings with formats are allowed.",
            ),
            id="selectable-object",
        ),
        pytest.param(
            change("spec.versions.0.selectableFields", [{"jsonPath": ".metadata.name"}]),
            (
                "spec.selectableFields[0].jsonPath",
                'Invalid value: ".metadata.name": must not point to fields in metadata',
            ),
            id="selectable-metadata",
        ),
        pytest.param(
            change("spec.versions.0.selectableFields", [{"jsonPath": ".spec.image"}] * 2),
            ("spec.selectableFields[1].jsonPath", 'Duplicate value: ".spec.image"'),
            id="selectable-twice",
        ),
        pytest.param(
            change("spec.versions.0.selectableFields", [{"jsonPath": ".spec.nothing"}]),
            (
                "spec.selectableFields[0].jsonPath",
                'Invalid value: ".spec.nothing": is an invalid path: does not refer to a valid field',
            ),
            id="selectable-nothing",
        ),
    ],
)
def test_refusals(make: Callable[[], JSONObject], expected: tuple[str, str | None]) -> None:
    found = dict(problems(make()))
    path, message = expected
    assert path in found, found
    assert message in {None, found[path]}, found


def test_groups_of_the_project_need_approval() -> None:
    obj = definition(group="things.k8s.io")
    assert [path for path, _ in problems(obj)] == ["metadata.annotations[api-approved.kubernetes.io]"]
    obj["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, a test"}
    assert problems(obj) == []
    obj["metadata"]["annotations"] = {"api-approved.kubernetes.io": "yes"}
    ((_, message),) = problems(obj)
    assert "with either a URL or a reason starting with" in message
    assert STRATEGY.validate_update(obj, obj) == []


@pytest.mark.parametrize(
    ("spec", "path", "message"),
    [
        pytest.param(
            {}, ".properties[spec].type", "Required value: must not be empty for specified object fields", id="no-type"
        ),
        pytest.param(
            {"type": "text"},
            ".properties[spec].type",
            'Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
            id="unknown-type",
        ),
        pytest.param({"type": "array"}, ".properties[spec].items", "Required value: must be specified", id="no-items"),
        pytest.param(
            {"type": "object", "$ref": "#/x"}, ".properties[spec].$ref", "Forbidden: $ref is not supported", id="ref"
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}},
            ".properties[spec].additionalProperties",
            "Forbidden: additionalProperties and properties are mutual exclusive",
            id="both-kinds-of-properties",
        ),
        pytest.param(
            {"type": "object", "allOf": [{"type": "object"}]},
            ".properties[spec].allOf[0].type",
            "Forbidden: must be empty to be structural",
            id="type-in-junction",
        ),
        pytest.param(
            {"x-kubernetes-int-or-string": True, "x-kubernetes-preserve-unknown-fields": True},
            ".properties[spec].x-kubernetes-preserve-unknown-fields",
            "Invalid value: true: must be false if x-kubernetes-int-or-string is true",
            id="int-or-string-of-anything",
        ),
        pytest.param(
            {"type": "object", "x-kubernetes-embedded-resource": True},
            ".properties[spec].properties",
            "Required value: must not be empty if x-kubernetes-embedded-resource is true without "
            "x-kubernetes-preserve-unknown-fields",
            id="embedded-nothing",
        ),
        pytest.param(
            {"type": "string", "nullable": True, "anyOf": [{"nullable": True}]},
            ".properties[spec].anyOf[0].nullable",
            "Forbidden: must be false to be structural",
            id="nullable-in-junction",
        ),
        pytest.param(
            {"type": "array", "items": [{"type": "string"}]},
            ".properties[spec].items",
            "Forbidden: items must be a schema object and not an array",
            id="several-schemas-of-items",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "set"},
            ".properties[spec].items.x-kubernetes-map-type",
            "Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set",
            id="set-of-granular-objects",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "string", "nullable": True}, "x-kubernetes-list-type": "set"},
            ".properties[spec].items.nullable",
            "Forbidden: cannot be nullable when x-kubernetes-list-type is set",
            id="set-of-nulls",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            ".properties[spec].uniqueItems",
            "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
            id="unique-items",
        ),
        pytest.param(
            {"type": "object", "x-kubernetes-validations": [{"rule": " "}]},
            ".properties[spec].x-kubernetes-validations[0].rule",
            "Required value: rule is not specified",
            id="empty-rule",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map"},
            ".properties[spec].x-kubernetes-list-map-keys",
            "Required value: must not be empty if x-kubernetes-list-type is map",
            id="no-keys",
        ),
        pytest.param(
            {
                "type": "array",
                "items": {"type": "object", "properties": {"k": {"type": "string"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
            },
            ".properties[spec].items.properties[k].default",
            "Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a "
            "required property",
            id="optional-key",
        ),
        pytest.param({"type": "string", "pattern": "("}, ".properties[spec].pattern", None, id="bad-pattern"),
        pytest.param(
            {"type": "integer", "default": "a"},
            ".properties[spec].default",
            'Invalid value: "string":  in body must be of type integer: "string"',
            id="bad-default",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "integer"}}, "default": {"a": "x"}},
            ".properties[spec].default.a",
            'Invalid value: "string": a in body must be of type integer: "string"',
            id="bad-inside-a-default",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "string"}}, "default": {"b": 1}},
            ".properties[spec].default",
            'Invalid value: {"b":1}: must not have unknown fields',
            id="default-with-unknown-fields",
        ),
        pytest.param(
            {
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "x-kubernetes-preserve-unknown-fields": True,
                "default": {"apiVersion": 5, "kind": "X"},
            },
            ".properties[spec].default.apiVersion",
            "Invalid value: 5: must be a string",
            id="default-that-is-no-object",
        ),
    ],
)
def test_schemas_that_are_not_structural(spec: JSONObject, path: str, message: str | None) -> None:
    found = dict(problems(schema(spec)))
    assert f"{ROOT}{path}" in found, found
    assert message in {None, found[f"{ROOT}{path}"]}, found


@pytest.mark.parametrize(
    ("root", "path", "message"),
    [
        pytest.param(
            {"type": "object", "anyOf": [{"properties": {"a": {"minimum": 1}}}]},
            ".properties[a]",
            f"Required value: because it is defined in {ROOT}.anyOf[0].properties[a]",
            id="only-in-junction",
        ),
        pytest.param({"type": "string"}, ".type", 'Invalid value: "string": must be object at the root', id="type"),
        pytest.param({}, ".type", "Required value: must not be empty at the root", id="no-type"),
        pytest.param(
            {"type": "object", "nullable": True},
            ".nullable",
            "Forbidden: nullable cannot be true at the root",
            id="nullable",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": {"type": "string"}},
            ".additionalProperties",
            "Forbidden: must not be used at the root",
            id="a-map",
        ),
        pytest.param(
            {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"labels": {}}}}},
            ".properties[metadata]",
            "Forbidden: must not specify anything other than name and generateName, but metadata is implicitly "
            "specified",
            id="metadata",
        ),
        pytest.param(
            {"type": "object", "properties": {"kind": {"type": "string", "default": "X"}}},
            ".properties[kind].default",
            "Forbidden: must not be set in top-level kind",
            id="default-of-the-kind",
        ),
    ],
)
def test_roots_that_are_not_structural(root: JSONObject, path: str, message: str) -> None:
    found = dict(problems(definition(version(schema=root))))
    assert found.get(f"{ROOT}{path}") == message, found


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"x-kubernetes-int-or-string": True}, id="int-or-string"),
        pytest.param(
            {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}, id="any-of"
        ),
        pytest.param(
            {
                "x-kubernetes-int-or-string": True,
                "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "^[0-9]+%$"}],
            },
            id="all-of",
        ),
        pytest.param({"type": "object", "required": ["a", "a"], "properties": {"a": {"type": "string"}}}, id="twice"),
        pytest.param({"type": "string", "pattern": "(?i)^[[:alpha:]]+\\z"}, id="pattern-of-go"),
        pytest.param({"type": "object", "x-kubernetes-validations": [{"rule": "self.a > 1"}]}, id="rule"),
        pytest.param({"type": "string", "format": "something"}, id="unknown-format"),
    ],
)
def test_good_schemas(spec: JSONObject) -> None:
    assert problems(schema(spec)) == []


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"type": "number", "multipleOf": 0}, id="multiple-of-nothing"),
        pytest.param({"type": "string", "maxLength": -1}, id="negative-length"),
    ],
)
def test_schemas_that_cannot_be_compiled(spec: JSONObject) -> None:
    ((path, message),) = problems(schema(spec))
    assert path == "spec.validation"
    assert message.startswith('Invalid value: "": error building validator: ')


def test_what_versions_do_not_share_is_wrong_where_it_stands() -> None:
    wrong = {"type": "object", "properties": {"spec": {"type": "array"}}}
    columns = [{"name": "A", "type": "x", "jsonPath": ".a"}]
    obj = definition(version("v1"), version("v2", storage=False, schema=wrong, additionalPrinterColumns=columns))
    assert {path for path, _ in problems(obj)} == {
        "spec.versions[1].schema.openAPIV3Schema.properties[spec].items",
        "spec.versions[1].additionalPrinterColumns[0].type",
    }


def test_the_root_may_say_little_beside_a_status() -> None:
    root = {"type": "object", "minProperties": 1, "properties": {"status": {"type": "object"}}}
    obj = definition(version(schema=root, subresources={"status": {}}))
    ((path, message),) = problems(obj)
    assert path == ROOT
    assert "fields are allowed at the root of the schema if the status subresource is enabled" in message


def test_a_schema_that_is_too_deep_is_refused() -> None:
    root: JSONObject = {"type": "object"}
    innermost = root
    for _ in range(150):
        innermost["properties"] = {"x": {"type": "object"}}
        innermost = innermost["properties"]["x"]
    assert problems(definition(version(schema=root))) == [(ROOT, "Forbidden: the schema is nested too deeply")]


def test_what_cannot_change_once_it_is_established() -> None:
    old = definition()
    STRATEGY.default(old)
    STRATEGY.prepare_for_create(old)
    old["status"]["conditions"] = [{"type": "Established", "status": "True"}]
    new = definition(scope="Cluster", names={"kind": "Other"})
    STRATEGY.default(new)
    STRATEGY.prepare_for_update(new, old)
    fields = {cause.field for cause in STRATEGY.validate_update(new, old)}
    assert {"spec.scope", "spec.names.kind"} <= fields


def test_a_stored_version_cannot_disappear() -> None:
    old = definition()
    STRATEGY.default(old)
    STRATEGY.prepare_for_create(old)
    assert old["status"]["storedVersions"] == ["v1"]
    new = definition(version("v2"))
    STRATEGY.default(new)
    STRATEGY.prepare_for_update(new, old)
    assert new["status"]["storedVersions"] == ["v1", "v2"]
    (cause,) = STRATEGY.validate_update(new, old)
    assert cause.field == "status.storedVersions[0]"
    assert cause.message.startswith(
        'Invalid value: "v1": missing from spec.versions; v1 was previously a storage version'
    )
