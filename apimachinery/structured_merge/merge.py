"""Merging a configuration into an object, and taking fields out of one (``typed/merge.go``, ``typed/remove.go``, v6).

Nothing that is passed in is changed; what comes out may share parts with it.
"""

from typing import Any

from apimachinery.structured_merge.fieldpath import MEMBER, FieldSet, Tree, element_text, field
from apimachinery.structured_merge.schema import deduced
from apimachinery.structured_merge.typed import ValidationError
from apimachinery.structured_merge.types import ListType, MapType, SchemaType

JSONObject = dict[str, Any]

_NOTHING: Any = object()


def merge(live: JSONObject, config: JSONObject, kind: SchemaType) -> JSONObject:
    """Return ``live`` with all that ``config`` says: no field goes, and of leaves that both have, ``config`` wins.

    Lists keep the order of ``live``, except that what ``config`` names comes in its order.
    """
    merged = _merge(live, config, kind, "")
    return merged if isinstance(merged, dict) else {}


def _merge(live: Any, config: Any, kind: SchemaType, path: str) -> Any:
    """Merge two values, of which the first may be ``_NOTHING``."""
    if live is _NOTHING:
        return config
    if isinstance(config, dict) or (config is None and isinstance(live, dict)):
        granular = kind.map is not None and not kind.map.atomic
        if granular and (config or (isinstance(live, dict) and live)):
            assert kind.map is not None
            before = live if isinstance(live, dict) else {}
            return _merge_maps(before, config or {}, kind.map, path)
    elif isinstance(config, list) or (config is None and isinstance(live, list)):
        granular = kind.list is not None and kind.list.associative
        if granular and (config or (isinstance(live, list) and live)):
            assert kind.list is not None
            return _merge_lists(live if isinstance(live, list) else [], config or [], kind.list, path)
    return config


def _merge_maps(live: JSONObject, config: JSONObject, kind: MapType, path: str) -> JSONObject:
    merged = dict(live)
    for name, value in config.items():
        inner = kind.type_of(name) or deduced()
        merged[name] = _merge(live.get(name, _NOTHING), value, inner, f"{path}.{name}")
    return merged


def _merge_lists(live: list[Any], config: list[Any], kind: ListType, path: str) -> list[Any]:
    """Merge by keys, as ``visitListItems`` does: items of both in the order of ``config``, the others in place."""
    wanted = _index(config, kind, path)
    had: dict[str, Any] = {}
    places: list[str] = []
    for item in live:
        element = kind.element_of(item)
        # A duplicate is not merged: which of them would be meant?
        had[element] = None if element in had else item
        places.append(element)
    order = list(wanted)
    shared = [element for element in order if element in had]
    merged: list[Any] = []
    done: set[str] = set()

    def take(element: str) -> None:
        done.add(element)
        before = had.get(element)
        text = path + element_text(element)
        merged.append(_merge(_NOTHING if before is None else before, wanted[element], kind.element, text))
        if shared and shared[0] == element:
            shared.pop(0)

    left, right = 0, 0
    while left < len(places) or right < len(order):
        if left < len(places) and right < len(order):
            element = places[left]
            if element == order[right]:
                take(element)
                left, right = left + 1, right + 1
                continue
            if element in wanted and shared and shared[0] != element:
                left += 1
                continue
        if left < len(places):
            element = places[left]
            if element not in wanted:
                merged.append(live[left])
                left += 1
                continue
            if element in done:
                left += 1
        if right < len(order):
            take(order[right])
            right += 1
    return merged


def _index(items: list[Any], kind: ListType, path: str) -> JSONObject:
    found: JSONObject = {}
    for place, item in enumerate(items):
        try:
            element = kind.element_of(item)
        except ValueError as error:
            raise ValidationError([f"{path}: element {place}: {error}"]) from error
        if element in found:
            raise ValidationError([f"{path}: duplicate entries for key {element_text(element)}"])
        found[element] = item
    return found


def remove(value: JSONObject, fields: FieldSet, kind: SchemaType) -> JSONObject:
    """Return ``value`` without these fields and all below them; a map or list that this empties stays, empty."""
    left = _remove(value, fields.tree, kind)
    return left if isinstance(left, dict) else {}


def _remove(value: Any, fields: Tree, kind: SchemaType) -> Any:
    """Return what is left of a value of which some field is to go; ``None`` for an atomic one, which goes whole."""
    if isinstance(value, dict) and kind.map is not None:
        return None if kind.map.atomic else _remove_from_map(value, fields, kind.map)
    if isinstance(value, list) and kind.list is not None:
        return _remove_from_list(value, fields, kind.list) if kind.list.associative else None
    return value


def _remove_from_map(value: JSONObject, fields: Tree, kind: MapType) -> JSONObject:
    left: JSONObject = {}
    for name, inner in value.items():
        below = fields.get(field(name))
        if below is None:
            left[name] = inner
        elif below and MEMBER not in below:
            rest = _remove(inner, below, kind.type_of(name) or deduced())
            if rest is not None:
                left[name] = rest
    return left


def _remove_from_list(value: list[Any], fields: Tree, kind: ListType) -> list[Any]:
    left: list[Any] = []
    for item in value:
        below = fields.get(kind.element_of(item))
        if below is None:
            left.append(item)
        elif below and MEMBER not in below:
            rest = _remove(item, below, kind.element)
            if rest is not None:
                left.append(rest)
    return left


def extract(value: JSONObject, fields: FieldSet, kind: SchemaType) -> JSONObject:
    """Return only these fields of ``value``, and of a list item always its keys: the configuration that set them."""
    found = _extract(value, fields.tree, kind)
    return found if isinstance(found, dict) else {}


def _extract(value: Any, fields: Tree, kind: SchemaType) -> Any:
    if isinstance(value, dict) and kind.map is not None and not kind.map.atomic:
        return {
            name: _extract(inner, fields[field(name)], kind.map.type_of(name) or deduced())
            for name, inner in value.items()
            if field(name) in fields
        }
    if isinstance(value, list) and kind.list is not None and kind.list.associative:
        items: list[Any] = []
        for item in value:
            below = fields.get(kind.list.element_of(item))
            if below is None:
                continue
            taken = _extract(item, below, kind.list.element)
            if isinstance(item, dict) and isinstance(taken, dict):
                taken = {name: item[name] for name in kind.list.keys if name in item} | taken
            items.append(taken)
        return items
    return value
