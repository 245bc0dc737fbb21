"""Messages whose JSON is not an object of their fields: what they hold, and what their JSON is.

The names are those of the types in the generated table. The rules are the ``MarshalJSON`` methods of
``k8s.io/apimachinery`` and ``k8s.io/apiextensions-apiserver``, v0.36.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apimachinery.clock import rfc3339, rfc3339_micro
from apimachinery.schema.decoder import DecodeError

JSONObject = dict[str, Any]

_SCHEMA_PROPS = "#io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP = {1: "seconds int64", 2: "nanos int32"}


@dataclass(frozen=True, slots=True)
class Special:
    """``to_json`` gets the message's fields and returns the value; ``None`` is JSON's null."""

    fields: Mapping[int, str]
    to_json: Callable[[JSONObject], Any]


def _int_or_string(found: JSONObject) -> int | str:
    kind = found.get("type", 0)
    if kind not in {0, 1}:
        raise DecodeError("impossible IntOrString.Type")
    text: str = found.get("strVal", "")
    number: int = found.get("intVal", 0)
    return text if kind else number


def _moment(seconds: int, nanos: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
    except OverflowError:
        raise DecodeError("Time.MarshalJSON: year outside of range [0,9999]") from None


def _time(found: JSONObject) -> str | None:
    """Return the time in whole seconds, as all JSON has it; an empty message is no time at all."""
    return rfc3339(_moment(found.get("seconds", 0), 0)) if found else None


def _micro_time(found: JSONObject) -> str | None:
    return rfc3339_micro(_moment(found.get("seconds", 0), found.get("nanos", 0))) if found else None


def _schema_or_bool(found: JSONObject) -> Any:
    return found["schema"] if "schema" in found else found.get("allows", False)


SPECIAL: Mapping[str, Special] = {
    "quantity": Special({1: "string string"}, lambda found: found.get("string") or "0"),
    "intorstring": Special({1: "type int32", 2: "intVal int32", 3: "strVal string"}, _int_or_string),
    "time": Special(_TIMESTAMP, _time),
    "microtime": Special(_TIMESTAMP, _micro_time),
    "raw": Special({1: "raw json"}, lambda found: found.get("raw")),
    "strings": Special({1: "items []string"}, lambda found: found.get("items", [])),
    "schemaorbool": Special({1: "allows bool", 2: f"schema {_SCHEMA_PROPS}"}, _schema_or_bool),
    "schemaorarray": Special(
        {1: f"schema {_SCHEMA_PROPS}", 2: f"schemas []{_SCHEMA_PROPS}"},
        lambda found: found.get("schemas") or found.get("schema"),
    ),
    "schemaorstrings": Special(
        {1: f"schema {_SCHEMA_PROPS}", 2: "property []string"},
        lambda found: found.get("property") or found.get("schema"),
    ),
}
