"""Checking a value against its type, and the fields it has (``typed``, v6)."""

from typing import Any

from apimachinery.go_text import plain, type_name
from apimachinery.structured_merge.fieldpath import LEAF, MEMBER, FieldSet, Tree, element_text, field, index
from apimachinery.structured_merge.types import ListType, MapType, SchemaType

JSONObject = dict[str, Any]


class ValidationError(ValueError):
    """A value is not of its type. ``problems`` are texts, each a path and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0] if len(problems) == 1 else "\n  ".join(["errors:", *problems]))
        self.problems = problems


def validate(value: Any, kind: SchemaType, *, allow_duplicates: bool = False) -> None:
    """Raise :class:`ValidationError` when ``value`` is not of the type.

    An applied configuration may not name an item of an associative list twice. An object that is stored already may
    (``allow_duplicates``), since not every write of it was an apply.
    """
    problems: list[str] = []
    _Validation(allow_duplicates, problems).check(value, kind, "")
    if problems:
        raise ValidationError(problems)


class _Validation:
    def __init__(self, allow_duplicates: bool, problems: list[str]) -> None:
        self._allow_duplicates = allow_duplicates
        self._problems = problems

    def _report(self, path: str, message: str) -> None:
        self._problems.append(f"{path}: {message}" if path else message)

    def check(self, value: Any, kind: SchemaType, path: str) -> None:
        if value is None:
            return
        if isinstance(value, dict) and kind.map is not None:
            self._map(value, kind.map, path)
        elif isinstance(value, list) and kind.list is not None:
            self._list(value, kind.list, path)
        elif kind.map is not None and (not kind.scalar or isinstance(value, dict | list)):
            self._report(path, f"expected map, got {_shown(value)}")
        elif kind.scalar:
            if problem := _scalar_problem(value, kind.scalar):
                self._report(path, problem)
        else:
            self._report(path, f"expected list, got {_shown(value)}")

    def _map(self, fields: JSONObject, kind: MapType, path: str) -> None:
        declared = kind.fields
        for name, inner in fields.items():
            found = declared.get(name, kind.element)
            if found is None:
                self._report(f"{path}.{name}", "field not declared in schema")
                return
            self.check(inner, found, f"{path}.{name}")

    def _list(self, items: list[Any], kind: ListType, path: str) -> None:
        seen: set[str] = set()
        for place, item in enumerate(items):
            if kind.associative:
                try:
                    element = kind.element_of(item)
                except ValueError as error:
                    self._report(path, f"element {place}: {error}")
                    return
                if element in seen and not self._allow_duplicates:
                    self._report(path, f"duplicate entries for key {element_text(element)}")
                seen.add(element)
            else:
                element = index(place)
            self.check(item, kind.element, path + element_text(element))


def _scalar_problem(value: Any, scalar: str) -> str:
    match scalar:
        case "numeric" if isinstance(value, bool) or not isinstance(value, int | float):
            return f"expected numeric (int or float), got {type_name(value)}"
        case "string" if not isinstance(value, str):
            return f"expected string, got {_value_literal(value)}"
        case "boolean" if not isinstance(value, bool):
            return f"expected boolean, got {_shown(value)}"
        case "untyped" if isinstance(value, dict | list):
            return f"expected any scalar, got {_shown(value)}"
    return ""


def _shown(value: Any) -> str:
    """Write a value as Go's ``%v`` writes a structured-merge value: a pointer to what it wraps."""
    return f"&{{{plain(value)}}}"


def _value_literal(value: Any) -> str:
    """Write a value as Go's ``%#v`` does."""
    shown = f'"{value}"' if isinstance(value, str) else plain(value)
    return f"&value.valueUnstructured{{Value:{shown}}}"


def to_field_set(value: Any, kind: SchemaType) -> FieldSet:
    """Return every leaf and list item that ``value`` mentions: what an applier of it owns.

    The parents of a leaf are not part of it, but items of lists, keys of maps, and what is empty are.
    """
    return FieldSet(_fields_of(value, kind))


def _fields_of(value: Any, kind: SchemaType) -> Tree | None:
    """Return what stands below the element of ``value``: ``LEAF`` for a leaf, ``None`` when nothing is owned there."""
    if isinstance(value, dict) and kind.map is not None and not kind.map.atomic:
        return _fields_of_map(value, kind.map) if value else LEAF
    if isinstance(value, list) and kind.list is not None and kind.list.associative:
        return _fields_of_list(value, kind.list)
    return LEAF


def _fields_of_map(fields: JSONObject, kind: MapType) -> Tree | None:
    tree: Tree = {}
    declared = kind.fields
    for name in sorted(fields):
        known = declared.get(name)
        found = known or kind.element
        if found is None:
            continue
        below = _fields_of(fields[name], found)
        if known is not None:
            if below is not None:
                tree[field(name)] = below
        else:
            # The keys of a map are owned themselves, the fields of a struct by what they hold.
            tree[field(name)] = {MEMBER: LEAF, **below} if below else LEAF
    return tree or None


def _fields_of_list(items: list[Any], kind: ListType) -> Tree | None:
    tree: Tree = {}
    for item in items:
        element = kind.element_of(item)
        if element in tree:
            tree[element] = LEAF
            continue
        below = _fields_of(item, kind.element)
        tree[element] = {MEMBER: LEAF, **below} if below else LEAF
    return dict(sorted(tree.items())) or None
