"""Schemas of custom resources in the narrower words of OpenAPI v2.

``apiextensions-apiserver/pkg/controller/openapi/v2``, v0.36: what v2 has no word for is left out, and where kubectl of
old would take a schema for narrower than it is, more of it.
"""

from typing import Any

JSONObject = dict[str, Any]

_NOT_IN_V2 = ("oneOf", "anyOf", "allOf", "not", "nullable")
_SHAPE = ("type", "properties", "items", "additionalProperties")


def to_v2(schema: JSONObject) -> JSONObject:
    """Return a copy without what v2 cannot say."""
    kept = {key: value for key, value in schema.items() if key not in _NOT_IN_V2}
    dropped: tuple[str, ...] = ()
    if schema.get("nullable"):
        # Any shape at all would say that null is wrong.
        dropped = _SHAPE
    elif schema.get("x-kubernetes-int-or-string"):
        dropped = ("type",)
    elif schema.get("x-kubernetes-preserve-unknown-fields"):
        # Clients take the properties that are listed for all there are.
        dropped = ("properties", "items", "additionalProperties")
    for key in dropped:
        kept.pop(key, None)
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {key: to_v2(value) for key, value in kept["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = to_v2(kept[key])
    return kept
