"""Merging configurations, and removing and extracting fields."""

import copy
from typing import Any

import pytest

from apimachinery.schema.bundle import load_bundle
from apimachinery.structured_merge.fieldpath import FieldSet, fields_path, key, value
from apimachinery.structured_merge.merge import extract, merge, remove
from apimachinery.structured_merge.schema import deduced, of_struct, of_structural_schema
from apimachinery.structured_merge.typed import ValidationError
from apimachinery.structured_merge.types import SchemaType

BUNDLE = load_bundle()
POD = of_struct(BUNDLE, BUNDLE.kind("v1", "Pod"))
SERVICE = of_struct(BUNDLE, BUNDLE.kind("v1", "Service"))
LISTS = of_structural_schema({
    "type": "object",
    "properties": {
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "map": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
            "items": {"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "integer"}}},
        },
    },
})


@pytest.mark.parametrize(
    ("kind", "live", "config", "merged"),
    [
        pytest.param(
            POD,
            {"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b"}]}},
            {"spec": {"containers": [{"name": "a", "image": "2"}], "nodeName": "n"}},
            {"spec": {"containers": [{"name": "a", "image": "2"}, {"name": "b"}], "nodeName": "n"}},
            id="items-merge-by-key",
        ),
        pytest.param(
            SERVICE,
            {"spec": {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP", "name": "t"}]}},
            {"spec": {"ports": [{"port": 53, "targetPort": 5}]}},
            {
                "spec": {
                    "ports": [
                        {"port": 53, "protocol": "UDP"},
                        {"port": 53, "protocol": "TCP", "name": "t", "targetPort": 5},
                    ]
                }
            },
            id="keys-have-defaults",
        ),
        pytest.param(
            SERVICE,
            {"spec": {"selector": {"a": "1"}}},
            {"spec": {"selector": {"b": "2"}}},
            {"spec": {"selector": {"b": "2"}}},
            id="atomic-map-is-replaced",
        ),
        pytest.param(
            POD,
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {}}},
            {"metadata": {"labels": {"a": "1"}}},
            id="an-empty-map-removes-nothing",
        ),
        pytest.param(
            POD, {"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": None}},
            {"metadata": {"labels": {"a": "1"}}}, id="null-removes-nothing-granular",
        ),
        pytest.param(
            POD, {"spec": {"nodeName": "n"}}, {"spec": {"nodeName": None}}, {"spec": {"nodeName": None}},
            id="null-replaces-a-leaf",
        ),
        pytest.param(
            POD, {"spec": {"tolerations": [{"key": "a"}]}}, {"spec": {"tolerations": []}},
            {"spec": {"tolerations": []}}, id="atomic-list-is-replaced",
        ),
        pytest.param(deduced(), {"a": {"b": 1}, "l": [1]}, {"a": {"c": 2}, "l": [2]},
                     {"a": {"b": 1, "c": 2}, "l": [2]}, id="deduced"),
        pytest.param(deduced(), {"a": {"b": 1}}, {"a": "x"}, {"a": "x"}, id="deduced-other-kind"),
    ],
)  # fmt: skip
def test_merge(kind: SchemaType, live: Any, config: Any, merged: Any) -> None:
    before = copy.deepcopy((live, config))
    assert merge(live, config, kind) == merged
    assert (live, config) == before, "what is passed in is not changed"


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        pytest.param("abc", "b", "abc", id="subset-keeps-the-order"),
        pytest.param("abc", "cb", "acb", id="config-orders-what-it-names"),
        pytest.param("abc", "dc", "abdc", id="new-before-shared"),
        pytest.param("abc", "cd", "abcd", id="new-after-shared"),
        pytest.param("abc", "d", "abcd", id="new-alone-comes-last"),
        pytest.param("ab", "ba", "ba", id="swap"),
        pytest.param("abcd", "dxa", "bcdxa", id="around"),
        pytest.param("", "ba", "ba", id="from-nothing"),
        pytest.param("ab", "", "ab", id="nothing-named"),
        pytest.param("aab", "b", "aab", id="duplicates-stay"),
        pytest.param("aab", "ab", "ab", id="named-duplicates-become-one"),
    ],
)
def test_the_order_of_lists(live: str, config: str, merged: str) -> None:
    found = merge({"set": list(live)}, {"set": list(config)}, LISTS)
    assert "".join(found["set"]) == merged
    found = merge({"map": [{"k": name} for name in live]}, {"map": [{"k": name} for name in config]}, LISTS)
    assert "".join(item["k"] for item in found["map"]) == merged


@pytest.mark.parametrize(
    ("config", "text"),
    [
        pytest.param({"set": ["a", "a"]}, '.set: duplicate entries for key [="a"]', id="duplicate"),
        pytest.param(
            {"map": [None]},
            ".map: element 0: associative list with keys may not have a null element",
            id="no-key",
        ),
    ],
)
def test_a_configuration_names_items_once(config: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        merge({"set": ["x"], "map": [{"k": "x"}]}, config, LISTS)
    assert str(caught.value) == text


FULL = {
    "metadata": {"labels": {"a": "1", "b": "2"}, "finalizers": ["x/y", "z/w"]},
    "spec": {
        "containers": [{"name": "a", "image": "i", "args": ["x"]}, {"name": "b"}],
        "nodeSelector": {"k": "v"},
        "nodeName": "n",
    },
}


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        pytest.param([fields_path("spec", "nodeName"), fields_path("spec", "containers")],
                     {**FULL, "spec": {"nodeSelector": {"k": "v"}}}, id="fields"),
        pytest.param([fields_path("metadata", "labels", "a"), ("f:metadata", "f:finalizers", value("x/y"))],
                     {**FULL, "metadata": {"labels": {"b": "2"}, "finalizers": ["z/w"]}}, id="keys-and-items"),
        pytest.param([fields_path("metadata", "labels", "a"), fields_path("metadata", "labels", "b")],
                     {**FULL, "metadata": {"labels": {}, "finalizers": ["x/y", "z/w"]}}, id="what-is-emptied-stays"),
        pytest.param([("f:spec", "f:containers", key({"name": "b"}))],
                     {**FULL, "spec": {**FULL["spec"], "containers": [FULL["spec"]["containers"][0]]}},  # type: ignore[dict-item]
                     id="list-item"),
        pytest.param([fields_path("spec", "nodeSelector", "k")],
                     {**FULL, "spec": {name: FULL["spec"][name] for name in ("containers", "nodeName")}},
                     id="atomic-goes-whole"),
        pytest.param([fields_path("spec", "unknown")], FULL, id="nothing"),
    ],
)  # fmt: skip
def test_remove(paths: list[tuple[str, ...]], left: Any) -> None:
    before = copy.deepcopy(FULL)
    assert remove(FULL, FieldSet.of(*paths), POD) == left
    assert before == FULL


def test_extract_keeps_keys_and_atomic_values() -> None:
    fields = FieldSet.of(
        ("f:spec", "f:containers", key({"name": "a"}), "f:image"),
        fields_path("spec", "nodeSelector"),
        fields_path("metadata", "labels", "b"),
        ("f:metadata", "f:finalizers", value("z/w")),
    )
    assert extract(FULL, fields, POD) == {
        "metadata": {"labels": {"b": "2"}, "finalizers": ["z/w"]},
        "spec": {"containers": [{"name": "a", "image": "i"}], "nodeSelector": {"k": "v"}},
    }
