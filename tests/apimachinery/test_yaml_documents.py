"""YAML read as another way to write JSON."""

from typing import Any

import pytest

from apimachinery.yaml_documents import YAMLError, duplicate_keys, parse, strict_error


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}, id="json"),
        pytest.param("a: yes\nb: Off\nc: y\nd: N", {"a": True, "b": False, "c": True, "d": False}, id="booleans"),
        pytest.param("a: 'yes'\nb: \"1\"", {"a": "yes", "b": "1"}, id="quoted"),
        pytest.param(
            "a: 010\nb: 0o17\nc: 0x10\nd: 0b11\ne: 1_000", {"a": 8, "b": 15, "c": 16, "d": 3, "e": 1000}, id="int"
        ),
        pytest.param("a: -1\nb: +2\nc: 18446744073709551615", {"a": -1, "b": 2, "c": 2**64 - 1}, id="signs"),
        pytest.param("a: 1.5\nb: .5\nc: 1e3\nd: 2.0", {"a": 1.5, "b": 0.5, "c": 1000, "d": 2}, id="floats"),
        pytest.param("a: 2001-01-01\nb: 22:22\nc: 1.2.3", {"a": "2001-01-01", "b": "22:22", "c": "1.2.3"}, id="text"),
        pytest.param("a: ~\nb:\nc: null", {"a": None, "b": None, "c": None}, id="null"),
        pytest.param("1: a\ntrue: b\n1.5: c", {"1": "a", "true": "b", "1.5": "c"}, id="keys"),
        pytest.param(
            "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}",
            {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}},
            id="aliases",
        ),
        pytest.param("a: 1\na: 2", {"a": 2}, id="the-last-counts"),
        pytest.param("", None, id="nothing"),
        pytest.param("# only a comment", None, id="comment"),
        pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="block"),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert parse(text.encode()) == value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(
            b"a: b: c", "error converting YAML to JSON: yaml: line 1: mapping values are not allowed", id="map"
        ),
        pytest.param(b"a: *x", "found undefined alias", id="alias"),
        pytest.param(b"\xff\xfe\xfd", "yaml: ", id="encoding"),
        pytest.param(b"[" * 300, "yaml: exceeded max depth", id="depth"),
        pytest.param(b"a: " + b"{a: " * 200_000, "yaml: exceeded max depth", id="a-depth-that-would-break-the-stack"),
        pytest.param(b"a: .inf", "json: unsupported value: inf", id="infinity"),
        pytest.param(b"? [a]\n: b", "error converting YAML to JSON: ", id="key"),
        pytest.param(b"a: !!binary aGk=", "unsupported type bytes", id="binary"),
        pytest.param(b"a: 0x" + b"f" * 20_000, "cannot decode a number of 80000 bits", id="a-number-beyond-floats"),
        pytest.param(b"a: !!int x", "error converting YAML to JSON: ", id="word-as-integer"),
        pytest.param(b"a: !!int ''", "error converting YAML to JSON: ", id="nothing-as-integer"),
        pytest.param(b"a: !!bool x", "cannot decode !!str `x` as a !!bool", id="word-as-boolean"),
        pytest.param(b"a: !!timestamp x", "cannot decode !!timestamp", id="word-as-time"),
        pytest.param(b"a: !!timestamp 2026-01-01", "cannot decode !!timestamp", id="time"),
        pytest.param(b"a: !!pairs [b: c]", "unsupported type tuple", id="pairs"),
        pytest.param(b"a: !go x", "could not determine a constructor", id="tag"),
        pytest.param(b"a: 1\n---\nb: 2", "yaml: ", id="two-documents"),
    ],
)
def test_what_cannot_be_read(body: bytes, text: str) -> None:
    with pytest.raises(YAMLError) as caught:
        parse(body)
    assert text in str(caught.value)


def test_aliases_cannot_make_much_of_little() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    with pytest.raises(YAMLError, match="document contains excessive aliasing"):
        parse("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("a: 1\nb: 2", [], id="none"),
        pytest.param("a: 1\nb:\n  c: 1\n  c: 2\na: 3", ['line 4: key "c"', 'line 5: key "a"'], id="two"),
        pytest.param('{"a": 1, "a": 2}', ['line 1: key "a"'], id="json"),
        pytest.param("- a: 1\n  a: 2", ['line 2: key "a"'], id="in-a-list"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_duplicate_keys(text: str, problems: list[str]) -> None:
    assert duplicate_keys(text.encode()) == [f"{problem} already set in map" for problem in problems]


def test_the_strict_error_lists_them() -> None:
    assert strict_error(["line 9: x"]) == "error converting YAML to JSON: yaml: unmarshal errors:\n  line 9: x"
