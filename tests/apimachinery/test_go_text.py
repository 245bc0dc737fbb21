"""JSON values in Go's words."""

from typing import Any

import pytest

from apimachinery.go_text import plain, type_name


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
