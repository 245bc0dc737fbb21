"""Protobuf messages of the built-in kinds, read into the JSON objects that Go would write for them.

The wire does not tell everything: Go's clients send a plain field even when it is zero, and a pointer only when it is
set. JSON leaves a plain field out when it is zero and optional, and keeps what a pointer leads to. So the table marks
the fields of the first sort, whose zeros are dropped here, and all other values stay: ``replicas: 0`` of a Deployment,
a pointer, is kept, and its ``minReadySeconds: 0``, which is none, is not.

A field that a message does not have is passed over without a word, under strict field validation too, as upstream does.
"""

import base64
import gzip
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from apimachinery.protobuf import wire
from apimachinery.protobuf.special import SPECIAL
from apimachinery.schema.decoder import DecodeError

JSONObject = dict[str, Any]

Reader = Callable[[bytes, int, int, int], Any]
"""Takes the bytes, where a value begins and ends, and how deep it lies; returns its JSON."""


class _Mode(IntEnum):
    """What becomes of a value that was read."""

    SET = 0
    """It is the field's; null means that there is none."""
    NEST = 1
    """It is an object, and adds to the one that was sent before, or to the outer one."""
    ADD = 2
    """It is one of a list."""
    EXTEND = 3
    """It is several of a list."""
    ENTER = 4
    """It is a key and a value of a map."""


_SET, _NEST, _ADD, _EXTEND, _ENTER = _Mode


@dataclass(frozen=True, slots=True)
class _Field:
    """One form that a field may be sent in."""

    name: str
    mode: _Mode
    read: Reader
    omit_zero: bool = False
    message: str = ""
    """What a nested object is."""


@dataclass(frozen=True, slots=True)
class _Message:
    """``fields`` are found by number and wire type together, as both stand before each value."""

    title: str
    fields: Mapping[int, _Field]
    names: Mapping[int, str]


class Messages:
    """All messages of one version. What a message consists of is worked out when the first of it is read."""

    def __init__(self, table: Mapping[str, Mapping[str, str]]) -> None:
        self._table = table
        self._compiled: dict[str, _Message] = {}

    def decode(self, name: str, data: bytes) -> JSONObject:
        """Return the JSON of a message; ``name`` is its type's in the schema.

        Raises :class:`~apimachinery.schema.decoder.DecodeError` for bytes that are no such message.
        """
        found: JSONObject = {}
        self._fill(found, name, data, 0, len(data), 0)
        return found

    def _fill(self, found: JSONObject, name: str, data: bytes, position: int, end: int, depth: int) -> None:
        """Read a message's fields into ``found``."""
        if depth > wire.MAX_DEPTH:
            raise DecodeError("exceeded max depth")
        message = self._compiled.get(name) or self._compile(name)
        fields = message.fields
        while position < end:
            key, position = wire.varint(data, position, end)
            field = fields.get(key)
            if field is None:
                position = _pass_over(message, data, key, position, end)
                continue
            start, position = wire.extent(data, key, position, end)
            mode = field.mode
            if mode is _SET:
                value = field.read(data, start, position, depth)
                if value is None or (field.omit_zero and not value):
                    found.pop(field.name, None)
                else:
                    found[field.name] = value
            elif mode is _NEST:
                target = found.setdefault(field.name, {}) if field.name else found
                self._fill(target, field.message, data, start, position, depth + 1)
                if field.omit_zero and not target:
                    del found[field.name]
            elif mode is _ADD:
                found.setdefault(field.name, []).append(field.read(data, start, position, depth))
            elif mode is _EXTEND:
                found.setdefault(field.name, []).extend(field.read(data, start, position, depth))
            else:
                name_of_entry, value = field.read(data, start, position, depth)
                if value is not None:
                    found.setdefault(field.name, {})[name_of_entry] = value

    def _compile(self, name: str) -> _Message:
        special = SPECIAL.get(name)
        table = special.fields if special else {int(number): text for number, text in self._table[name].items()}
        fields: dict[int, _Field] = {}
        names: dict[int, str] = {}
        for number, text in table.items():
            title, _, kind = text.partition(" ")
            names[number] = title.removesuffix("?") or kind.rpartition(".")[2]
            fields |= {number << 3 | wire_type: field for wire_type, field in self._forms(title, kind)}
        found = self._compiled[name] = _Message(name.rpartition(".")[2], fields, names)
        return found

    def _forms(self, title: str, kind: str) -> list[tuple[int, _Field]]:
        """Return the forms that a field comes in, by wire type."""
        name, omit_zero = title.removesuffix("?"), title.endswith("?")
        if kind.startswith("{}"):
            return [(wire.DELIMITED, _Field(name, _ENTER, self._entry_reader(kind[2:])))]
        if kind.startswith("[]"):
            wire_type, read = self._reader(kind[2:])
            forms = [(wire_type, _Field(name, _ADD, read))]
            if wire_type != wire.DELIMITED:
                forms.append((wire.DELIMITED, _Field(name, _EXTEND, _packed(wire_type, read))))
            return forms
        wire_type, read = self._reader(kind)
        if kind.startswith("#"):
            return [(wire_type, _Field(name, _NEST, read, omit_zero, kind[1:]))]
        return [(wire_type, _Field(name, _SET, read, omit_zero))]

    def _reader(self, kind: str) -> tuple[int, Reader]:
        """Return the wire type of single values of a type, and how they are read."""
        if kind in _SCALARS:
            return _SCALARS[kind]
        if kind in SPECIAL:
            to_json = SPECIAL[kind].to_json
            return wire.DELIMITED, lambda *extent: to_json(self._object(kind, *extent))
        return wire.DELIMITED, lambda *extent: self._object(kind[1:], *extent)

    def _object(self, name: str, data: bytes, start: int, end: int, depth: int) -> JSONObject:
        found: JSONObject = {}
        self._fill(found, name, data, start, end, depth + 1)
        return found

    def _entry_reader(self, kind: str) -> Reader:
        """Return how an entry of a map with values of a type is read: as key and value."""
        wire_type, read = self._reader(kind)
        _, read_key = _SCALARS["string"]
        key_form, value_form = 1 << 3 | wire.DELIMITED, 2 << 3 | wire_type

        def entry(data: bytes, position: int, end: int, depth: int) -> tuple[str, Any]:
            name = ""
            value_at: tuple[int, int] | None = None
            while position < end:
                key, position = wire.varint(data, position, end)
                start, position = wire.extent(data, key, position, end)
                if key == key_form:
                    name = read_key(data, start, position, depth)
                elif key == value_form:
                    value_at = start, position
            # Without a value it is the empty one of its type.
            return name, read(data, *value_at, depth) if value_at else read(b"\0" * 8, 0, 0, depth)

        return entry


