"""What has been added, modified and removed."""

from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.compare import compare, identical
from apimachinery.structured_merge.fieldpath import excluding
from apimachinery.structured_merge.schema import deduced, of_struct
from apimachinery.structured_merge.types import SchemaType

BUNDLE = load_bundle()
POD = of_struct(BUNDLE, BUNDLE.kind("v1", "Pod"))
SERVICE = of_struct(BUNDLE, BUNDLE.kind("v1", "Service"))


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a", "image": "1"}], **spec}}


@pytest.mark.parametrize(
    ("kind", "old", "new", "removed", "modified", "added"),
    [
        pytest.param(POD, pod(), pod(), {}, {}, {}, id="equal"),
        pytest.param(POD, pod(), pod(nodeName="n"), {}, {}, {"f:spec": {"f:nodeName": {}}}, id="scalar-added"),
        pytest.param(
            POD, pod(nodeName="n"), pod(nodeName="m"), {}, {"f:spec": {"f:nodeName": {}}}, {}, id="scalar-changed"
        ),
        pytest.param(POD, pod(nodeName="n"), pod(), {"f:spec": {"f:nodeName": {}}}, {}, {}, id="scalar-removed"),
        pytest.param(
            POD,
            {"spec": {}},
            pod(volumes=[{"name": "v"}]),
            {},
            {},
            {
                "f:spec": {
                    "f:containers": {'k:{"name":"a"}': {".": {}, "f:image": {}, "f:name": {}}},
                    "f:volumes": {".": {}, 'k:{"name":"v"}': {".": {}, "f:name": {}}},
                }
            },
            id="lists-added-with-their-items",
        ),
        pytest.param(
            POD,
            {"metadata": {"labels": {"a": "1", "b": "2"}}},
            {"metadata": {"labels": {"a": "2", "c": "3"}}},
            {"f:metadata": {"f:labels": {"f:b": {}}}},
            {"f:metadata": {"f:labels": {"f:a": {}}}},
            {"f:metadata": {"f:labels": {"f:c": {}}}},
            id="map-keys",
        ),
        pytest.param(
            POD,
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {}},
            {"f:metadata": {"f:labels": {".": {}, "f:a": {}}}},
            {},
            {},
            id="map-removed",
        ),
        pytest.param(
            SERVICE,
            {"spec": {"selector": {"a": "1"}}},
            {"spec": {"selector": {"a": "1", "b": "2"}}},
            {},
            {"f:spec": {"f:selector": {}}},
            {},
            id="atomic-map",
        ),
        pytest.param(
            SERVICE,
            {"spec": {"ports": [{"port": 80, "protocol": "TCP"}]}},
            {"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 81}]}},
            {"f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {"f:protocol": {}}}}},
            {},
            {
                "f:spec": {
                    "f:ports": {
                        'k:{"port":80,"protocol":"TCP"}': {"f:name": {}},
                        'k:{"port":81,"protocol":"TCP"}': {".": {}, "f:port": {}},
                    }
                }
            },
            id="items-by-keys-with-defaults",
        ),
        pytest.param(POD, pod(tolerations=[]), pod(tolerations=[]), {}, {}, {}, id="empty-lists-are-equal"),
        pytest.param(deduced(), {"a": {"b": True}}, {"a": {"b": 1}}, {}, {"f:a": {"f:b": {}}}, {}, id="true-is-not-1"),
        pytest.param(
            deduced(),
            {"a": "x"},
            {"a": {"b": 1}},
            {},
            {"f:a": {}},
            {"f:a": {"f:b": {}}},
            id="scalar-becomes-a-map",
        ),
        pytest.param(
            POD,
            {"metadata": {"labels": None}},
            {"metadata": {"labels": {"a": "1"}}},
            {},
            {},
            {"f:metadata": {"f:labels": {"f:a": {}}}},
            id="null-is-an-empty-map",
        ),
        pytest.param(
            POD,
            {"metadata": {"finalizers": ["a", "a"]}},
            {"metadata": {"finalizers": ["a"]}},
            {"f:metadata": {"f:finalizers": {'v:"a"': {}}}},
            {},
            {"f:metadata": {"f:finalizers": {'v:"a"': {}}}},
            id="duplicates-gone",
        ),
        pytest.param(
            POD,
            {"metadata": {"finalizers": ["a", "a"]}},
            {"metadata": {"finalizers": ["a", "a", "b"]}},
            {},
            {},
            {"f:metadata": {"f:finalizers": {'v:"b"': {}}}},
            id="duplicates-stay",
        ),
    ],
)
def test_compare(kind: SchemaType, old: Any, new: Any, removed: Any, modified: Any, added: Any) -> None:
    found = compare(old, new, kind)
    assert (found.removed.tree, found.modified.tree, found.added.tree) == (removed, modified, added)
    assert found.same is not bool(removed or modified or added)
    back = compare(new, old, kind)
    assert back.added == found.removed
    assert back.removed == found.added


def test_a_created_pod_owns_what_real_clusters_show() -> None:
    created = {
        "metadata": {"generateName": "web-", "labels": {"app": "web"}},
        "spec": {
            "containers": [{"name": "a", "image": "i", "resources": {}, "env": [{"name": "X", "value": "1"}]}],
            "securityContext": {},
            "volumes": [{"name": "v", "emptyDir": {}}],
        },
        "status": {},
    }
    found = compare({}, created, POD)
    assert not found.removed
    assert compare(created, {}, POD).removed == found.added
    assert found.written.tree == {
        "f:metadata": {"f:generateName": {}, "f:labels": {".": {}, "f:app": {}}},
        "f:spec": {
            "f:containers": {
                'k:{"name":"a"}': {
                    ".": {},
                    "f:env": {".": {}, 'k:{"name":"X"}': {".": {}, "f:name": {}, "f:value": {}}},
                    "f:image": {},
                    "f:name": {},
                    "f:resources": {},
                }
            },
            "f:securityContext": {},
            "f:volumes": {".": {}, 'k:{"name":"v"}': {".": {}, "f:emptyDir": {}, "f:name": {}}},
        },
    }


def test_fields_can_be_left_out_of_a_comparison() -> None:
    found = compare(pod(), pod(nodeName="n", hostname="h"), POD)
    tracked = found.filtered(excluding(("f:spec", "f:nodeName")))
    assert tracked.written.tree == {"f:spec": {"f:hostname": {}}}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({"a": [1, {"b": True}]}, {"a": [1, {"b": True}]}, True, id="equal"),
        pytest.param({"a": [True]}, {"a": [1]}, False, id="true-is-not-1-inside"),
        pytest.param(1, 1.0, True, id="numbers"),
        pytest.param([1], [1, 2], False, id="length"),
    ],
)
def test_identical(one: Any, other: Any, same: bool) -> None:
    assert identical(one, other) is same
