"""Mappings of few entries, of which thousands are kept.

Of those that are replaced and not changed (:func:`put`, :func:`without`) most are empty, and all that are empty are one
and the same. Those that are changed (:class:`Few`) mostly have one entry.
"""

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from types import MappingProxyType
from typing import Any, TypeVar, cast, overload

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

NONE: Mapping[Any, Any] = MappingProxyType({})


def put(entries: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Return the entries with one more, or another in its place."""
    return {**entries, key: value}


def without(entries: Mapping[K, V], key: K) -> Mapping[K, V]:
    """Return the entries without one, if it is there."""
    if key not in entries:
        return entries
    return {other: value for other, value in entries.items() if other != key} or NONE


_EMPTY = object()
_SEVERAL = object()
"""In the place of a key: there is none, or more than one has been there."""


class Few(MutableMapping[K, V]):
    """A dictionary that takes a quarter of the memory as long as it has never had more than one entry."""

    __slots__ = ("_key", "_value")

    def __init__(self) -> None:
        self._key: object = _EMPTY
        self._value: object = None

    @property
    def _all(self) -> dict[K, V]:
        return cast(dict[K, V], self._value)

    def __getitem__(self, key: K) -> V:
        if self._key is _SEVERAL:
            return self._all[key]
        if self._key == key:
            return cast(V, self._value)
        raise KeyError(key)

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...
    def get(self, key: K, default: V | T | None = None) -> V | T | None:
        """Return what is there, or the default; quicker than by way of the exception."""
        if self._key is _SEVERAL:
            return self._all.get(key, default)
        return cast(V, self._value) if self._key == key else default

    def __setitem__(self, key: K, value: V) -> None:
        if self._key is _SEVERAL:
            self._all[key] = value
        elif self._key is _EMPTY or self._key == key:
            # The key that is there stays, as in a dictionary.
            self._key, self._value = key if self._key is _EMPTY else self._key, value
        else:
            self._key, self._value = _SEVERAL, {self._key: self._value, key: value}

    def __delitem__(self, key: K) -> None:
        if self._key is _SEVERAL:
            del self._all[key]
        elif self._key == key:
            self._key, self._value = _EMPTY, None
        else:
            raise KeyError(key)

    def __iter__(self) -> Iterator[K]:
        if self._key is _SEVERAL:
            return iter(self._all)
        return iter(() if self._key is _EMPTY else (cast(K, self._key),))

    def __len__(self) -> int:
        return len(self._all) if self._key is _SEVERAL else int(self._key is not _EMPTY)

    # What the base class has of the following takes one call, or one exception, for each entry.

    def __contains__(self, key: object) -> bool:
        return key in self._all if self._key is _SEVERAL else self._key == key

    def values(self) -> ValuesView[V]:
        """Return the values of this moment."""
        return self._plain().values()

    def items(self) -> ItemsView[K, V]:
        """Return the entries of this moment."""
        return self._plain().items()

    def _plain(self) -> dict[K, V]:
        if self._key is _SEVERAL:
            return self._all
        return {} if self._key is _EMPTY else {cast(K, self._key): cast(V, self._value)}

    def __repr__(self) -> str:
        return f"Few({dict(self)})"
