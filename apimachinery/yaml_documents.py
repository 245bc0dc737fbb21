"""YAML bodies, read and written as ``sigs.k8s.io/yaml`` reads them: as another way to write JSON.

Plain scalars are typed by the rules of ``go.yaml.in/yaml/v2``: ``yes`` and ``on`` are true, ``0x10`` and ``010`` are
numbers, and neither dates nor ``1:30`` are anything but text. Functions that meet YAML import this: a cluster may never
see any.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import orjson
import yaml

from apimachinery.schema.decoder import DecodeError, JSONParser

try:
    from yaml import CSafeDumper as SafeDumper
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # The package was built without libyaml.
    from yaml import SafeDumper, SafeLoader  # type: ignore[assignment]

JSONObject = dict[str, Any]

_NO_WRAPPING = 2**31 - 1
_SLACK = 10_000
_MAX_DEPTH = 250
"""How deep maps and lists may be nested; no object deeper than that could be encoded again."""


class YAMLError(ValueError):
    """The body is no YAML, or no JSON could be written like it; the text is upstream's, less the line it quotes."""


def parse(body: bytes) -> Any:
    """Return the JSON value that ``body`` writes; of keys that stand twice in a map the last one counts.

    Raises :class:`YAMLError`.
    """
    if _looks_like_json(body):
        # JSON is YAML too, and most of what clients send.
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    try:
        text = body.decode()
        _check_depth(text)
        loaded = yaml.load(text, Loader=_Loader)
    except UnicodeDecodeError:
        raise YAMLError("error converting YAML to JSON: yaml: invalid leading UTF-8 octet") from None
    except yaml.YAMLError as error:
        raise YAMLError(f"error converting YAML to JSON: yaml: {_problem(error)}") from None
    except YAMLError:
        raise
    except ValueError as error:
        raise YAMLError(f"error converting YAML to JSON: {error}") from None
    return _Conversion(len(body) + _SLACK).value(loaded)


def _looks_like_json(body: bytes) -> bool:
    return body.lstrip()[:1] in {b"{", b"["}


def _check_depth(text: str) -> None:
    """Refuse what is nested too deeply, before a loader that recurses in C runs out of its stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise YAMLError("error converting YAML to JSON: yaml: exceeded max depth")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def dump(value: Any) -> bytes:
    """Return a JSON value as YAML that :func:`parse` reads back; keys are sorted, as upstream writes them."""
    text: str = yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=_NO_WRAPPING)
    return text.encode()


def duplicate_keys(body: bytes) -> list[str]:
    """Return one text for each key that stands twice in a map of a body that :func:`parse` has read."""
    if _looks_like_json(body):
        try:
            if not JSONParser().parse(body)[1]:
                return []
        except DecodeError:
            # YAML after all.
            pass
    root = yaml.compose(body.decode(), Loader=_Loader)
    return [] if root is None else list(_duplicates(root, set()))


def strict_error(problems: list[str]) -> str:
    """Return the text of the error that ``yaml.UnmarshalStrict`` has for :func:`duplicate_keys`."""
    return "\n  ".join(["error converting YAML to JSON: yaml: unmarshal errors:", *problems])


def _duplicates(node: yaml.Node, seen: set[int]) -> Iterator[str]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item, seen)
    elif isinstance(node, yaml.MappingNode):
        known: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in known:
                    yield f"line {value.start_mark.line + 1}: key {orjson.dumps(key.value).decode()} already set in map"
                known.add(key.value)
            yield from _duplicates(value, seen)


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error).splitlines()[0]


class _Conversion:
    """From what YAML has to what JSON has. Bounded, since aliases can make much of little."""

    def __init__(self, budget: int) -> None:
        self._budget = budget

    def value(self, value: Any) -> Any:
        self._budget -= 1
        if self._budget < 0:
            raise YAMLError("error converting YAML to JSON: yaml: document contains excessive aliasing")
        if isinstance(value, dict):
            return {key: self.value(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, float):
            return _number(value)
        if value is None or isinstance(value, str | int):
            return value
        raise YAMLError(f"error converting YAML to JSON: unsupported type {type(value).__name__}")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int | float):
        return str(_number(key))
    raise YAMLError(f"error converting YAML to JSON: unsupported map key of type {type(key).__name__}")


def _number(value: float) -> float:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise YAMLError(f"error converting YAML to JSON: json: unsupported value: {value}")
        # Go writes a whole number without a fraction, and reads it as an integer again.
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return value


class _Loader(SafeLoader):
    """The rules for plain scalars are set below."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # Keys become text here already: to Python, 1 and true are the same key.
        self.flatten_mapping(node)
        return {
            _key(self.construct_object(key, deep=True)): self.construct_object(value, deep=deep)
            for key, value in node.value
        }


def _integer(loader: SafeLoader, node: yaml.ScalarNode) -> int | float:
    text = str(loader.construct_scalar(node)).replace("_", "")
    sign, digits = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    octal = digits[:1] == "0" and digits[1:].isdigit()
    number = sign * (int(digits, 8) if octal else int(digits, 0))
    if -(2**63) <= number < 2**64:
        return number
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"yaml: cannot decode a number of {number.bit_length()} bits") from None


def _boolean(loader: SafeLoader, node: yaml.ScalarNode) -> bool:
    # Which is more than plain scalars: any text can have the tag.
    text = str(loader.construct_scalar(node))
    found: bool | None = _Loader.bool_values.get(text.lower())
    if found is None:
        raise ValueError(f"yaml: cannot decode !!str `{text}` as a !!bool")
    return found


def _no_json(loader: SafeLoader, node: yaml.Node) -> Any:
    raise ValueError(f"yaml: cannot decode {node.tag.replace('tag:yaml.org,2002:', '!!')}")


def _float(loader: SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node)).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Loader.add_constructor("tag:yaml.org,2002:bool", _boolean)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _no_json)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool",
    re.compile(r"^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"),
    list("yYnNtTfFoO"),
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"^[-+]?(?:0[bB][01_]+|0[oO]?[0-7_]*|0[xX][0-9a-fA-F_]+|[1-9][0-9_]*)$"),
    list("-+0123456789"),
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^(?:<<)$"), ["<"])
_Loader.bool_values = {**SafeLoader.bool_values, "y": True, "n": False}


class _Dumper(SafeDumper):
    """Quotes what either set of rules would take for something else than text."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [*SafeDumper.yaml_implicit_resolvers.get(first, []), *_Loader.yaml_implicit_resolvers.get(first, [])]
        for first in {*SafeDumper.yaml_implicit_resolvers, *_Loader.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, data: Any) -> bool:
        return True
