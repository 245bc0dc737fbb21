"""Pod specs in which nothing was wrong: most pods are replicas, and each need not be looked through again."""

import re
from typing import Any

import orjson

from apimachinery.names import GENERATED_LETTERS

JSONObject = dict[str, Any]

MOST = 256
"""How many specs are remembered before starting afresh."""

_LONGEST = 16 * 1024
"""Bytes of a spec that are worth remembering."""

_TOKEN_VOLUME = re.compile(rf"kube-api-access-[{GENERATED_LETTERS}]{{5}}")


def essence(spec: JSONObject) -> bytes | None:
    """Return what is the same for two specs only if they differ in nothing but what was drawn by lot.

    That is the name of the volume with a token. ``None`` for a spec that is too long, or cannot be encoded.
    """
    try:
        encoded = orjson.dumps(spec)
    except orjson.JSONEncodeError:
        return None
    if len(encoded) > _LONGEST:
        return None
    for volume in spec.get("volumes") or ():
        if _TOKEN_VOLUME.fullmatch(name := volume.get("name", "")):
            # No text in JSON has a zero byte: nothing else can come out like this.
            return encoded.replace(f'"{name}"'.encode(), b"\0")
    return encoded


class RightSpecs:
    """Remembers the essence of specs that have been found right."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, found: bytes | None) -> bool:
        return found in self._known

    def add(self, found: bytes | None) -> None:
        if found is None:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known.add(found)
