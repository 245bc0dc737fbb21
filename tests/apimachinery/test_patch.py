"""JSON patch and JSON merge patch."""

import copy
from typing import Any

import pytest

from apimachinery.patch import PatchError, PatchMismatch, apply_json_patch, apply_merge_patch

JSONObject = dict[str, Any]


class TestJSONPatch:
    @pytest.mark.parametrize(
        ("target", "operation", "patched"),
        [
            pytest.param({}, {"op": "add", "path": "/a", "value": 1}, {"a": 1}, id="add"),
            pytest.param({"a": [1]}, {"op": "add", "path": "/a/-", "value": 2}, {"a": [1, 2]}, id="append"),
            pytest.param({"a": [1]}, {"op": "add", "path": "/a/0", "value": 0}, {"a": [0, 1]}, id="insert"),
            pytest.param({"a": 1}, {"op": "remove", "path": "/a"}, {}, id="remove"),
            pytest.param({"a": 1}, {"op": "replace", "path": "/a", "value": 2}, {"a": 2}, id="replace"),
            pytest.param({"a": 1}, {"op": "move", "from": "/a", "path": "/b"}, {"b": 1}, id="move"),
            pytest.param({"a": [1]}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": [1], "b": [1]}, id="copy"),
            pytest.param({"a": 1}, {"op": "test", "path": "/a", "value": 1}, {"a": 1}, id="test"),
            pytest.param({"a/b": {"~": 1}}, {"op": "remove", "path": "/a~1b/~0"}, {"a/b": {}}, id="escapes"),
            pytest.param({"a": 1}, {"op": "replace", "path": "", "value": {"b": 1}}, {"b": 1}, id="the whole"),
        ],
    )
    def test_operations(self, target: JSONObject, operation: JSONObject, patched: JSONObject) -> None:
        before = copy.deepcopy(target)
        assert apply_json_patch(target, [operation]) == patched
        assert target == before

    @pytest.mark.parametrize(
        "patch",
        [
            pytest.param([{"op": "test", "path": "/a", "value": 2}], id="a test that does not hold"),
            pytest.param([{"op": "test", "path": "/b", "value": 1}], id="a test of what is not there"),
            pytest.param([{"op": "remove", "path": "/b"}], id="nothing to remove"),
            pytest.param([{"op": "replace", "path": "/b", "value": 1}], id="nothing to replace"),
            pytest.param([{"op": "add", "path": "/b/c", "value": 1}], id="no parent"),
            pytest.param([{"op": "add", "path": "/list/9", "value": 1}], id="past the end"),
            pytest.param([{"op": "add", "path": "/list/x", "value": 1}], id="no index"),
            pytest.param([{"op": "move", "from": "/b", "path": "/c"}], id="nothing to move"),
            pytest.param([{"op": "add", "path": "/a/b", "value": 1}], id="a number has no members"),
        ],
    )
    def test_what_does_not_fit(self, patch: list[JSONObject]) -> None:
        target = {"a": 1, "list": [1]}
        with pytest.raises(PatchMismatch):
            apply_json_patch(target, [{"op": "add", "path": "/new", "value": 1}, *patch])
        assert target == {"a": 1, "list": [1]}

    @pytest.mark.parametrize(
        "patch",
        [
            pytest.param({"op": "add"}, id="no list"),
            pytest.param("add", id="text"),
            pytest.param([1], id="no operation"),
            pytest.param([{"op": "add"}], id="no path"),
            pytest.param([{"op": "grow", "path": "/a"}], id="unknown operation"),
            pytest.param([{"op": "add", "path": "/a"}], id="no value"),
            pytest.param([{"op": "add", "path": "a", "value": 1}], id="no pointer"),
            pytest.param([{"op": "add", "path": 1, "value": 1}], id="the path is a number"),
            pytest.param([{"op": "move", "path": "/b"}], id="from nowhere"),
            pytest.param([{"op": "replace", "path": "", "value": 1}], id="no object is left"),
            pytest.param([{"op": "remove", "path": ""}], id="nothing is left"),
            pytest.param([None], id="null"),
        ],
    )
    def test_what_is_malformed(self, patch: Any) -> None:
        with pytest.raises(PatchError):
            apply_json_patch({"a": 1}, patch)


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch(target: Any, patch: Any, merged: Any) -> None:
    """The table of RFC 7386's appendix."""
    before = copy.deepcopy(target)
    assert apply_merge_patch(target, patch) == merged
    assert target == before
