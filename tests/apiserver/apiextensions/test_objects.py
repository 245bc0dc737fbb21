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
        pytest.param(
            of(a=STRING, b={**STRING, "nullable": True}, c={**STRING, "default": "x"}),
            {"a": None, "b": None, "c": None},
            {"b": None, "c": None},
            [],
            id="nulls",
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


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        pytest.param(
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {},
            [
                ("<nil>", 'Invalid value: "": "x" must validate one and only one schema (oneOf). Found none valid'),
                ("x.a", "Required value"),
            ],
            id="none-of-one",
        ),
        pytest.param(
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]},
            {"a": 1, "b": 2},
            [
                (
                    "<nil>",
                    'Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
                )
            ],
            id="two-of-one",
        ),
        pytest.param(
            {"anyOf": [{"required": ["a"]}, {"properties": {"b": {"minimum": 3}}}]},
            {"b": 1},
            [
                ("<nil>", 'Invalid value: "": "x" must validate at least one schema (anyOf)'),
                ("x.b", "Invalid value: 1: x.b in body should be greater than or equal to 3"),
            ],
            id="the-nearest-of-any",
        ),
        pytest.param(
            {"allOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {"b": 1},
            [
                ("x.a", "Required value"),
                ("<nil>", 'Invalid value: "": "x" must validate all the schemas (allOf)'),
            ],
            id="not-all",
        ),
        pytest.param(
            {"not": {"required": ["b"]}},
            {"b": 1},
            [("<nil>", 'Invalid value: "": "x" must not validate the schema (not)')],
            id="not",
        ),
    ],
)
def test_junctions(declared: JSONObject, value: Any, expected: list[tuple[str, str]]) -> None:
    plain = {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}}
    causes = ValueValidator(of(x={**plain, **declared})).validate({"x": value})
    assert [(cause.field, cause.message) for cause in causes] == expected


KEYED = {
    "type": "array",
    "items": of(k=STRING, n={**INTEGER, "maximum": 5}),
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k"],
}


@pytest.mark.parametrize(
    ("declared", "old", "new", "fields"),
    [
        pytest.param({**INTEGER, "maximum": 5}, 9, 9, [], id="unchanged"),
        pytest.param({**INTEGER, "maximum": 5}, 9, 8, ["spec.x"], id="changed"),
        pytest.param({**of(a=STRING), "required": ["a"]}, {}, {}, [], id="missing-in-what-is-unchanged"),
        pytest.param(
            {**of(a=STRING, b=STRING), "required": ["a"]}, {}, {"b": "1"}, ["spec.x.a"], id="missing-in-what-changes"
        ),
        pytest.param(KEYED, [{"k": "a", "n": 9}], [{"k": "b"}, {"k": "a", "n": 9}], [], id="the-same-by-its-key"),
        pytest.param(
            {"type": "array", "items": {**INTEGER, "maximum": 5}}, [9], [9, 1], ["spec.x[0]"], id="lists-are-whole"
        ),
        pytest.param({**INTEGER, "maximum": 0}, True, 1, ["spec.x"], id="one-is-not-true"),
    ],
)
def test_what_was_wrong_may_stay(declared: JSONObject, old: Any, new: Any, fields: list[str]) -> None:
    validator = ValueValidator(of(spec=of(x=declared, other=STRING)))
    before, after = {"spec": {"x": old}}, {"spec": {"x": new, "other": "changed"}}
    assert [cause.field for cause in validator.validate_update(after, before)] == fields


def test_a_list_with_equal_items_may_stay_so() -> None:
    validator = ValueValidator(of(spec=of(m=KEYED)))
    twice = {"spec": {"m": [{"k": "a"}, {"k": "a"}]}}
    assert validator.validate_update(twice, twice) == []
    assert [cause.field for cause in validator.validate_update(twice, {"spec": {}})] == ["spec.m[1]"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        pytest.param(
            "uuid4", "0189d2a4-3b3c-4d5e-8f90-123456789abc", "0189d2a4-3b3c-1d5e-8f90-123456789abc", id="uuid4"
        ),
        pytest.param("uri", "/a/path", "a path", id="uri"),
        pytest.param("isbn", "978-3-16-148410-0", "978-3-16-148410-1", id="isbn"),
        pytest.param("creditcard", "4111 1111 1111 1111", "4111 1111 1111 1112", id="creditcard"),
        pytest.param("hexcolor", "#ff8800", "#ff88zz", id="hexcolor"),
        pytest.param("duration", "1h30m", "soon", id="duration"),
        pytest.param("datetime", "2026-01-02T03:04:05Z", "2026-13-02", id="datetime"),
        pytest.param("k8s-short-name", "a-b", "a.b", id="k8s-short-name"),
    ],
)
def test_formats(name: str, good: str, bad: str) -> None:
    validator = ValueValidator(of(x={**STRING, "format": name}))
    assert validator.validate({"x": good}) == []
    (cause,) = validator.validate({"x": bad})
    assert cause.reason == "FieldValueTypeInvalid"


def test_patterns_are_those_of_go() -> None:
    validator = ValueValidator(of(x={**STRING, "pattern": r"(?i)^[[:alpha:]_]+\z"}))
    assert validator.validate({"x": "Ab_c"}) == []
    assert len(validator.validate({"x": "a1"})) == 1


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
