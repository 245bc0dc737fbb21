"""Mappings of few entries, of which thousands are kept: most are empty, and all that are empty are one and the same.

They are replaced, not changed.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

NONE: Mapping[Any, Any] = MappingProxyType({})


def put(entries: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Return the entries with one more, or another in its place."""
    return {**entries, key: value}


def without(entries: Mapping[K, V], key: K) -> Mapping[K, V]:
    """Return the entries without one, if it is there."""
    if key not in entries:
        return entries
    return {other: value for other, value in entries.items() if other != key} or NONE
