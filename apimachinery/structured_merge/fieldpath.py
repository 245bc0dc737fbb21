"""Sets of field paths, held in the form in which they go over the wire (``fieldpath``, v6).

A path is a tuple of *elements*, each a string as ``FieldsV1`` spells it:

======================  ==========================================================
``f:spec``              a field of a struct, or a key of a map
``k:{"name":"web"}``    the item of a list that has these keys
``v:"example.com/x"``   the item of a set that has this value
``i:3``                 the item at that place
======================  ==========================================================

A :class:`FieldSet` is a tree of them, the very JSON object that ``fieldsV1`` carries: nothing is decoded when
managed fields are read, nothing encoded when they are written. ``{}`` below an element means that the element is in
the set; an element with children of its own is in the set when one of its keys is ``"."``.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

Path = tuple[str, ...]
Tree = dict[str, Any]

MEMBER = "."
LEAF: Tree = {}
"""What stands below an element that is in a set and has no children; shared, never to be changed."""

_SORTED = orjson.OPT_SORT_KEYS


def field(name: str) -> str:
    return f"f:{name}"


def key(fields: dict[str, Any]) -> str:
    """Return the element for a list item by the values of its keys; their order makes no difference.

    Raises ``ValueError`` for values that JSON cannot hold.
    """
    return f"k:{_encoded(fields)}"


def value(item: Any) -> str:
    """Return the element for an item of a set; raise ``ValueError`` for what JSON cannot hold."""
    return f"v:{_encoded(item)}"


def _encoded(item: Any) -> str:
    try:
        return orjson.dumps(item, option=_SORTED).decode()
    except orjson.JSONEncodeError as error:
        # Numbers of more than 64 bits, and halves of surrogate pairs.
        raise ValueError(str(error)) from error


def index(place: int) -> str:
    return f"i:{place}"


def fields_path(*names: str) -> Path:
    """Return the path through fields of these names: ``fields_path("spec", "replicas")``."""
    return tuple(f"f:{name}" for name in names)


def path_text(path: Iterable[str]) -> str:
    """Write a path as errors do: ``.spec.containers[name="web"].ports``."""
    return "".join(element_text(element) for element in path)


def element_text(element: str) -> str:
    kind, content = element[:2], element[2:]
    if kind == "f:":
        return f".{content}"
    if kind == "k:":
        keys = orjson.loads(content)
        return "[" + ",".join(f"{name}={_value_text(keys[name])}" for name in sorted(keys)) + "]"
    if kind == "v:":
        return f"[={_value_text(orjson.loads(content))}]"
    return f"[{content}]"


def _value_text(item: Any) -> str:
    """Write a value as Go's ``value.ToString`` does."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        return orjson.dumps(item).decode()
    if isinstance(item, list):
        return "[" + ",".join(_value_text(entry) for entry in item) + "]"
    if isinstance(item, dict):
        return "{" + ";".join(f"{name}={_value_text(item[name])}" for name in sorted(item)) + "}"
    return f"{item:g}" if isinstance(item, float) else str(item)


class FieldSet:
    """A set of paths. Values are not changed once made: every operation returns a new set, which may share parts.

    ``tree`` is the ``fieldsV1`` object. A parent and its children are members each for themselves.
    """

    __slots__ = ("tree",)

    def __init__(self, tree: Tree | None = None) -> None:
        """Take a tree over as it is; :meth:`parse` is for what a client sent."""
        self.tree: Tree = {} if tree is None else tree

    @classmethod
    def of(cls, *paths: Path) -> "FieldSet":
        tree: Tree = {}
        for path in paths:
            insert(tree, path)
        return cls(tree)

    @classmethod
    def parse(cls, fields: Any) -> "FieldSet":
        """Read a ``fieldsV1`` of unknown origin, spelling its elements canonically.

        Elements of an unknown kind are dropped, as upstream does. Raises ``ValueError`` for what is no field set.
        """
        tree = _parse(fields)
        tree.pop(MEMBER, None)
        return cls(tree)

    def __bool__(self) -> bool:
        return bool(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSet) and self.tree == other.tree

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"FieldSet({', '.join(path_text(path) for path in self)})"

    def __contains__(self, path: Path) -> bool:
        tree = self.tree
        for element in path:
            found = tree.get(element)
            if found is None:
                return False
            tree = found
        return bool(path) and (not tree or MEMBER in tree)

    def __iter__(self) -> Iterator[Path]:
        """Yield every path: the members of a level before those further down, each level in order."""
        return _paths(self.tree, ())

    def below(self, element: str) -> "FieldSet":
        """Return the paths that begin with ``element``, without it."""
        found: Tree = self.tree.get(element) or {}
        return FieldSet({name: child for name, child in found.items() if name != MEMBER})

    def union(self, other: "FieldSet") -> "FieldSet":
        if not self.tree or not other.tree:
            return self if self.tree else other
        return self._with(_union(self.tree, other.tree))

    def intersection(self, other: "FieldSet") -> "FieldSet":
        return FieldSet(_intersection(self.tree, other.tree))

    def difference(self, other: "FieldSet") -> "FieldSet":
        """Return the paths that ``other`` has not; the children of a path it has stay."""
        return self._with(_difference(self.tree, other.tree))

    def recursive_difference(self, other: "FieldSet") -> "FieldSet":
        """Return the paths that ``other`` has neither themselves nor a parent of."""
        return self._with(_recursive_difference(self.tree, other.tree))

    def _with(self, tree: Tree) -> "FieldSet":
        return self if tree is self.tree else FieldSet(tree)

    def leaves(self) -> "FieldSet":
        """Return the paths that have none below them."""
        return FieldSet(_leaves(self.tree))


