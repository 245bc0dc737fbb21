"""Field sets: their operations against plain sets of paths, their spelling, what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimachinery.structured_merge.fieldpath import (
    ANY,
    FieldSet,
    Path,
    element_text,
    excluding,
    field,
    fields_path,
    including,
    index,
    key,
    path_text,
    value,
)

ELEMENTS = [field("a"), field("b"), key({"name": "x"}), value(1), index(2)]
PATHS = st.sets(st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=4).map(tuple), max_size=12)


def paths_of(fields: FieldSet) -> set[Path]:
    return set(fields)


@given(PATHS)
def test_a_set_holds_the_paths_it_was_made_of(paths: set[Path]) -> None:
    fields = FieldSet.of(*paths)
    assert paths_of(fields) == paths
    assert all(path in fields for path in paths)
    assert bool(fields) == bool(paths)
    assert FieldSet.parse(fields.tree) == fields


@given(PATHS, PATHS)
def test_operations_are_those_of_sets(one: set[Path], other: set[Path]) -> None:
    a, b = FieldSet.of(*one), FieldSet.of(*other)
    assert paths_of(a.union(b)) == one | other
    assert paths_of(a.intersection(b)) == one & other
    assert paths_of(a.difference(b)) == one - other
    covered = {path for path in one if any(path[: len(parent)] == parent for parent in other)}
    assert paths_of(a.recursive_difference(b)) == one - covered
    assert paths_of(a) == one
    assert paths_of(b) == other


@given(PATHS, PATHS)
def test_equal_sets_have_equal_trees(one: set[Path], other: set[Path]) -> None:
    assert FieldSet.of(*one).union(FieldSet.of(*other)) == FieldSet.of(*(one | other))
    assert FieldSet.of(*one).difference(FieldSet.of(*other)) == FieldSet.of(*(one - other))
    assert FieldSet.of(*one).intersection(FieldSet.of(*other)) == FieldSet.of(*(one & other))


def test_leaves_are_the_paths_with_none_below_them() -> None:
    fields = FieldSet.of(("f:a",), ("f:a", "f:b"), ("f:c",))
    assert paths_of(fields.leaves()) == {("f:a", "f:b"), ("f:c",)}
    assert paths_of(fields.below("f:a")) == {("f:b",)}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(fields_path("spec", "replicas"), ".spec.replicas", id="fields"),
        pytest.param(("f:containers", key({"name": "web"}), "f:image"), '.containers[name="web"].image', id="key"),
        pytest.param(
            ("f:ports", key({"protocol": "TCP", "containerPort": 80})),
            '.ports[containerPort=80,protocol="TCP"]',
            id="keys-in-order",
        ),
        pytest.param(("f:finalizers", value("a/b")), '.finalizers[="a/b"]', id="value"),
        pytest.param(("f:list", index(3)), ".list[3]", id="index"),
        pytest.param(("f:set", value(True)), ".set[=true]", id="boolean"),
        pytest.param(("f:set", value(1.5)), ".set[=1.5]", id="float"),
    ],
)
def test_paths_are_written_as_upstream_does(path: Path, text: str) -> None:
    assert path_text(path) == text


def test_the_wire_form_is_upstreams() -> None:
    fields = FieldSet.of(
        fields_path("spec", "replicas"),
        ("f:spec", "f:containers", key({"name": "a"})),
        ("f:spec", "f:containers", key({"name": "a"}), "f:image"),
    )
    assert fields.tree == {
        "f:spec": {"f:replicas": {}, "f:containers": {'k:{"name":"a"}': {".": {}, "f:image": {}}}},
    }


@pytest.mark.parametrize(
    ("given_tree", "expected"),
    [
        pytest.param({'k:{"b": 1, "a": 2}': {}}, {'k:{"a":2,"b":1}': {}}, id="keys-are-sorted"),
        pytest.param({"f:a": {".": {}}}, {"f:a": {}}, id="member-alone"),
        pytest.param({"x:what": {}, "f:a": {}}, {"f:a": {}}, id="unknown-kinds-are-dropped"),
        pytest.param({".": {}}, {}, id="the-whole-is-not-tracked"),
    ],
)
def test_what_a_client_sent_is_brought_to_one_spelling(given_tree: Any, expected: Any) -> None:
    assert FieldSet.parse(given_tree).tree == expected


@pytest.mark.parametrize(
    "given_tree",
    [
        pytest.param([], id="no-map"),
        pytest.param({"f:a": 1}, id="no-map-below"),
        pytest.param({"a": {}}, id="too-short"),
        pytest.param({"name": {}}, id="no-colon"),
        pytest.param({"k:{": {}}, id="bad-key"),
        pytest.param({"k:1": {}}, id="key-no-map"),
        pytest.param({"i:x": {}}, id="bad-index"),
    ],
)
def test_what_is_no_field_set_is_refused(given_tree: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        FieldSet.parse(given_tree)


def test_element_text_of_nested_values() -> None:
    assert element_text(value([1, {"a": None}])) == "[=[1,{a=null}]]"


def test_filters() -> None:
    container = key({"name": "a"})
    fields = FieldSet.of(
        fields_path("status", "phase"),
        ("f:spec", "f:containers", container),
        ("f:spec", "f:containers", container, "f:image"),
        ("f:spec", "f:containers", container, "f:resources", "f:limits"),
    )
    assert paths_of(excluding(fields_path("spec"))(fields)) == {fields_path("status", "phase")}
    resources = including(("f:spec", "f:containers", ANY, "f:resources"))
    assert paths_of(resources(fields)) == {("f:spec", "f:containers", container, "f:resources", "f:limits")}
    assert paths_of(including(fields_path("status"))(fields)) == {fields_path("status", "phase")}


@pytest.mark.parametrize("item", [2**64, "\ud800"])
def test_what_json_cannot_hold_has_no_element(item: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        value(item)
    with pytest.raises(ValueError, match=r".+"):
        key({"name": item})
