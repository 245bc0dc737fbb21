"""Types made of built-in kinds, of structural schemas, and deduced."""

from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.schema import deduced, of_struct, of_structural_schema
from apimachinery.structured_merge.types import SchemaType

BUNDLE = load_bundle()


def kind(api_version: str, name: str) -> SchemaType:
    return of_struct(BUNDLE, BUNDLE.kind(api_version, name))


def at(root: SchemaType, *path: str) -> SchemaType:
    """Follow field names, ``[]`` for the items of a list and ``*`` for the values of a map."""
    for name in path:
        if name == "[]":
            assert root.list is not None
            root = root.list.element
            continue
        assert root.map is not None
        found = root.map.type_of(name)
        assert found is not None, name
        root = found
    return root


def test_a_kind_has_one_type() -> None:
    assert kind("v1", "Pod") is kind("v1", "Pod")
    assert at(kind("v1", "Pod"), "metadata") is at(kind("apps/v1", "Deployment"), "metadata")


@pytest.mark.parametrize(
    ("owner", "path", "associative", "keys", "defaults"),
    [
        pytest.param(
            kind("v1", "Pod"), ["spec", "containers"], True, ("name",), {"name": ""}, id="required-key-has-gos-zero"
        ),
        pytest.param(
            kind("v1", "Pod"),
            ["spec", "containers", "[]", "ports"],
            True,
            ("containerPort", "protocol"),
            {"containerPort": 0, "protocol": "TCP"},
            id="container-ports",
        ),
        pytest.param(
            kind("v1", "Service"),
            ["spec", "ports"],
            True,
            ("port", "protocol"),
            {"port": 0, "protocol": "TCP"},
            id="service-ports",
        ),
        pytest.param(
            kind("v1", "Pod"), ["spec", "imagePullSecrets"], True, ("name",), {"name": ""}, id="local-reference"
        ),
        pytest.param(kind("v1", "ServiceAccount"), ["secrets"], True, ("name",), {}, id="optional-key"),
        pytest.param(kind("v1", "Pod"), ["metadata", "finalizers"], True, (), {}, id="set"),
        pytest.param(kind("v1", "Pod"), ["spec", "tolerations"], False, (), {}, id="atomic"),
        pytest.param(kind("v1", "Pod"), ["spec", "containers", "[]", "args"], False, (), {}, id="args"),
    ],
)
def test_lists_of_built_in_kinds(
    owner: SchemaType, path: list[str], associative: bool, keys: tuple[str, ...], defaults: dict[str, Any]
) -> None:
    found = at(owner, *path).list
    assert found is not None
    assert (found.associative, found.keys, found.defaults) == (associative, keys, defaults)


@pytest.mark.parametrize(
    ("owner", "path", "atomic"),
    [
        pytest.param(kind("v1", "Service"), ["spec", "selector"], True, id="service-selector"),
        pytest.param(kind("apps/v1", "Deployment"), ["spec", "selector"], True, id="label-selector"),
        pytest.param(kind("v1", "PersistentVolume"), ["spec", "claimRef"], False, id="overridden-for-one-field"),
        pytest.param(kind("v1", "Event"), ["involvedObject"], True, id="object-reference"),
        pytest.param(kind("v1", "Pod"), ["metadata", "labels"], False, id="labels"),
        pytest.param(kind("v1", "ConfigMap"), ["data"], False, id="data"),
        pytest.param(kind("v1", "Pod"), ["spec"], False, id="struct"),
    ],
)
def test_maps_of_built_in_kinds(owner: SchemaType, path: list[str], atomic: bool) -> None:
    found = at(owner, *path).map
    assert found is not None
    assert found.atomic is atomic


def test_scalars_of_built_in_kinds() -> None:
    pod, deployment = kind("v1", "Pod"), kind("apps/v1", "Deployment")
    assert at(deployment, "spec", "replicas").scalar == "numeric"
    assert at(pod, "spec", "hostNetwork").scalar == "boolean"
    assert at(pod, "spec", "nodeName").scalar == "string"
    assert at(pod, "spec", "containers", "[]", "resources", "limits", "cpu").scalar == "untyped"
    assert at(pod, "metadata", "creationTimestamp").scalar == "untyped"


def test_structs_and_lists_that_are_always_there() -> None:
    def present(root: SchemaType, *path: str) -> set[str]:
        found = at(root, *path).map
        assert found is not None
        return set(found.present)

    pod, deployment = kind("v1", "Pod"), kind("apps/v1", "Deployment")
    assert present(pod) == {"metadata", "spec", "status"}
    assert present(pod, "spec") == {"containers"}
    assert present(kind("v1", "ConfigMap")) == {"metadata"}
    assert {"strategy", "template"} <= present(deployment, "spec")
    assert present(deployment, "spec", "template") == {"metadata", "spec"}


SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "ports": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["port", "protocol"],
                    "items": {
                        "type": "object",
                        "properties": {
                            "port": {"type": "integer"},
                            "protocol": {"type": "string", "default": "TCP"},
                        },
                    },
                },
                "names": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "plain": {"type": "array", "items": {"type": "string"}},
                "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "string"}}},
                "values": {"type": "object", "additionalProperties": {"type": "number"}},
                "anything": {"x-kubernetes-preserve-unknown-fields": True},
                "open": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": True,
                    "properties": {"inner": {"type": "object", "properties": {"a": {"type": "string"}}}},
                },
                "closed": {"type": "object", "properties": {"a": {"type": "string"}}},
                "port": {"x-kubernetes-int-or-string": True},
                "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {}},
                "on": {"type": "boolean"},
            },
        }
    },
}


def test_structural_schemas() -> None:
    root = of_structural_schema(SCHEMA)
    ports = at(root, "spec", "ports").list
    assert ports is not None
    assert (ports.associative, ports.keys, ports.defaults) == (True, ("port", "protocol"), {"protocol": "TCP"})
    names, plain = at(root, "spec", "names").list, at(root, "spec", "plain").list
    assert names is not None
    assert plain is not None
    assert (names.associative, names.keys, plain.associative) == (True, (), False)
    whole, values = at(root, "spec", "whole").map, at(root, "spec", "values").map
    assert whole is not None
    assert values is not None
    assert whole.atomic
    assert not values.atomic
    assert at(root, "spec", "values", "x").scalar == "numeric"
    assert at(root, "spec", "on").scalar == "boolean"
    assert at(root, "spec", "port").scalar == "untyped"
    assert at(root, "metadata") is at(kind("v1", "Pod"), "metadata")
    assert at(root, "spec", "template", "metadata") is at(kind("v1", "Pod"), "metadata")


def test_unknown_fields_of_structural_schemas() -> None:
    root = of_structural_schema(SCHEMA)
    anything, inner = at(root, "spec", "anything").map, at(root, "spec", "open", "inner").map
    closed = at(root, "spec", "closed").map
    assert anything is not None
    assert inner is not None
    assert closed is not None
    assert anything.type_of("x") is deduced()
    assert inner.type_of("x") is deduced(), "preserving unknown fields holds for all that is below"
    assert closed.type_of("x") is None
    assert at(of_structural_schema({"x-kubernetes-preserve-unknown-fields": True}), "spec") is deduced()
    assert at(of_structural_schema({}), "metadata") is at(kind("v1", "Pod"), "metadata")


def test_deduced_maps_merge_and_the_rest_is_atomic() -> None:
    kind = deduced()
    assert kind.map is not None
    assert kind.list is not None
    assert not kind.map.atomic
    assert kind.map.element is kind
    assert not kind.list.associative
    assert kind.list.element.always_leaf