def _pass_over(message: _Message, data: bytes, key: int, position: int, end: int) -> int:
    """Skip what a message has no field for; refuse what it has in another form."""
    number, wire_type = key >> 3, key & 7
    if wire_type == wire.END_GROUP:
        raise DecodeError(f"proto: {message.title}: wiretype end group for non-group")
    if number == 0:
        raise DecodeError(f"proto: {message.title}: illegal tag {number} (wire type {wire_type})")
    if name := message.names.get(number):
        raise DecodeError(f"proto: wrong wireType = {wire_type} for field {name[:1].upper()}{name[1:]}")
    return wire.extent(data, key, position, end)[1]


def _packed(wire_type: int, read: Reader) -> Reader:
    """Return how values are read that lie side by side in one."""

    def values(data: bytes, position: int, end: int, depth: int) -> list[Any]:
        found = []
        while position < end:
            start, position = wire.extent(data, wire_type, position, end)
            found.append(read(data, start, position, depth))
        return found

    return values


def _string(data: bytes, start: int, end: int, depth: int) -> str:
    """Go's JSON has a replacement character for each byte that is no UTF-8."""
    return data[start:end].decode(errors="replace")


def _bytes(data: bytes, start: int, end: int, depth: int) -> str:
    return base64.b64encode(data[start:end]).decode()


def _json(data: bytes, start: int, end: int, depth: int) -> Any:
    if start == end:
        return None
    try:
        return orjson.loads(data[start:end])
    except orjson.JSONDecodeError as error:
        raise DecodeError(f"json: {error}") from None


def _bool(data: bytes, start: int, end: int, depth: int) -> bool:
    return wire.varint(data, start, end)[0] != 0 if start < end else False


def _int32(data: bytes, start: int, end: int, depth: int) -> int:
    return wire.int32(wire.varint(data, start, end)[0]) if start < end else 0


def _int64(data: bytes, start: int, end: int, depth: int) -> int:
    return wire.int64(wire.varint(data, start, end)[0]) if start < end else 0


def _double(data: bytes, start: int, end: int, depth: int) -> float:
    found: float = struct.unpack_from("<d", data, start)[0]
    return found


_SCALARS: Mapping[str, tuple[int, Reader]] = {
    "string": (wire.DELIMITED, _string),
    "bytes": (wire.DELIMITED, _bytes),
    "json": (wire.DELIMITED, _json),
    "bool": (wire.VARINT, _bool),
    "int32": (wire.VARINT, _int32),
    "int64": (wire.VARINT, _int64),
    "double": (wire.FIXED64, _double),
}


@cache
def load_messages(version: str = "v1.36") -> Messages:
    """Read the packaged table; takes a few milliseconds, once."""
    packed = (files("apimachinery.schema") / f"{version}.protobuf.json.gz").read_bytes()
    return Messages(orjson.loads(gzip.decompress(packed))["messages"])
