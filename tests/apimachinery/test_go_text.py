"""JSON values in Go's words, and numbers as Go reads them."""

from typing import Any

import pytest

from apimachinery.go_text import integer, plain, quote, type_name


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (None, "<nil>", "<nil>"),
        (True, "true", "bool"),
        (3, "3", "int64"),
        (1.5, "1.5", "float64"),
        ("a b", "a b", "string"),
        ([1, "x"], "[1 x]", "[]interface {}"),
        ({"b": {"c": None}, "a": [1]}, "map[a:[1] b:map[c:<nil>]]", "map[string]interface {}"),
    ],
)
def test_values(value: Any, text: str, kind: str) -> None:
    assert plain(value) == text
    assert type_name(value) == kind


@pytest.mark.parametrize(
    ("text", "function", "number"),
    [
        ("0", "ParseInt", 0),
        ("-7", "ParseInt", -7),
        ("+7", "Atoi", 7),
        ("0" * 5000 + "7", "ParseInt", 7),
        (str(2**63 - 1), "ParseInt", 2**63 - 1),
        (str(-(2**63)), "ParseInt", -(2**63)),
        (str(2**64 - 1), "ParseUint", 2**64 - 1),
    ],
)
def test_integers(text: str, function: str, number: int) -> None:
    assert integer(text, function) == number


@pytest.mark.parametrize(
    ("text", "function", "problem"),
    [
        pytest.param("", "ParseInt", "invalid syntax", id="nothing"),
        pytest.param("-", "ParseInt", "invalid syntax", id="sign"),
        pytest.param("1_0", "ParseInt", "invalid syntax", id="underscore"),
        pytest.param(" 1", "ParseInt", "invalid syntax", id="space"),
        pytest.param("٣", "ParseInt", "invalid syntax", id="another-script"),
        pytest.param("²", "ParseUint", "invalid syntax", id="superscript"),
        pytest.param("+1", "ParseUint", "invalid syntax", id="unsigned"),
        pytest.param(str(2**63), "Atoi", "value out of range", id="beyond"),
        pytest.param(str(-(2**63) - 1), "ParseInt", "value out of range", id="below"),
        pytest.param(str(2**64), "ParseUint", "value out of range", id="beyond-unsigned"),
        pytest.param("9" * 5000, "ParseInt", "value out of range", id="more-digits-than-python-reads"),
    ],
)
def test_what_is_no_integer(text: str, function: str, problem: str) -> None:
    with pytest.raises(ValueError, match="strconv") as caught:
        integer(text, function)
    assert str(caught.value) == f'strconv.{function}: parsing "{text}": {problem}'


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain", '"plain"'),
        ('say "hi"\\', '"say \\"hi\\"\\\\"'),
        ("a\n\tb\x00", '"a\\n\\tb\\x00"'),
        ("grün 漢", '"grün 漢"'),
        ("\u200b\U000e0001", '"\\u200b\\U000e0001"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted
