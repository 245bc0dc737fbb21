"""Checks that a JSON object is one of a kind, as upstream's decoder does, at the speed of pydantic's core.

A kind's schema is compiled once into a ``pydantic_core`` validator over plain dictionaries. Decoding a request
body then means: types are checked, quantities and times are brought to their canonical form, unknown and
duplicate fields are reported or dropped, nulls are gone. What remains is what Go's decoder would have kept.
"""

import enum
import json
import re
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

from apimachinery.clock import parse_rfc3339, rfc3339, rfc3339_micro
from apimachinery.quantity import canonical
from apimachinery.schema.bundle import Bundle, Struct

JSONObject = dict[str, Any]


class FieldValidation(enum.StrEnum):
    """What to do about unknown and duplicate fields (the ``fieldValidation`` query parameter)."""

    IGNORE = "Ignore"
    WARN = "Warn"
    STRICT = "Strict"


class DecodeError(ValueError):
    """The object is not of its kind; the text is what follows ``cannot be handled as a Pod: ``."""


class StrictDecodeError(ValueError):
    """Unknown or duplicate fields where none are allowed; ``problems`` lists them one by one."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"strict decoding error: {', '.join(problems)}")
        self.problems = problems


class Decoded(NamedTuple):
    """``problems`` are the unknown and duplicate fields that were dropped, for ``Warning`` headers."""

    object: JSONObject
    problems: tuple[str, ...] = ()


# Scalars. Go decodes numbers strictly: no 1.0 for an integer, nothing out of range.

_CANONICAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_CANONICAL_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def _quantity(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PydanticCustomError("go_type", "", {"type": "resource.Quantity"})
    try:
        return canonical(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise PydanticCustomError("go_text", "{text}", {"text": str(error)}) from None


def _int_or_string(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticCustomError("go_type", "", {"type": "intstr.IntOrString"})
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        raise PydanticCustomError("go_type", "", {"type": "int32"})
    return value


def _parse_time(value: Any) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("go_type", "", {"type": "string"})
    try:
        return parse_rfc3339(value)
    except ValueError:
        raise PydanticCustomError(
            "go_text",
            "{text}",
            {"text": f'parsing time "{value}" as "2006-01-02T15:04:05Z07:00": cannot parse "{value}" as "2006"'},
        ) from None


def _time(value: Any) -> str:
    return _time_of_text(value) if type(value) is str else rfc3339(_parse_time(value))


@lru_cache(maxsize=4096)
def _time_of_text(text: str) -> str:
    """Return the canonical form of a time; remembered, since a second is written many times over."""
    moment = _parse_time(text)
    return text if _CANONICAL_TIME.fullmatch(text) else rfc3339(moment)


def _micro_time(value: Any) -> str:
    moment = _parse_time(value)
    return value if _CANONICAL_MICRO_TIME.fullmatch(value) else rfc3339_micro(moment)


def _scalars() -> dict[str, core_schema.CoreSchema]:
    plain = core_schema.no_info_plain_validator_function
    return {
        "string": core_schema.str_schema(strict=True),
        "bytes": core_schema.str_schema(strict=True),
        "bool": core_schema.bool_schema(strict=True),
        "int32": core_schema.int_schema(strict=True, ge=-(2**31), le=2**31 - 1),
        "int64": core_schema.int_schema(strict=True, ge=-(2**63), le=2**63 - 1),
        "double": core_schema.float_schema(strict=True, allow_inf_nan=False),
        "any": core_schema.any_schema(),
        "object": core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema(), strict=True),
        "quantity": plain(_quantity),
        "intorstring": plain(_int_or_string),
        "time": plain(_time),
        "microtime": plain(_micro_time),
    }


_SCHEMA_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"


class _NestedSchema:
    """A schema inside a schema, where something else may stand as well: a list of them, a boolean, names.

    Such fields have decoders of their own upstream (``apiextensions/v1/marshal.go``), which drop unknown fields
    without a word. Here they are functions, since a type that is one of several would be reported by its branches.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._decoder: Decoder | None = None

    def __call__(self, value: Any) -> JSONObject:
        if self._decoder is None:
            struct = self._bundle.struct(_SCHEMA_PROPS)
            assert struct is not None
            self._decoder = Decoder(self._bundle, struct)
        if not isinstance(value, dict):
            raise PydanticCustomError("go_type", "", {"type": "v1.JSONSchemaProps"})
        try:
            return self._decoder.decode(value, FieldValidation.IGNORE).object
        except DecodeError as error:
            raise PydanticCustomError("go_text", "{text}", {"text": str(error)}) from None

    def or_array(self, value: Any) -> Any:
        return [self(entry) for entry in value] if isinstance(value, list) else self(value)

    def or_bool(self, value: Any) -> Any:
        if isinstance(value, bool | dict):
            return value if isinstance(value, bool) else self(value)
        raise PydanticCustomError("go_text", "{text}", {"text": "boolean or JSON schema expected"})

    def or_string_array(self, value: Any) -> Any:
        if isinstance(value, list):
            if all(isinstance(entry, str) for entry in value):
                return value
            raise PydanticCustomError("go_type", "", {"type": "string"})
        return self(value)

    def core_schemas(self) -> dict[str, core_schema.CoreSchema]:
        plain = core_schema.no_info_plain_validator_function
        return {
            f"{_SCHEMA_PROPS}OrArray": plain(self.or_array),
            f"{_SCHEMA_PROPS}OrBool": plain(self.or_bool),
            f"{_SCHEMA_PROPS}OrStringArray": plain(self.or_string_array),
        }


_GO_TYPES = {"bytes": "[]uint8", "double": "float64", "object": "map[string]interface {}", "any": "interface {}"}


class _Compiler:
    """Turns a struct and all it refers to into one self-contained core schema."""

    def __init__(self, bundle: Bundle, extra: core_schema.ExtraBehavior) -> None:
        self._bundle = bundle
        self._extra: core_schema.ExtraBehavior = extra
        self._scalars = _scalars()
        self._nested = _NestedSchema(bundle).core_schemas()
        self._definitions: dict[str, core_schema.CoreSchema] = {}
        self._pending: set[str] = set()

    def compile(self, struct: Struct) -> SchemaValidator:
        root = self._type(f"#{struct.name}")
        return SchemaValidator(core_schema.definitions_schema(root, list(self._definitions.values())))

    def _type(self, text: str) -> core_schema.CoreSchema:
        if text.startswith("[]"):
            return core_schema.list_schema(self._type(text[2:]), strict=True)
        if text.startswith("{}"):
            return core_schema.dict_schema(core_schema.str_schema(), self._type(text[2:]), strict=True)
        if not text.startswith("#"):
            return self._scalars[text]
        name = text[1:]
        if name in self._nested:
            return self._nested[name]
        struct = self._bundle.struct(name)
        if struct is None:
            return self._type(self._bundle.alias(name))
        if name not in self._definitions and name not in self._pending:
            self._pending.add(name)
            self._definitions[name] = self._struct(struct)
        return core_schema.definition_reference_schema(name)

    def _struct(self, struct: Struct) -> core_schema.CoreSchema:
        fields = {
            name: core_schema.typed_dict_field(self._type(field.type), required=False)
            for name, field in struct.fields.items()
        }
        return core_schema.typed_dict_schema(fields, extra_behavior=self._extra, ref=struct.name, strict=True)


class Decoder:
    """Decodes objects of one kind; compiled on first use and safe to share."""

    keeps_nulls = False
    """Nulls are to be taken out before, as Go reads them as "not given"."""

    def __init__(self, bundle: Bundle, struct: Struct) -> None:
        self._bundle = bundle
        self._struct = struct
        self._strict: SchemaValidator | None = None
        self._dropping: SchemaValidator | None = None

    def decode(self, value: JSONObject, validation: FieldValidation, known: JSONObject | None = None) -> Decoded:
        """Return the object as Go's decoder would keep it.

        Fields of which ``value`` has the very objects that ``known`` has, which has been decoded before, are not
        looked at again: the result shares them.

        Raises :class:`DecodeError` for a wrong type and, under ``Strict``, :class:`StrictDecodeError` for
        fields that the kind does not have. ``value`` is not changed.
        """
        if known:
            touched = {key: part for key, part in value.items() if part is not known.get(key)}
            decoded = self.decode(touched, validation)
            shared = {key: part for key, part in value.items() if key not in touched}
            return Decoded(shared | decoded.object, decoded.problems)
        if self._strict is None:
            self._strict = _Compiler(self._bundle, "forbid").compile(self._struct)
        try:
            return Decoded(self._strict.validate_python(value))
        except ValidationError as error:
            problems = self._unknown_fields(error)
        if validation is FieldValidation.STRICT:
            raise StrictDecodeError(problems)
        if self._dropping is None:
            self._dropping = _Compiler(self._bundle, "ignore").compile(self._struct)
        kept = self._dropping.validate_python(value)
        return Decoded(kept, tuple(problems) if validation is FieldValidation.WARN else ())

    def _unknown_fields(self, error: ValidationError) -> list[str]:
        """Return what to say about unknown fields; raise when anything else is wrong too."""
        problems: list[str] = []
        for entry in error.errors(include_url=False):
            if entry["type"] != "extra_forbidden":
                raise DecodeError(self._describe(dict(entry))) from None
            problems.append(f'unknown field "{field_path(entry["loc"])}"')
        return problems

    def _describe(self, entry: dict[str, Any]) -> str:
        """Word one error as Go's encoding/json does."""
        if entry["type"] == "go_text":
            return str(entry["msg"])
        location = entry["loc"]
        parent, expected, path = self._expected(location)
        if entry["type"] == "go_type":
            expected = entry["ctx"]["type"]
        value = entry["input"]
        shown = _json_type(value)
        if shown == "number" and expected in {"int32", "int64"}:
            shown = f"number {json.dumps(value)}"
        if not parent:
            return f"json: cannot unmarshal {shown} into Go value of type {expected}"
        return f"json: cannot unmarshal {shown} into Go struct field {parent}.{'.'.join(path)} of type {expected}"

    def _expected(self, location: tuple[int | str, ...]) -> tuple[str, str, list[str]]:
        """Walk the schema along an error's location.

        Returns the enclosing Go type, the expected one, and the names of the fields on the way: neither indexes
        nor the keys of maps, which Go does not report.
        """
        parent, current = "", f"#{self._struct.name}"
        path: list[str] = []
        for part in location:
            if isinstance(part, int):
                current = current.removeprefix("[]")
            elif current.startswith("{}"):
                current = current[2:]
            elif current.startswith("#") and (struct := self._bundle.struct(current[1:])) and part in struct.fields:
                parent, current = struct.short_name, struct.fields[part].type
                path.append(part)
        return parent, _go_type(current), path


