"""Strategic merge patches (``k8s.io/apimachinery/pkg/util/strategicpatch``, v0.36).

Maps merge key by key; lists merge by the keys that their schema names, or are replaced where it names none. Beside
values a patch has directives:

=====================================  ===========================================================================
``$patch: replace``                    this map takes the place of the one that is there; in an item of a list: the
                                       other items of the patch take the place of the list
``$patch: delete``                     in an item of a list: that item goes; in a map: all that is in it
``$setElementOrder/NAME: [...]``       the order of what stands in the list ``NAME`` afterwards
``$deleteFromPrimitiveList/NAME``      these values leave the list ``NAME``
``$retainKeys: [...]``                 of the keys of this map, no others stay
=====================================  ===========================================================================
"""

from typing import Any

from apimachinery.go_text import plain, type_name
from apimachinery.patch import PatchError, PatchMismatch
from apimachinery.schema.bundle import Bundle, Field, Struct

JSONObject = dict[str, Any]

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
SET_ORDER = "$setElementOrder/"
DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"

_PLAIN_DIRECTIVES = (DIRECTIVE, RETAIN_KEYS)
_LIST_DIRECTIVES = (SET_ORDER, DELETE_PRIMITIVES)
_CONTAINERS = (dict, list)
_SCALARS = frozenset({str, bool, int, float})
_TEXT, _MAP = frozenset({str}), frozenset({dict})
_ANY = Field("any")
_BAD_RETAIN_KEYS = "invalid patch format of retainKeys"


def apply_strategic_merge_patch(target: JSONObject, patch: JSONObject, struct: Struct, bundle: Bundle) -> JSONObject:
    """Return what a patch makes of an object of the kind that ``struct`` describes; neither argument is changed.

    The result may share parts with both. Raises :class:`~apimachinery.patch.PatchError` for a patch that is
    malformed, :class:`~apimachinery.patch.PatchMismatch` for one that upstream refuses as not fitting.
    """
    return _Merger(bundle).merge_map(target, patch, f"#{struct.name}")


