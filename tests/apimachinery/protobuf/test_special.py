"""Messages whose JSON is no object of their fields."""

from typing import Any

import pytest

from apimachinery.protobuf.special import SPECIAL
from apimachinery.schema.decoder import DecodeError


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        pytest.param("quantity", {"string": "1Gi"}, "1Gi", id="quantity"),
        pytest.param("quantity", {}, "0", id="no-quantity"),
        pytest.param("intorstring", {"type": 0, "intVal": 8080, "strVal": ""}, 8080, id="int"),
        pytest.param("intorstring", {"type": 1, "intVal": 7, "strVal": "http"}, "http", id="string"),
        pytest.param("intorstring", {"type": 1}, "", id="empty-string"),
        pytest.param("intorstring", {}, 0, id="no-int"),
        pytest.param("time", {"seconds": 0, "nanos": 999_999_999}, "1970-01-01T00:00:00Z", id="time"),
        pytest.param("time", {"seconds": -1, "nanos": 0}, "1969-12-31T23:59:59Z", id="before-1970"),
        pytest.param("time", {}, None, id="no-time"),
        pytest.param("microtime", {"seconds": 1, "nanos": 1_999}, "1970-01-01T00:00:01.000001Z", id="microtime"),
        pytest.param("microtime", {"seconds": 1, "nanos": -1}, "1970-01-01T00:00:00.999999Z", id="negative-nanos"),
        pytest.param("microtime", {}, None, id="no-microtime"),
        pytest.param("raw", {"raw": {"a": [1]}}, {"a": [1]}, id="raw"),
        pytest.param("raw", {}, None, id="no-raw"),
        pytest.param("strings", {"items": ["a"]}, ["a"], id="strings"),
        pytest.param("strings", {}, [], id="no-strings"),
        pytest.param("schemaorbool", {"allows": True, "schema": {}}, {}, id="schema-and-true"),
        pytest.param("schemaorbool", {"allows": True}, True, id="true"),
        pytest.param("schemaorbool", {"allows": False}, False, id="false"),
        pytest.param("schemaorbool", {}, False, id="nothing-is-false"),
        pytest.param("schemaorarray", {"schema": {}}, {}, id="schema"),
        pytest.param("schemaorarray", {"schemas": [{}, {}]}, [{}, {}], id="schemas"),
        pytest.param("schemaorarray", {}, None, id="no-schema"),
        pytest.param("schemaorstrings", {"schema": {"type": "object"}}, {"type": "object"}, id="dependency"),
        pytest.param("schemaorstrings", {"property": ["a"]}, ["a"], id="dependencies"),
    ],
)
def test_json(name: str, fields: dict[str, Any], expected: Any) -> None:
    assert SPECIAL[name].to_json(fields) == expected


@pytest.mark.parametrize(
    ("name", "fields", "text"),
    [
        pytest.param("intorstring", {"type": 2}, "impossible IntOrString.Type", id="neither-int-nor-string"),
        pytest.param("time", {"seconds": 2**62}, "year outside of range", id="far-future"),
        pytest.param("time", {"seconds": -(2**63)}, "year outside of range", id="far-past"),
        pytest.param("microtime", {"seconds": 253402300800}, "year outside of range", id="year-10000"),
    ],
)
def test_refused(name: str, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(DecodeError, match=text):
        SPECIAL[name].to_json(fields)