def _go_type(text: str) -> str:
    if text.startswith("[]"):
        return f"[]{_go_type(text[2:])}"
    if text.startswith("{}"):
        return f"map[string]{_go_type(text[2:])}"
    if text.startswith("#"):
        parts = text[1:].split(".")
        return ".".join(parts[-2:])
    return _GO_TYPES.get(text, text)


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case None:
            return "null"
    return "object"


def field_path(location: tuple[int | str, ...]) -> str:
    """Write a location as upstream does: ``spec.containers[0].image``."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


# From bytes

_CONTAINERS = (dict, list)
_WHITE_SPACE = b" \t\r\n"


class _Duplicates(dict[str, Any]):
    """A JSON object in which some key stood more than once; the last one counts, as in Go."""

    keys_twice: list[str]


def _reject_constant(name: str) -> Any:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


class JSONParser:
    """Parses request bodies. One parser serves any number of bodies, one after the other."""

    def __init__(self) -> None:
        self._saw_duplicate = False
        self._marking = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=_reject_constant)

    def parse(self, body: bytes) -> tuple[Any, list[str]]:
        """Return the value, and what to say about duplicate fields; raise :class:`DecodeError` for bad JSON."""
        try:
            value = orjson.loads(body)
            if _is_whole(value, body):
                return value, []
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            # What is wrong with it, if anything is, the other parser tells.
            pass
        return self._parse_marking(body)

    def _parse_marking(self, body: bytes) -> tuple[Any, list[str]]:
        """Do the same slowly, losing nothing."""
        try:
            self._saw_duplicate = False
            value = self._marking.decode(body.decode())
        except RecursionError:
            raise DecodeError("exceeded max depth") from None
        except UnicodeDecodeError:
            raise DecodeError("invalid UTF-8 in the body") from None
        except json.JSONDecodeError as error:
            raise DecodeError(_syntax_error(error)) from None
        except ValueError as error:
            raise DecodeError(str(error)) from None
        problems: list[str] = []
        if self._saw_duplicate:
            _find_duplicates(value, "", problems)
        return value, problems

    def _object(self, pairs: list[tuple[str, Any]]) -> JSONObject:
        found = dict(pairs)
        if len(found) != len(pairs):
            self._saw_duplicate = True
            found = marked = _Duplicates(found)
            keys = [key for key, _ in pairs]
            marked.keys_twice = [key for key in found if keys.count(key) > 1]
        return found


def _is_whole(value: Any, body: bytes) -> bool:
    """Whether a body is what is written for the value that was read from it, up to white space.

    Then no field stood in it twice, and no number in it was too large to be read exactly. False as well for much that
    is whole but written in another way, such as with escapes where none are needed. Raises
    ``orjson.JSONEncodeError`` for what is nested too deep.
    """
    written = orjson.dumps(value)
    return written == body or written.translate(None, _WHITE_SPACE) == body.translate(None, _WHITE_SPACE)


def _syntax_error(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()):
        return "unexpected end of JSON input"
    return f"invalid character {error.doc[error.pos]!r} at offset {error.pos}"


def _find_duplicates(value: Any, path: str, problems: list[str]) -> None:
    if isinstance(value, _Duplicates):
        problems += [f'duplicate field "{path}{"." if path else ""}{key}"' for key in value.keys_twice]
    if isinstance(value, dict):
        for key, inner in value.items():
            _find_duplicates(inner, f"{path}.{key}" if path else key, problems)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _find_duplicates(inner, f"{path}[{index}]", problems)


def without_nulls(value: Any) -> Any:
    """Return ``value`` less the map entries that are null, which Go's decoder reads as "not given"."""
    if isinstance(value, dict):
        return {
            key: without_nulls(inner) if isinstance(inner, _CONTAINERS) else inner
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, list):
        return [without_nulls(inner) if isinstance(inner, _CONTAINERS) else inner for inner in value]
    return value
