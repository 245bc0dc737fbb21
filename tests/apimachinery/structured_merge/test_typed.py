"""Validation, with upstream's texts, and which fields an applied configuration names."""

from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.schema import deduced, of_struct, of_structural_schema
from apimachinery.structured_merge.typed import ValidationError, to_field_set, validate
from apimachinery.structured_merge.types import SchemaType

BUNDLE = load_bundle()
POD = of_struct(BUNDLE, BUNDLE.kind("v1", "Pod"))
DEPLOYMENT = of_struct(BUNDLE, BUNDLE.kind("apps/v1", "Deployment"))
SERVICE_ACCOUNT = of_struct(BUNDLE, BUNDLE.kind("v1", "ServiceAccount"))
CUSTOM = of_structural_schema({
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "items": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["id"],
                    "items": {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}},
                },
                "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "on": {"type": "boolean"},
            },
        }
    },
})


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        pytest.param(DEPLOYMENT, {"unknownField": 1}, ".unknownField: field not declared in schema", id="unknown"),
        pytest.param(
            DEPLOYMENT,
            {"spec": {"template": {"spec": {"containers": [{"name": "a", "resources": {"cpu": "1"}}]}}}},
            '.spec.template.spec.containers[name="a"].resources.cpu: field not declared in schema',
            id="unknown-below-a-list",
        ),
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a", "env": [{"name": "X"}, {"name": "X"}]}]}},
            '.spec.containers[name="a"].env: duplicate entries for key [name="X"]',
            id="duplicate",
        ),
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 1}, {"containerPort": 1}]}]}},
            '.spec.containers[name="a"].ports: duplicate entries for key [containerPort=1,protocol="TCP"]',
            id="duplicate-by-default",
        ),
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a"}, {"name": "a"}, {"name": "a"}]}},
            'errors:\n  .spec.containers: duplicate entries for key [name="a"]\n'
            '  .spec.containers: duplicate entries for key [name="a"]',
            id="several",
        ),
        pytest.param(
            SERVICE_ACCOUNT,
            {"secrets": [{"namespace": "x"}]},
            '.secrets: element 0: associative list with keys has an element that omits all key fields ["name"] '
            "(and doesn't have default values for any key fields)",
            id="key-missing",
        ),
        pytest.param(
            CUSTOM,
            {"spec": {"items": ["x"]}},
            ".spec.items: element 0: associative list with keys may not have non-map elements",
            id="item-no-map",
        ),
        pytest.param(
            CUSTOM,
            {"spec": {"items": [None]}},
            ".spec.items: element 0: associative list with keys may not have a null element",
            id="item-null",
        ),
        pytest.param(
            CUSTOM,
            {"spec": {"set": ["a", {}]}},
            ".spec.set: element 1: associative list without keys has an element that's a map type",
            id="set-of-maps",
        ),
        pytest.param(
            CUSTOM,
            {"spec": {"set": [[]]}},
            ".spec.set: element 0: not supported: associative list with lists as elements",
            id="set-of-lists",
        ),
        pytest.param(
            CUSTOM,
            {"spec": {"set": [None]}},
            ".spec.set: element 0: associative list without keys has an element that's an explicit null",
            id="set-with-null",
        ),
        pytest.param(
            CUSTOM, {"spec": {"set": ["a", "a"]}}, '.spec.set: duplicate entries for key [="a"]', id="set-twice"
        ),
        pytest.param(
            DEPLOYMENT,
            {"spec": {"replicas": "3"}},
            ".spec.replicas: expected numeric (int or float), got string",
            id="numeric",
        ),
        pytest.param(
            POD,
            {"spec": {"nodeName": 3}},
            ".spec.nodeName: expected string, got &value.valueUnstructured{Value:3}",
            id="string",
        ),
        pytest.param(CUSTOM, {"spec": {"on": "yes"}}, ".spec.on: expected boolean, got &{yes}", id="boolean"),
        pytest.param(POD, {"spec": ["a"]}, ".spec: expected map, got &{[a]}", id="map"),
        pytest.param(
            POD, {"spec": {"containers": {"a": 1}}}, ".spec.containers: expected list, got &{map[a:1]}", id="list"
        ),
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": {}}}}]}},
            '.spec.containers[name="a"].resources.limits.cpu: expected any scalar, got &{map[]}',
            id="untyped-scalar",
        ),
    ],
)
def test_what_is_not_of_its_type_is_refused_with_upstreams_text(kind: SchemaType, value: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate(value, kind)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(POD, {"metadata": {"creationTimestamp": None}, "spec": None}, id="nulls"),
        pytest.param(
            POD,
            {
                "spec": {
                    "containers": [
                        {"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]}
                    ]
                }
            },
            id="same-port-other-protocol",
        ),
        pytest.param(deduced(), {"a": {"b": [1, {"c": None}]}, "d": "x"}, id="deduced"),
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a", "livenessProbe": {"httpGet": {"port": "http"}}}]}},
            id="int-or-string",
        ),
    ],
)
def test_what_is_of_its_type_is_accepted(kind: SchemaType, value: Any) -> None:
    validate(value, kind)


def test_duplicates_are_accepted_in_what_is_stored() -> None:
    validate(
        {"spec": {"containers": [{"name": "a", "env": [{"name": "X"}, {"name": "X"}]}]}}, POD, allow_duplicates=True
    )


@pytest.mark.parametrize(
    ("kind", "value", "tree"),
    [
        pytest.param(
            POD,
            {
                "metadata": {"labels": {"a": "1"}, "annotations": {}, "finalizers": ["x/y"]},
                "spec": {
                    "containers": [{"name": "a", "image": "i", "args": ["x"], "ports": [{"containerPort": 80}]}],
                    "nodeSelector": {"a": "b"},
                    "tolerations": [],
                },
            },
            {
                "f:metadata": {"f:labels": {"f:a": {}}, "f:annotations": {}, "f:finalizers": {'v:"x/y"': {}}},
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"a"}': {
                            ".": {},
                            "f:name": {},
                            "f:image": {},
                            "f:args": {},
                            "f:ports": {
                                'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}},
                            },
                        }
                    },
                    "f:nodeSelector": {},
                    "f:tolerations": {},
                },
            },
            id="pod",
        ),
        pytest.param(POD, {"spec": {"containers": []}}, {}, id="an-empty-associative-list-owns-nothing"),
        pytest.param(POD, {"spec": None}, {"f:spec": {}}, id="null"),
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}, {"name": "X"}]}]}},
            {"f:spec": {"f:containers": {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:env": {'k:{"name":"X"}': {}}}}}},
            id="duplicates-are-owned-as-one",
        ),
        pytest.param(
            deduced(),
            {"a": {"b": {"c": 1}}, "l": [1], "e": {}},
            {"f:a": {".": {}, "f:b": {".": {}, "f:c": {}}}, "f:l": {}, "f:e": {}},
            id="deduced",
        ),
    ],
)
def test_the_fields_that_an_applied_configuration_names(kind: SchemaType, value: Any, tree: Any) -> None:
    assert to_field_set(value, kind).tree == tree
