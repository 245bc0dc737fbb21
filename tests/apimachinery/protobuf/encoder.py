"""Writes objects as protobuf, as Go's clients do: plain fields even when they are zero."""

import base64
import gzip
import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from apimachinery.schema.bundle import load_bundle

JSONObject = dict[str, Any]

_ZEROS = {"string": "", "bytes": "", "bool": False, "int32": 0, "int64": 0, "double": 0.0}
SCHEMA_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"


@cache
def table() -> dict[str, dict[int, tuple[str, bool, str]]]:
    """The fields of every message by number: name, whether JSON leaves out a zero, and type."""
    packed = (files("apimachinery.schema") / "v1.36.protobuf.json.gz").read_bytes()
    return {
        name: {int(number): _field(text) for number, text in fields.items()}
        for name, fields in json.loads(gzip.decompress(packed))["messages"].items()
    }


def as_go_writes(obj: JSONObject) -> JSONObject:
    """A manifest without the empty optional fields that some have, and that Go would not send: in JSON neither."""
    left_out = {"globalDefault": False, "overhead": {}}

    def kept(inner: Any) -> Any:
        if not isinstance(inner, dict):
            return inner
        return {name: kept(field) for name, field in inner.items() if left_out.get(name) != field}

    found: JSONObject = kept(obj)
    return found


def _field(text: str) -> tuple[str, bool, str]:
    name, _, kind = text.partition(" ")
    return name.removesuffix("?"), name.endswith("?"), kind


def envelope(obj: JSONObject, raw: bytes | None = None) -> bytes:
    """The body that ``obj`` is sent as; ``raw`` instead of its message when given."""
    api_version, kind = obj.get("apiVersion", ""), obj.get("kind", "")
    if raw is None:
        raw = message(load_bundle().kind(api_version, kind).name, obj)
    names = delimited(1, api_version.encode()) + delimited(2, kind.encode())
    return b"k8s\0" + delimited(1, names) + delimited(2, raw) + delimited(3, b"") + delimited(4, b"")


def varint(number: int) -> bytes:
    number &= 0xFFFFFFFFFFFFFFFF
    written = b""
    while number >= 0x80:
        written += bytes([number & 0x7F | 0x80])
        number >>= 7
    return written + bytes([number])


def key(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def delimited(number: int, content: bytes) -> bytes:
    return key(number, 2) + varint(len(content)) + content


def message(name: str, obj: JSONObject) -> bytes:
    written = b""
    for number, (title, omits_zero, kind) in sorted(table()[name].items()):
        if not title:
            written += delimited(number, message(kind[1:], obj))
        elif title in obj:
            written += _field_bytes(number, kind, obj[title])
        elif omits_zero and kind in _ZEROS:
            written += value(number, kind, _ZEROS[kind])
        elif omits_zero and kind == "time":
            written += delimited(number, b"")
    return written


def _field_bytes(number: int, kind: str, content: Any) -> bytes:
    if kind.startswith("[]"):
        return b"".join(value(number, kind[2:], entry) for entry in content)
    if kind.startswith("{}"):
        entries = (value(1, "string", name) + value(2, kind[2:], entry) for name, entry in content.items())
        return b"".join(delimited(number, entry) for entry in entries)
    return value(number, kind, content)


def value(number: int, kind: str, content: Any) -> bytes:
    """A single value of a type, with its key."""
    match kind:
        case "string":
            return delimited(number, content.encode())
        case "bytes":
            return delimited(number, base64.b64decode(content))
        case "bool" | "int32" | "int64":
            return key(number, 0) + varint(int(content))
        case "double":
            return key(number, 1) + struct.pack("<d", content)
    return delimited(number, _content(kind, content))


def _content(kind: str, content: Any) -> bytes:
    match kind:
        case "quantity":
            return delimited(1, content.encode())
        case "intorstring" if isinstance(content, int):
            return value(1, "int32", 0) + value(2, "int32", content) + delimited(3, b"")
        case "intorstring":
            return value(1, "int32", 1) + value(2, "int32", 0) + delimited(3, content.encode())
        case "time" | "microtime":
            moment = datetime.fromisoformat(content)
            seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
            return value(1, "int64", seconds) + value(2, "int32", moment.microsecond * 1000)
        case "raw":
            return delimited(1, json.dumps(content).encode())
        case "strings":
            return _field_bytes(1, "[]string", content)
        case "schemaorbool" if isinstance(content, bool):
            return value(1, "bool", content)
        case "schemaorbool":
            return value(1, "bool", True) + delimited(2, message(SCHEMA_PROPS, content))
        case "schemaorarray" | "schemaorstrings" if isinstance(content, dict):
            return delimited(1, message(SCHEMA_PROPS, content))
        case "schemaorarray":
            return b"".join(delimited(2, message(SCHEMA_PROPS, entry)) for entry in content)
        case "schemaorstrings":
            return _field_bytes(2, "[]string", content)
    return message(kind[1:], content)
