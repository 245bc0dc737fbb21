"""What a CustomResourceDefinition may say."""

from collections.abc import Callable
from typing import Any

import pytest

from apiserver.apiextensions.definition import DefinitionStrategy
from tests.apiserver.apiextensions.definitions import definition, version

JSONObject = dict[str, Any]
STRATEGY = DefinitionStrategy()
ROOT = "spec.versions[0].schema.openAPIV3Schema"


def problems(obj: JSONObject) -> list[tuple[str, str]]:
    STRATEGY.default(obj)
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
            (ROOT, "Required value: schemas are required"),
            id="no-schema",
        ),
        pytest.param(
            change("spec.conversion", {"strategy": "Webhook"}),
            ("spec.conversion.strategy", "Forbidden: conversion by webhook is not provided by this server"),
            id="webhook",
        ),
        pytest.param(
            change("spec.names.kind", "cronTab_x"),
            ("spec.names.kind", None),
            id="kind",
        ),
        pytest.param(
            change("spec.preserveUnknownFields", True),
            ("spec.preserveUnknownFields", None),
            id="preserve-unknown-fields",
        ),
        pytest.param(
            change("spec.versions.0.additionalPrinterColumns", [{"name": "A", "type": "text", "jsonPath": ".a"}]),
            (
                "spec.versions[0].additionalPrinterColumns[0].type",
                'Invalid value: "text": must be one of boolean,date,integer,number,string',
            ),
            id="column-type",
        ),
        pytest.param(
            change("spec.versions.0.subresources", {"scale": {"specReplicasPath": ".status.x"}}),
            ("spec.versions[0].subresources.scale.specReplicasPath", None),
            id="scale-path",
        ),
        pytest.param(
            change("spec.versions.0.selectableFields", [{"jsonPath": ".spec"}]),
            ("spec.versions[0].selectableFields[0].jsonPath", None),
            id="selectable-object",
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


@pytest.mark.parametrize(
    ("spec", "path", "message"),
    [
        pytest.param(
            {}, ".properties[spec].type", "Required value: must not be empty for specified object fields", id="no-type"
        ),
        pytest.param({"type": "text"}, ".properties[spec].type", None, id="unknown-type"),
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
            "Forbidden: must be undefined to be structural",
            id="type-in-junction",
        ),
        pytest.param(
            {"type": "object", "anyOf": [{"properties": {"a": {"minimum": 1}}}]},
            ".properties[spec].properties[a]",
            "Required value: because it is defined in anyOf[0].properties[a]",
            id="only-in-junction",
        ),
        pytest.param(
            {"type": "string", "x-kubernetes-int-or-string": True},
            ".properties[spec].type",
            'Invalid value: "string": must be empty if x-kubernetes-int-or-string is true',
            id="int-or-string-with-type",
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
            None,
            id="optional-key",
        ),
        pytest.param({"type": "string", "pattern": "("}, ".properties[spec].pattern", None, id="bad-pattern"),
        pytest.param({"type": "integer", "default": "a"}, ".properties[spec].default", None, id="bad-default"),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "string"}}, "default": {"b": 1}},
            ".properties[spec].default",
            None,
            id="default-with-unknown-fields",
        ),
    ],
)
def test_schemas_that_are_not_structural(spec: JSONObject, path: str, message: str | None) -> None:
    found = dict(problems(schema(spec)))
    assert f"{ROOT}{path}" in found, found
    assert message in {None, found[f"{ROOT}{path}"]}, found


def test_int_or_string_in_its_usual_form() -> None:
    usual = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert problems(schema(usual)) == []


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
    assert [cause.field for cause in STRATEGY.validate_update(new, old)] == ["status.storedVersions[0]"]
