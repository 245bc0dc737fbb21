"""What has become of the fields of an object (``typed/compare.go``, v6)."""

from collections.abc import Callable
from typing import Any

from apimachinery.structured_merge.fieldpath import LEAF, MEMBER, FieldSet, Tree, field
from apimachinery.structured_merge.schema import deduced
from apimachinery.structured_merge.types import ListType, MapType, SchemaType

JSONObject = dict[str, Any]


class Comparison:
    """No path is in more than one of the three sets; all are empty when the objects are equal."""

    __slots__ = ("_written", "added", "modified", "removed")

    def __init__(self, removed: FieldSet, modified: FieldSet, added: FieldSet) -> None:
        self.removed = removed
        self.modified = modified
        self.added = added
        self._written: FieldSet | None = None

    @property
    def written(self) -> FieldSet:
        """What the new object has set: modified and added."""
        if self._written is None:
            self._written = self.modified.union(self.added)
        return self._written

    @property
    def same(self) -> bool:
        return not (self.removed or self.modified or self.added)

    def filtered(self, tracked: Callable[[FieldSet], FieldSet]) -> "Comparison":
        """Return the comparison of the tracked fields alone."""
        return Comparison(tracked(self.removed), tracked(self.modified), tracked(self.added))


def compare(old: JSONObject, new: JSONObject, kind: SchemaType) -> Comparison:
    """Compare two objects of a type; a new one is compared with ``{}``.

    Costs little for what is equal: only what differs is looked into.
    """
    if not old and kind.map is not None:
        return Comparison(FieldSet(), FieldSet(), FieldSet(kind.map.created(new)))
    trees = _Trees()
    _values(old, new, kind, trees)
    return Comparison(FieldSet(trees.removed), FieldSet(trees.modified), FieldSet(trees.added))


class _Trees:
    """The three trees below one element."""

    __slots__ = ("added", "modified", "removed")

    def __init__(self) -> None:
        self.removed: Tree = {}
        self.modified: Tree = {}
        self.added: Tree = {}

    def attach(self, element: str, below: "_Trees") -> None:
        if below.removed:
            self.removed[element] = below.removed
        if below.modified:
            # A modified value is a leaf, marked by itself alone.
            self.modified[element] = LEAF if below.modified.keys() == {MEMBER} else below.modified
        if below.added:
            self.added[element] = below.added

    def sort(self) -> None:
        if len(self.removed) > 1:
            self.removed = dict(sorted(self.removed.items()))
        if len(self.modified) > 1:
            self.modified = dict(sorted(self.modified.items()))
        if len(self.added) > 1:
            self.added = dict(sorted(self.added.items()))


def _values(old: Any, new: Any, kind: SchemaType, out: _Trees) -> None:
    """Compare two values that are both there, and differ or may."""
    if kind.map is not None and (isinstance(old, dict) or isinstance(new, dict)):
        if not kind.map.atomic and (old or new) and _mapping(old) and _mapping(new):
            _maps(old or {}, new or {}, kind.map, out)
            return
    elif (
        kind.list is not None
        and kind.list.associative
        and _sequence(old)
        and _sequence(new)
        and (isinstance(old, list) or isinstance(new, list))
        and (old or new)
    ):
        _lists(old or [], new or [], kind.list, out)
        return
    if not identical(old, new):
        out.modified = {MEMBER: LEAF}
        if type(old) is not type(new) and not kind.always_leaf:
            # The value has become of another kind: what was below the old one is gone, what is below the new is new.
            out.removed = _below(kind.added(old))
            out.added = _below(kind.added(new))


def _below(tree: Tree) -> Tree:
    return {element: below for element, below in tree.items() if element != MEMBER}


def _mapping(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _sequence(value: Any) -> bool:
    return value is None or isinstance(value, list)


def identical(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, where Python's ``==`` would also take ``true`` for 1."""
    if one is other:
        return True
    if one != other:
        return False
    if isinstance(one, dict):
        return all(identical(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return all(identical(value, other[place]) for place, value in enumerate(one))
    return isinstance(one, bool) == isinstance(other, bool)


def _maps(old: JSONObject, new: JSONObject, kind: MapType, out: _Trees) -> None:
    entries = kind.entries if kind.entries is not None else kind.table()
    unknown = kind.element or deduced()
    for name, value in new.items():
        if name in old:
            before = old[name]
        elif name in kind.present:
            before = _absent(value)
        else:
            entry = entries.get(name)
            if entry is None:
                out.added[field(name)] = unknown.added(value)
            else:
                out.added[entry[0]] = LEAF if entry[2] else entry[1].added(value)
            continue
        entry = entries.get(name)
        if before is value or (entry and before == value and type(before) is type(value)):
            continue
        element, inner, leaf = entry or (field(name), unknown, False)
        if leaf:
            if not identical(before, value):
                out.modified[element] = LEAF
            continue
        below = _Trees()
        _values(before, value, inner, below)
        out.attach(element, below)
    for name, value in old.items():
        if name in new:
            continue
        entry = entries.get(name)
        if entry and name in kind.present:
            below = _Trees()
            _values(value, _absent(value), entry[1], below)
            out.attach(entry[0], below)
        else:
            out.removed[entry[0] if entry else field(name)] = (entry[1] if entry else unknown).added(value)
    out.sort()


def _absent(other: Any) -> Any:
    """Return what stands for a struct or list that is always there, though it is left out; ``other`` tells which."""
    return [] if isinstance(other, list) else {}


class _Duplicates(list[Any]):
    """The items of a list that have the same element: nobody owns their parts, and all of them are owned as one."""


_NOTHING: Any = object()


def _lists(old: list[Any], new: list[Any], kind: ListType, out: _Trees) -> None:
    if old == new and kind.keys:
        return
    before, after = _by_element(old, kind), _by_element(new, kind)
    for element, item in before.items():
        other = after.get(element, _NOTHING)
        if item == other and kind.keys:
            continue
        if other is _NOTHING:
            out.removed[element] = _parts(item, kind)
        elif isinstance(item, _Duplicates) != isinstance(other, _Duplicates):
            out.removed[element], out.added[element] = _parts(item, kind), _parts(other, kind)
        elif not isinstance(item, _Duplicates):
            below = _Trees()
            _values(item, other, kind.element, below)
            out.attach(element, below)
        elif not identical(item, other):
            out.modified[element] = LEAF
    for element, item in after.items():
        if element not in before:
            out.added[element] = _parts(item, kind)
    out.sort()


def _parts(item: Any, kind: ListType) -> Tree:
    return LEAF if isinstance(item, _Duplicates) else kind.element.added(item)


def _by_element(items: list[Any], kind: ListType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        element = kind.element_of(item)
        if element not in found:
            found[element] = item
        elif isinstance(known := found[element], _Duplicates):
            known.append(item)
        else:
            found[element] = _Duplicates([known, item])
    return found
