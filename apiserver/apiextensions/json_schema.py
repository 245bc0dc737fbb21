"""What a structural schema means to ``jsonschema-rs``.

Draft 2020-12 is chosen for its patterns: the engine then reads them as its own, which is RE2's language as Go's is,
where older drafts ask for ECMAScript's.
"""

import re
from typing import Any

import jsonschema_rs

from apiserver.apiextensions.formats import KNOWN_FORMATS, OWN_FORMATS

JSONObject = dict[str, Any]

JUNCTIONS = ("allOf", "anyOf", "oneOf")

_COPIED = (
    "maximum",
    "minimum",
    "multipleOf",
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
)
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-\/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_POSIX_CLASS = re.compile(r"\[:(\w+):\]")


def _pattern(text: str) -> str:
    """Write out the named classes of RE2, which the translation to the engine takes for lists of letters."""
    return _POSIX_CLASS.sub(lambda found: _POSIX_CLASSES.get(found[1], found[0]), text)


def to_json_schema(schema: JSONObject) -> JSONObject:
    """Return what a structural schema means in JSON Schema."""
    found: JSONObject = {key: schema[key] for key in _COPIED if key in schema}
    nullable = bool(schema.get("nullable"))
    if schema.get("x-kubernetes-int-or-string"):
        found["type"] = ["integer", "string", *(["null"] if nullable else [])]
    elif kind := schema.get("type"):
        found["type"] = [kind, "null"] if nullable else kind
    if "enum" in schema:
        found["enum"] = [*schema["enum"], *([None] if nullable and None not in schema["enum"] else [])]
    if pattern := schema.get("pattern"):
        found["pattern"] = _pattern(pattern)
    if required := schema.get("required"):
        found["required"] = list(dict.fromkeys(required))
    # OpenAPI 3.0 has flags where JSON Schema has bounds of their own.
    if found.get("maximum") is not None and schema.get("exclusiveMaximum"):
        found["exclusiveMaximum"] = found.pop("maximum")
    if found.get("minimum") is not None and schema.get("exclusiveMinimum"):
        found["exclusiveMinimum"] = found.pop("minimum")
    if (name := schema.get("format")) in KNOWN_FORMATS:
        found["format"] = "date-time" if name == "datetime" else name
    if properties := schema.get("properties"):
        found["properties"] = {key: to_json_schema(value) for key, value in properties.items()}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            found[key] = to_json_schema(schema[key])
    for key in JUNCTIONS:
        if schema.get(key):
            found[key] = [to_json_schema(entry) for entry in schema[key]]
    return found


def compiled(translated: JSONObject) -> jsonschema_rs.Draft202012Validator:
    """Compile a translated schema; raise ``ValueError`` for one that cannot be: a pattern that is none, most often."""
    return jsonschema_rs.Draft202012Validator(
        translated,
        validate_formats=True,
        formats=OWN_FORMATS,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def pattern_problem(text: str) -> str:
    """Return why a pattern is none; nothing for a good one."""
    try:
        compiled({"pattern": _pattern(text)})
    except ValueError as error:
        return str(error).partition("\n")[0]
    return ""
