"""Pruning, defaults and checks of values by a structural schema."""

from typing import Any

import pytest

from apiserver.apiextensions import objects
from apiserver.apiextensions.values import ValueValidator

JSONObject = dict[str, Any]


def of(**properties: Any) -> JSONObject:
    return {"type": "object", "properties": properties}


STRING, INTEGER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("schema", "obj", "kept", "dropped"),
    [
        pytest.param(of(a=STRING), {"a": "1", "b": 2}, {"a": "1"}, ["b"], id="unknown"),
        pytest.param(
            of(),
            {"apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}, "other": 1},
            {"apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}},
            ["other"],
            id="every-objects-own",
        ),
        pytest.param(
            of(list={"type": "array", "items": of(a=STRING)}),
            {"list": [{"a": "1"}, {"b": 1}]},
            {"list": [{"a": "1"}, {}]},
            ["list[1].b"],
            id="in-lists",
        ),
        pytest.param(
            of(map={"type": "object", "additionalProperties": of(a=STRING)}),
            {"map": {"x": {"a": "1", "b": 1}}},
            {"map": {"x": {"a": "1"}}},
            ["map.x.b"],
            id="in-maps",
        ),
        pytest.param(
            of(any={"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"known": of()}}),
            {"any": {"free": {"deep": 1}, "known": {"x": 1}}},
            {"any": {"free": {"deep": 1}, "known": {}}},
            ["any.known.x"],
            id="preserved-but-for-what-is-declared",
        ),
        pytest.param(
            of(inner={"type": "object", "x-kubernetes-embedded-resource": True}),
            {"inner": {"kind": "Pod", "metadata": {"name": "x"}, "spec": {}}},
            {"inner": {"kind": "Pod", "metadata": {"name": "x"}}},
            ["inner.spec"],
            id="embedded",
        ),
    ],
)
def test_pruning(schema: JSONObject, obj: JSONObject, kept: JSONObject, dropped: list[str]) -> None:
    assert objects.prune(obj, schema) == dropped
    assert obj == kept


@pytest.mark.parametrize(
    ("schema", "obj", "expected"),
    [
        pytest.param(of(a={**STRING, "default": "x"}), {}, {"a": "x"}, id="missing"),
        pytest.param(of(a={**STRING, "default": "x"}), {"a": ""}, {"a": ""}, id="there"),
        pytest.param(of(a={**STRING, "default": "x"}), {"a": None}, {"a": "x"}, id="null"),
        pytest.param(of(a={**STRING, "default": "x", "nullable": True}), {"a": None}, {"a": None}, id="nullable"),
        pytest.param(of(a=of(b={**STRING, "default": "x"})), {}, {}, id="not-in-what-is-missing"),
        pytest.param(
            of(a={**of(b={**STRING, "default": "x"}), "default": {}}), {}, {"a": {"b": "x"}}, id="in-a-default"
        ),
        pytest.param(
            of(a={"type": "array", "items": of(b={**INTEGER, "default": 3})}),
            {"a": [{}, {"b": 1}]},
            {"a": [{"b": 3}, {"b": 1}]},
            id="in-lists",
        ),
    ],
)
def test_defaults(schema: JSONObject, obj: JSONObject, expected: JSONObject) -> None:
    objects.default(obj, schema)
    assert obj == expected
    assert objects.has_defaults(schema)


def test_defaults_are_not_shared() -> None:
    schema = of(a={"type": "array", "items": STRING, "default": []})
    one: JSONObject = {}
    other: JSONObject = {}
    objects.default(one, schema)
    objects.default(other, schema)
    one["a"].append("x")
    assert other == {"a": []}


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        pytest.param(INTEGER, "a", 'Invalid value: "string": x in body must be of type integer: "string"', id="type"),
        pytest.param(STRING, None, 'Invalid value: "null": x in body must be of type string: "null"', id="null"),
        pytest.param(
            {**INTEGER, "maximum": 10.0},
            11,
            "Invalid value: 11: x in body should be less than or equal to 10",
            id="maximum",
        ),
        pytest.param(
            {**INTEGER, "minimum": 1, "exclusiveMinimum": True},
            1,
            "Invalid value: 1: x in body should be greater than 1",
            id="exclusive-minimum",
        ),
        pytest.param(
            {**STRING, "pattern": "^a+$"}, "b", "Invalid value: \"b\": x in body should match '^a+$'", id="pattern"
        ),
        pytest.param(
            {**STRING, "enum": ["a", "b"]}, "c", 'Unsupported value: "c": supported values: "a", "b"', id="enum"
        ),
        pytest.param({**STRING, "maxLength": 2}, "abc", "Too long: may not be more than 2 bytes", id="max-length"),
        pytest.param(
            {**STRING, "minLength": 2},
            "a",
            'Invalid value: "a": x in body should be at least 2 chars long',
            id="min-length",
        ),
        pytest.param(
            {"type": "array", "items": STRING, "maxItems": 1},
            ["a", "b"],
            "Too many: 2: must have at most 1 items",
            id="max-items",
        ),
        pytest.param(
            {**STRING, "format": "date-time"},
            "today",
            'Invalid value: "today": x in body must be of type date-time: "today"',
            id="format",
        ),
        pytest.param(
            {**STRING, "format": "cidr"},
            "10.0.0.1",
            'Invalid value: "10.0.0.1": x in body must be of type cidr: "10.0.0.1"',
            id="own-format",
        ),
        pytest.param(
            {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {},
            "Invalid value: {}: x in body must validate one and only one schema (oneOf). Found none valid",
            id="one-of",
        ),
        pytest.param(
            {"x-kubernetes-int-or-string": True},
            True,
            'Invalid value: "boolean": x in body must be of type integer,string: "boolean"',
            id="int-or-string",
        ),
    ],
)
def test_values_in_upstreams_words(declared: JSONObject, value: Any, message: str) -> None:
    (cause,) = ValueValidator(of(x=declared)).validate({"x": value})
    assert (cause.field, cause.message) == ("x", message)


def test_what_is_required() -> None:
    validator = ValueValidator(of(spec={**of(a=STRING), "required": ["a"]}))
    (cause,) = validator.validate({"spec": {}})
    assert (cause.field, cause.message, cause.reason) == ("spec.a", "Required value", "FieldValueRequired")
    assert validator.validate({"spec": {"a": ""}}) == []


def test_items_of_sets_and_maps_differ() -> None:
    keyed = {
        "type": "array",
        "items": of(k=STRING),
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
    }
    plain = {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}
    validator = ValueValidator(of(spec=of(m=keyed, s=plain)))
    causes = validator.validate({"spec": {"m": [{"k": "a"}, {"k": "b"}, {"k": "a"}], "s": ["x", "x"]}})
    assert [(cause.field, cause.message) for cause in causes] == [
        ("spec.m[2]", 'Duplicate value: {"k":"a"}'),
        ("spec.s[1]", 'Duplicate value: "x"'),
    ]