class _Merger:
    """Types are written as in the bundle: ``#Name``, ``{}X``, ``any``."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def _field(self, kind: str, name: str) -> Field | None:
        """Return what is known of a field of a struct or a key of a map; ``None`` for a field there is none of."""
        if kind.startswith("#"):
            struct = self._bundle.struct(kind[1:])
            return _ANY if struct is None else struct.fields.get(name)
        return Field(kind[2:]) if kind.startswith("{}") else _ANY

    def merge_map(self, original: JSONObject, patch: JSONObject, kind: str) -> JSONObject:
        if DIRECTIVE in patch:
            return _replaced(patch)
        if _repeats(original, patch):
            return original
        merged = dict(original)
        if RETAIN_KEYS in patch:
            _retain(merged, patch)
        for key, value in patch.items():
            if key.startswith("$"):
                self._directive(merged, patch, key, value, kind)
            elif value is None:
                merged.pop(key, None)
            elif not isinstance(value, _CONTAINERS):
                merged[key] = value
            elif key not in merged:
                self._add(merged, key, value, patch.get(SET_ORDER + key), kind)
            elif isinstance(value, dict) and isinstance(merged[key], dict):
                field = self._field(kind, key) or _ANY
                if "replace" in field.patch_strategy:
                    merged[key] = value
                else:
                    merged[key] = self.merge_map(merged[key], value, field.type)
            elif isinstance(value, list) and isinstance(merged[key], list):
                field = self._field(kind, key) or _ANY
                merged[key] = self._merge_list(merged[key], value, field, patch.get(SET_ORDER + key))
            else:
                merged[key] = value
        return merged

    def _add(self, merged: JSONObject, key: str, value: Any, order: Any, kind: str) -> None:
        """Take a value over where there was none; nothing has to be merged, but directives are still to go."""
        field = self._field(kind, key) or _ANY
        if order is not None and isinstance(value, list):
            _check_order(value, order, field.merge_key)
        value = _without_directives(value)
        if order is not None and isinstance(value, list):
            value = in_order(value, order, [], field.merge_key)
        merged[key] = value

    def _directive(self, merged: JSONObject, patch: JSONObject, key: str, value: Any, kind: str) -> None:
        if key.startswith(DELETE_PRIMITIVES):
            if not isinstance(value, list):
                raise PatchError("invalid patch format of primitive list")
            name = key.removeprefix(DELETE_PRIMITIVES)
            if isinstance(merged.get(name), list):
                merged[name] = [item for item in merged[name] if item not in value]
        elif key.startswith(SET_ORDER):
            name = key.removeprefix(SET_ORDER)
            if not isinstance(value, list):
                raise PatchError(f"expected a []interface {{}}, but received a {type_name(value)}")
            field = self._field(kind, name)
            if field is None:
                struct = kind.rpartition(".")[2]
                raise PatchError(f'unable to find api field in struct {struct} for the json field "{name}"')
            if name not in patch and isinstance(merged.get(name), list):
                merged[name] = in_order(merged[name], value, merged[name], field.merge_key)
        elif key not in {RETAIN_KEYS, DIRECTIVE}:
            # No directive after all; what it is, the decoder will say.
            merged[key] = value

    def _merge_list(self, current: list[Any], patch: list[Any], field: Field, order: Any) -> list[Any]:
        if "merge" not in field.patch_strategy:
            return [_without_directives(item) if isinstance(item, dict) else item for item in patch]
        key = field.merge_key
        _check_elements(current, patch, key)
        if order is not None:
            _check_order(patch, order, key)
        if key:
            wanted = [item for item in patch if DIRECTIVE not in item]
            if len(wanted) < len(patch):
                current = _special_items(current, patch, key)
            merged = self._merge_items(current, wanted, key, field.type.removeprefix("[]"))
        else:
            wanted = patch
            merged = current + [item for place, item in enumerate(patch) if item not in (*current, *patch[:place])]
        # The patch's own order counts even without an order directive, which otherwise names all of the patch.
        return in_order(merged, wanted if order is None else order, current, key)

    def _merge_items(self, current: list[Any], patch: list[Any], key: str, kind: str) -> list[Any]:
        merged = list(current)
        places: dict[Any, int] = {}
        for place, item in enumerate(merged):
            places.setdefault(_hashable(item.get(key)), place)
        for item in patch:
            if key not in item:
                raise _no_merge_key(item, key)
            identity = _hashable(item[key])
            place = places.get(identity, -1)
            if place < 0:
                places[identity] = len(merged)
                merged.append(_without_directives(item))
            else:
                merged[place] = self.merge_map(merged[place], item, kind)
        return merged


def _repeats(original: JSONObject, patch: JSONObject) -> bool:
    """Whether a patch says nothing but scalars that are there already, as the uid is that a status is written for."""
    for key, value in patch.items():
        if type(value) not in _SCALARS or type(known := original.get(key)) is not type(value) or known != value:
            return False
    return True


def _replaced(patch: JSONObject) -> JSONObject:
    match patch[DIRECTIVE]:
        case "replace":
            return {key: value for key, value in patch.items() if key != DIRECTIVE}
        case "delete":
            return {}
    raise _unknown_directive(patch)


def _unknown_directive(patch: JSONObject) -> PatchError:
    return PatchError(f"unknown patch type: {plain(patch[DIRECTIVE])} in map: {plain(patch)}")


def _no_merge_key(item: JSONObject, key: str) -> PatchError:
    return PatchError(f"map: {plain(item)} does not contain declared merge key: {key}")


def _retain(merged: JSONObject, patch: JSONObject) -> None:
    retained = patch[RETAIN_KEYS]
    if not isinstance(retained, list):
        raise PatchError(_BAD_RETAIN_KEYS)
    for key, value in patch.items():
        if value is not None and key not in retained and not key.startswith("$"):
            raise PatchError(_BAD_RETAIN_KEYS)
    for key in [key for key in merged if key not in retained]:
        del merged[key]


def _special_items(current: list[Any], patch: list[Any], key: str) -> list[Any]:
    """Do what the directives in items of a list ask for; return what is left of the list."""
    replace = False
    for item in patch:
        match item.get(DIRECTIVE):
            case None:
                continue
            case "delete":
                if key not in item:
                    raise _no_merge_key(item, key)
                current = [old for old in current if not (key in old and old[key] == item[key])]
            case "replace":
                replace = True
            case "merge":
                raise PatchError("merging lists cannot yet be specified in the patch")
            case _:
                raise _unknown_directive(item)
    return [] if replace else current


def _check_elements(current: list[Any], patch: list[Any], key: str) -> None:
    """Refuse lists of lists, and items of a list that are not of one sort."""
    if key and _MAP.issuperset(map(type, patch)) and _MAP.issuperset(map(type, current)):
        return
    sorts = {_sort(item) for item in patch}
    if list in sorts:
        raise PatchMismatch("lists of lists are not supported")
    sorts |= {_sort(item) for item in current}
    if len(sorts) > 1:
        raise PatchError(f"list element types are not identical: {plain([current, patch])}")
    if key and sorts and sorts != {dict}:
        raise PatchError(f"expected a map[string]interface {{}}, but received a {type_name((patch or current)[0])}")
    if not key and sorts == {dict}:
        raise PatchError("cannot merge lists without merge key for type struct")


def _sort(item: Any) -> type:
    kind = type(item)
    return float if kind is int else kind


def _check_order(patch: list[Any], order: Any, key: str) -> None:
    """Refuse a patch whose items are not all in the order that it asks for, or not in that order."""
    if not isinstance(order, list):
        raise PatchError(f"expected a []interface {{}}, but received a {type_name(order)}")
    if not order:
        return
    place = 0
    wanted = _identities(order, key)
    for item in patch:
        if isinstance(item, dict) and DIRECTIVE in item:
            continue
        identity = _identity(item, key)
        while place < len(wanted) and wanted[place] != identity:
            place += 1
        if place == len(wanted):
            raise PatchError(
                f"The order in patch list:\n{plain(patch)}\n doesn't match {SET_ORDER[:-1]} list:\n{plain(order)}\n"
            )
        place += 1


def _identities(items: list[Any], key: str) -> list[Any]:
    try:
        # Most lists are of maps that have a text under the key.
        texts = [item[key] for item in items] if key else items
        if _TEXT.issuperset(map(type, texts)):
            return texts
    except (TypeError, KeyError):
        pass
    return [_identity(item, key) for item in items]


def _identity(item: Any, key: str) -> Any:
    if not key:
        return _hashable(item)
    if not isinstance(item, dict):
        raise PatchError(f"expected a map[string]interface {{}}, but received a {type_name(item)}")
    value = item.get(key)
    if value is None and key not in item:
        raise _no_merge_key(item, key)
    return _hashable(value)


def _hashable(value: Any) -> Any:
    return value if type(value) is str or value.__hash__ is not None else repr(value)


def _without_directives(value: Any) -> Any:
    """Return a value of a patch as it is without an original: less its directives, and less its nulls."""
    if isinstance(value, dict):
        return {
            key: _without_directives(inner) if isinstance(inner, _CONTAINERS) else inner
            for key, inner in value.items()
            if inner is not None
            and not (key.startswith("$") and (key in _PLAIN_DIRECTIVES or key.startswith(_LIST_DIRECTIVES)))
        }
    return [
        _without_directives(item) if isinstance(item, _CONTAINERS) else item
        for item in value
        if not (isinstance(item, dict) and (item.get(DIRECTIVE) == "delete" or item == {DIRECTIVE: "replace"}))
    ]


def in_order(items: list[Any], order: list[Any], server: list[Any], key: str) -> list[Any]:
    """Bring the items that ``order`` names into its order; the others stay in the order of ``server``.

    An item of the others comes before a named one only where it stood before it on the server, so that what
    ``order`` brings in anew comes first: how upstream's ``mergeSortedSlice`` merges the two orders.
    """
    wanted = _identities(order, key)
    identities = _identities(items, key)
    if identities == wanted:
        return items
    rank = {identity: place for place, identity in reversed(list(enumerate(wanted)))}
    before = {identity: place for place, identity in enumerate(_identities(server, key))}
    last = len(server)
    named = sorted(
        (pair for pair in zip(identities, items, strict=True) if pair[0] in rank), key=lambda pair: rank[pair[0]]
    )
    others = sorted(
        (pair for pair in zip(identities, items, strict=True) if pair[0] not in rank),
        key=lambda pair: before.get(pair[0], last),
    )
    result: list[Any] = []
    taken = 0
    for identity, item in named:
        place = before.get(identity, -1)
        while taken < len(others) and before.get(others[taken][0], last) < place:
            result.append(others[taken][1])
            taken += 1
        result.append(item)
    return result + [item for _, item in others[taken:]]
