"""Fields of JSON objects."""

from typing import Any

JSONObject = dict[str, Any]


def keep(new: JSONObject, old: JSONObject, key: str) -> None:
    """Let ``new`` have under ``key`` what ``old`` has there, or nothing."""
    if key in old:
        new[key] = old[key]
    else:
        new.pop(key, None)