def excluding(*paths: Path) -> Callable[[FieldSet], FieldSet]:
    """Return a filter that leaves out these fields and all below them."""
    excluded = FieldSet.of(*paths)
    return lambda fields: fields.recursive_difference(excluded)


ANY = "*"
"""In a pattern of :func:`including`: every element."""


def including(*patterns: Path) -> Callable[[FieldSet], FieldSet]:
    """Return a filter that keeps only the fields that these patterns lead to, and all below them."""
    return lambda fields: FieldSet(_matching(fields.tree, patterns))


def _matching(tree: Tree, patterns: tuple[Path, ...]) -> Tree:
    result: Tree = {}
    for element, below in tree.items():
        rest = tuple(pattern[1:] for pattern in patterns if pattern[0] in {element, ANY})
        if element == MEMBER or not rest:
            continue
        if () in rest:
            result[element] = below
        elif below and (inner := _matching(below, rest)):
            result[element] = inner
    return result


def insert(tree: Tree, path: Path) -> None:
    """Add one path to a tree that is still being made; the empty path is not tracked."""
    if not path:
        return
    *parents, last = path
    for element in parents:
        below = tree.get(element)
        if below is None:
            below = tree[element] = {}
        elif not below:
            # It was a member without children, and stays one with them.
            below = tree[element] = {MEMBER: LEAF}
        tree = below
    below = tree.get(last)
    if below is None:
        tree[last] = LEAF
    elif below:
        below[MEMBER] = LEAF


def _parse(fields: Any) -> Tree:
    if not isinstance(fields, dict):
        raise ValueError(f"expected a map of fields, got {fields!r}")
    tree: Tree = {}
    for name, below in fields.items():
        if name == MEMBER:
            tree[MEMBER] = LEAF
            continue
        element = _canonical(name)
        if element is None:
            continue
        inner = _parse(below)
        tree[element] = {} if set(inner) == {MEMBER} else inner
    return dict(sorted(tree.items()))


def _canonical(element: str) -> str | None:
    """Return an element in its canonical spelling; ``None`` when its kind is unknown."""
    if len(element) < 2:
        raise ValueError("key must be 2 characters long:")
    kind, content = element[:2], element[2:]
    if kind[1] != ":":
        raise ValueError(f"missing colon: {element}")
    if kind == "f:":
        return element
    if kind == "i:":
        return f"i:{int(content)}"
    if kind not in {"k:", "v:"}:
        return None
    parsed = orjson.loads(content)
    if kind == "v:":
        return value(parsed)
    if not isinstance(parsed, dict):
        raise ValueError(f"keys of a list item must be a map: {element}")
    return key(parsed)


def _paths(tree: Tree, prefix: Path) -> Iterator[Path]:
    elements = sorted(element for element in tree if element != MEMBER)
    for element in elements:
        below = tree[element]
        if not below or MEMBER in below:
            yield (*prefix, element)
    for element in elements:
        if tree[element]:
            yield from _paths(tree[element], (*prefix, element))


def _union(one: Tree, other: Tree) -> Tree:
    """Unite what stands below one element of two sets; ``{}`` means the element alone, so neither is empty.

    This and the differences return the very tree that came first when nothing changes in it.
    """
    result: Tree | None = None
    grown = False
    for element, below in other.items():
        mine = one.get(element)
        if mine is None:
            joined, grown = below, True
        elif mine is below or element == MEMBER:
            continue
        elif not mine:
            joined = below if not below or MEMBER in below else {MEMBER: LEAF, **below}
        elif not below:
            joined = mine if MEMBER in mine else {MEMBER: LEAF, **mine}
        else:
            joined = _union(mine, below)
        if joined is not mine:
            result = dict(one) if result is None else result
            result[element] = joined
    if result is None:
        return one
    return dict(sorted(result.items())) if grown else result


def _intersection(one: Tree, other: Tree) -> Tree:
    result: Tree = {}
    for element, mine in one.items():
        below = other.get(element)
        if below is None:
            continue
        if element == MEMBER:
            result[MEMBER] = LEAF
            continue
        both_members = (not mine or MEMBER in mine) and (not below or MEMBER in below)
        inner = _intersection(mine, below) if mine and below else {}
        if inner and inner.keys() != {MEMBER}:
            result[element] = inner
        elif both_members:
            result[element] = LEAF
    return result


def _difference(one: Tree, other: Tree) -> Tree:
    result: Tree | None = None
    for element, below in other.items():
        mine = one.get(element)
        if mine is None:
            continue
        left: Tree | None = None
        if element != MEMBER:
            if mine:
                left = _difference(mine, below) if below else _below(mine)
            elif below and MEMBER not in below:
                # A member without children: it goes when the other has it as a member too.
                left = mine
        result = _left(one, result, element, left)
    return one if result is None else result


def _below(tree: Tree) -> Tree:
    return {element: below for element, below in tree.items() if element != MEMBER} if MEMBER in tree else tree


def _left(one: Tree, result: Tree | None, element: str, left: Tree | None) -> Tree | None:
    """Note in a copy of ``one``, which is made when it is needed, what is left below an element: perhaps nothing."""
    if left is one[element]:
        return result
    result = dict(one) if result is None else result
    if left:
        result[element] = LEAF if left.keys() == {MEMBER} else left
    else:
        del result[element]
    return result


def _recursive_difference(one: Tree, other: Tree) -> Tree:
    result: Tree | None = None
    for element, below in other.items():
        mine = one.get(element)
        if mine is None:
            continue
        left: Tree | None = None
        if element != MEMBER and below and MEMBER not in below:
            left = _recursive_difference(mine, below) if mine else mine
        result = _left(one, result, element, left)
    return one if result is None else result


def _leaves(tree: Tree) -> Tree:
    return {element: _leaves(below) for element, below in tree.items() if element != MEMBER}
