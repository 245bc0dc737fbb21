"""The types that say what merges how (``schema``, v6); :mod:`~apimachinery.structured_merge.schema` makes them.

A :class:`SchemaType` says what a value may be: a scalar, a list, a map, or several of these. Lists are *atomic*
(owned and replaced whole) or *associative* (a set of scalars, or a map by key fields); maps and structs are
*granular* or atomic. Types refer to each other, also in circles, and are not changed once they are made.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from apimachinery.structured_merge.fieldpath import LEAF, MEMBER, Tree, key, value

JSONObject = dict[str, Any]

UNTYPED = "untyped"

_MAX_SHAPES = 256


@lru_cache(maxsize=4096)
def _named(name: str, text: str) -> str:
    """Return the element of a list item whose only key is a text, as most are; the same ones come again and again."""
    return key({name: text})


class SchemaType:
    """What a value may be; at least one of ``scalar``, ``list`` and ``map`` is set.

    ``scalar`` is ``string``, ``numeric``, ``boolean`` or ``untyped``; empty when no scalar will do.
    """

    __slots__ = ("list", "map", "scalar")

    def __init__(self, scalar: str = "", list: "ListType | None" = None, map: "MapType | None" = None) -> None:
        self.scalar = scalar
        self.list = list
        self.map = map

    @property
    def always_leaf(self) -> bool:
        """Whether a value of this type is owned whole, whatever it is."""
        return (self.list is None or not self.list.associative) and (self.map is None or self.map.atomic)

    def added(self, value: Any) -> Tree:
        """Return what stands below the element of a value that has just appeared: itself and all its parts.

        The value must be valid for the type; :func:`apimachinery.structured_merge.typed.validate` sees to that.
        """
        if isinstance(value, dict):
            return self.map.added(value) if self.map is not None else LEAF
        if isinstance(value, list):
            return self.list.added(value) if self.list is not None else LEAF
        return LEAF

    def created(self, value: Any) -> Tree | None:
        """Return what stands below the element of a struct or list that is always there, and is no longer empty.

        ``None`` when it still is. It is not itself among what is new, only what is in it.
        """
        if isinstance(value, dict) and self.map is not None:
            return self.map.created(value)
        if isinstance(value, list) and self.list is not None:
            return self.list.created(value)
        return LEAF


class ListType:
    """A list; ``associative`` when its items are owned one by one: by ``keys``, or by value when there are none."""

    __slots__ = ("associative", "defaults", "element", "keys")

    def __init__(
        self,
        element: SchemaType,
        *,
        associative: bool = False,
        keys: tuple[str, ...] = (),
        defaults: JSONObject | None = None,
    ) -> None:
        self.element = element
        self.associative = associative
        self.keys = keys
        self.defaults = defaults or {}
        """What a key field that an item leaves out stands for."""

    def element_of(self, item: Any) -> str:
        """Return the path element of an item; raise ``ValueError``, worded as upstream, when it has none."""
        if self.keys:
            if not isinstance(item, dict):
                what = "a null element" if item is None else "non-map elements"
                raise ValueError(f"associative list with keys may not have {what}")
            if len(self.keys) == 1 and type(only := item.get(self.keys[0])) is str:
                return _named(self.keys[0], only)
            found = {}
            for name in self.keys:
                if name in item:
                    found[name] = item[name]
                elif name in self.defaults:
                    found[name] = self.defaults[name]
            if not found:
                names = " ".join(f'"{name}"' for name in self.keys)
                raise ValueError(
                    f"associative list with keys has an element that omits all key fields [{names}] "
                    "(and doesn't have default values for any key fields)"
                )
            return key(found)
        if isinstance(item, dict):
            raise ValueError("associative list without keys has an element that's a map type")
        if isinstance(item, list):
            raise ValueError("not supported: associative list with lists as elements")
        if item is None:
            raise ValueError("associative list without keys has an element that's an explicit null")
        return value(item)

    def added(self, items: list[Any]) -> Tree:
        if not items or not self.associative:
            return LEAF
        tree: Tree = {MEMBER: LEAF}
        if not self.keys:
            for name in sorted({self.element_of(item) for item in items}):
                tree[name] = LEAF
            return tree
        grow = self.element.added
        for item in items:
            name = self.element_of(item)
            # Of items with the same keys none is owned part by part: the place is.
            tree[name] = LEAF if name in tree else grow(item)
        return dict(sorted(tree.items())) if len(tree) > 2 else tree

    def created(self, items: list[Any]) -> Tree | None:
        if not items:
            return None
        return {name: below for name, below in self.added(items).items() if name != MEMBER}


_Entry = tuple[str, SchemaType, bool]


class MapType:
    """A struct, or a map with any keys, or both at once.

    ``fields`` are the declared ones. ``element`` is the type of all others; ``None`` when there may be none. The
    fields come from a function that is called on first use, so that a kind costs nothing before it is written.
    """

    __slots__ = ("_fields", "_make", "_shapes", "atomic", "element", "entries", "present")

    def __init__(
        self,
        fields: "Callable[[], dict[str, SchemaType]] | None" = None,
        element: SchemaType | None = None,
        *,
        atomic: bool = False,
        present: frozenset[str] = frozenset(),
    ) -> None:
        self._make = fields
        self._fields: dict[str, SchemaType] | None = None if fields else {}
        self.entries: dict[str, _Entry] | None = None if fields else {}
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self.element = element
        self.atomic = atomic
        self.present = present
        """The structs and lists that an object of this type has even when nothing is said of them."""

    @property
    def fields(self) -> dict[str, SchemaType]:
        if self._fields is None:
            assert self._make is not None
            self._fields = self._make()
        return self._fields

    def type_of(self, name: str) -> SchemaType | None:
        """Return the type of what is under a name; ``None`` when there may be nothing."""
        return self.fields.get(name, self.element)

    def table(self) -> dict[str, _Entry]:
        """Return each declared field's path element, type, and whether it is owned whole."""
        if self.entries is None:
            self.entries = {name: (f"f:{name}", kind, kind.always_leaf) for name, kind in self.fields.items()}
        return self.entries

    def added(self, fields: JSONObject) -> Tree:
        if not fields or self.atomic:
            return LEAF
        shape = self._shapes.get(tuple(fields)) or self._shape(fields)
        if not shape.growing:
            return shape.tree
        tree = shape.tree.copy()
        for element, name, kind, _ in shape.growing:
            tree[element] = kind.added(fields[name])
        return tree

    def created(self, fields: JSONObject) -> Tree | None:
        if self.atomic:
            return LEAF if fields else None
        shape = self._shapes.get(tuple(fields)) or self._shape(fields)
        tree = shape.tree.copy()
        del tree[MEMBER]
        for element, name, kind, present in shape.growing:
            below = kind.created(fields[name]) if present else kind.added(fields[name])
            if below is None:
                del tree[element]
            else:
                tree[element] = below
        return tree or None

    def _shape(self, fields: JSONObject) -> "_Shape":
        """Work out what all maps with these keys have in common; most objects of a kind are of few shapes."""
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        entries = self.table()
        unknown = self.element or DEDUCED
        tree: Tree = {MEMBER: LEAF}
        growing = []
        for name in sorted(fields):
            element, kind, leaf = entries.get(name) or (f"f:{name}", unknown, unknown.always_leaf)
            tree[element] = LEAF
            if not leaf or name in self.present:
                growing.append((element, name, kind, name in self.present))
        found = self._shapes[tuple(fields)] = _Shape(tree, tuple(growing))
        return found


class _Shape:
    """``tree`` is what stands below a map of this shape, up to the elements that are ``growing`` something more.

    Those come with their name, their type, and whether they are always there.
    """

    __slots__ = ("growing", "tree")

    def __init__(self, tree: Tree, growing: tuple[tuple[str, str, SchemaType, bool], ...]) -> None:
        self.tree = tree
        self.growing = growing


def _make_deduced() -> SchemaType:
    atomic = SchemaType(UNTYPED)
    atomic.list = ListType(atomic)
    atomic.map = MapType(None, atomic, atomic=True)
    kind = SchemaType(UNTYPED, ListType(atomic))
    kind.map = MapType(None, kind)
    return kind


DEDUCED = _make_deduced()
"""The type of what no schema tells anything of: its maps merge, its lists and scalars are owned whole."""
