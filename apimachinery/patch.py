"""The patch formats of the Kubernetes API, as functions from (object, patch) to a new object.

JSON patch is RFC 6902 (by the ``jsonpatch`` library), JSON merge patch is RFC 7386, and strategic merge patch
follows ``k8s.io/apimachinery/pkg/util/strategicpatch`` (v0.36): lists merge by the keys their schema names, with
``$patch``, ``$setElementOrder/…``, ``$deleteFromPrimitiveList/…`` and ``$retainKeys`` directives. Neither argument
is changed.
"""

import copy
from typing import Any

import jsonpatch
import jsonpointer

from apimachinery.schema.bundle import Bundle, Field, Struct

JSONObject = dict[str, Any]

_SET_ORDER = "$setElementOrder/"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_RETAIN_KEYS = "$retainKeys"
_DIRECTIVE = "$patch"
_NO_FIELD = Field("any")


class PatchError(ValueError):
    """The patch is malformed, or cannot be applied to this object; the text says why."""


class PatchTestFailed(PatchError):
    """A ``test`` operation of a JSON patch did not hold, or a path it names is not there."""


def apply_json_patch(target: JSONObject, patch: Any) -> JSONObject:
    """Apply RFC 6902 operations; all of them or none.

    Raises :class:`PatchError` for a malformed patch, :class:`PatchTestFailed` for one that does not fit.
    """
    if not isinstance(patch, list):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    try:
        operations = jsonpatch.JsonPatch(patch)
    except (jsonpatch.InvalidJsonPatch, jsonpointer.JsonPointerException, TypeError, AttributeError) as error:
        raise PatchError(f"invalid JSON patch: {error}") from error
    try:
        patched = operations.apply(copy.deepcopy(target))
    except jsonpatch.JsonPatchTestFailed as error:
        raise PatchTestFailed(f"testing value failed: {error}") from error
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, ValueError) as error:
        raise PatchTestFailed(f"the server rejected our request due to an error in our request: {error}") from error
    if not isinstance(patched, dict):
        raise PatchError("the patch leaves no object")
    return patched


def apply_merge_patch(target: Any, patch: Any) -> Any:
    """Apply RFC 7386: objects merge, ``null`` removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = apply_merge_patch(merged.get(key), value)
    return merged


def apply_strategic_merge_patch(target: JSONObject, patch: JSONObject, struct: Struct, bundle: Bundle) -> JSONObject:
    """Apply a strategic merge patch to an object of the kind that ``struct`` describes."""
    return _Merger(bundle).merge_object(target, patch, struct)


class _Merger:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def _struct(self, type_name: str) -> Struct | None:
        return self._bundle.struct(type_name[1:]) if type_name.startswith("#") else None

    def merge_object(self, target: JSONObject, patch: JSONObject, struct: Struct | None) -> JSONObject:
        directive = patch.get(_DIRECTIVE)
        if directive == "replace":
            return {key: value for key, value in patch.items() if key != _DIRECTIVE}
        if directive == "delete":
            return {}
        if directive is not None and directive != "merge":
            raise PatchError(f"unknown $patch type: {directive}")
        merged = dict(target)
        if retained := patch.get(_RETAIN_KEYS):
            self._retain(merged, patch, retained)
        for key, value in patch.items():
            if key in {_DIRECTIVE, _RETAIN_KEYS} or key.startswith(_SET_ORDER):
                continue
            if key.startswith(_DELETE_PRIMITIVES):
                self._delete_primitives(merged, key.removeprefix(_DELETE_PRIMITIVES), value)
                continue
            field = struct.fields.get(key, _NO_FIELD) if struct else _NO_FIELD
            if value is None:
                merged.pop(key, None)
            elif isinstance(value, dict):
                merged[key] = self._merge_map(merged.get(key), value, field)
            elif isinstance(value, list):
                merged[key] = self._merge_list(merged.get(key), value, field, patch.get(_SET_ORDER + key))
            else:
                merged[key] = value
        for key, order in patch.items():
            name = key.removeprefix(_SET_ORDER)
            if name != key and name not in patch and isinstance(merged.get(name), list) and struct:
                field = struct.fields.get(name, _NO_FIELD)
                merged[name] = _ordered(merged[name], order, merged[name], field.merge_key)
        return merged

    def _retain(self, merged: JSONObject, patch: JSONObject, retained: Any) -> None:
        if not isinstance(retained, list):
            raise PatchError("invalid $retainKeys: a list is needed")
        for key in patch:
            if key not in retained and not key.startswith("$"):
                raise PatchError(f"{key} is in the patch but not in the $retainKeys list")
        for key in [key for key in merged if key not in retained]:
            del merged[key]

    def _delete_primitives(self, merged: JSONObject, name: str, values: Any) -> None:
        if not isinstance(values, list):
            raise PatchError(f"{_DELETE_PRIMITIVES}{name}: a list is needed")
        if isinstance(merged.get(name), list):
            merged[name] = [value for value in merged[name] if value not in values]

    def _merge_map(self, current: Any, patch: JSONObject, field: Field) -> Any:
        nested = self._struct(field.type)
        if field.type.startswith("{}"):
            nested = self._struct(field.type[2:])
            current = current if isinstance(current, dict) else {}
            if patch.get(_DIRECTIVE) or not nested:
                return self.merge_object(current, patch, None)
            return {
                key: value
                for key, value in {
                    **current,
                    **{
                        key: None if value is None else self._merge_map(current.get(key), value, Field(field.type[2:]))
                        for key, value in patch.items()
                    },
                }.items()
                if value is not None
            }
        return self.merge_object(current if isinstance(current, dict) else {}, patch, nested)

    def _merge_list(self, current: Any, patch: list[Any], field: Field, order: Any) -> list[Any]:
        if "merge" not in field.patch_strategy:
            return _without_directives(patch)
        current = current if isinstance(current, list) else []
        key = field.merge_key
        if not key:
            merged = current + [value for value in patch if value not in current]
        elif any(isinstance(item, dict) and item.get(_DIRECTIVE) == "replace" for item in patch):
            merged = [item for item in patch if not isinstance(item, dict) or item.get(_DIRECTIVE) != "replace"]
        else:
            merged = self._merge_keyed(current, patch, key, self._struct(field.type.removeprefix("[]")))
        # The patch's own order counts even without an order directive, as upstream has it.
        merged = _ordered(merged, patch, current, key)
        return merged if order is None else _ordered(merged, order, current, key)

    def _merge_keyed(self, current: list[Any], patch: list[Any], key: str, struct: Struct | None) -> list[Any]:
        merged = list(current)
        for item in patch:
            if not isinstance(item, dict) or key not in item:
                raise PatchError(f"map: {item} does not contain declared merge key: {key}")
            place = next((i for i, old in enumerate(merged) if _key(old, key) == item[key]), None)
            if item.get(_DIRECTIVE) == "delete":
                merged = [old for old in merged if _key(old, key) != item[key]]
            elif place is None:
                merged.append(self.merge_object({}, item, struct))
            else:
                merged[place] = self.merge_object(merged[place], item, struct)
        return merged


def _key(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, dict) else None


def _without_directives(items: list[Any]) -> list[Any]:
    return [
        {key: value for key, value in item.items() if key != _DIRECTIVE} if isinstance(item, dict) else item
        for item in items
    ]


def _ordered(items: list[Any], order: Any, server: list[Any], key: str) -> list[Any]:
    """Bring the items that ``order`` names into its order; the others stay in the order of ``server``.

    An item of the others comes before a named one only where it stood before it on the server, so that what
    ``order`` brings in anew comes first: how upstream's ``mergeSortedSlice`` merges the two orders.
    """
    if not isinstance(order, list):
        raise PatchError("$setElementOrder: a list is needed")

    def identity(item: Any) -> Any:
        return _hashable(_key(item, key) if key else item)

    wanted = {identity(entry): place for place, entry in enumerate(order)}
    before = {identity(entry): place for place, entry in enumerate(server)}
    named = sorted((item for item in items if identity(item) in wanted), key=lambda item: wanted[identity(item)])
    others = [item for item in items if identity(item) not in wanted]
    others.sort(key=lambda item: before.get(identity(item), len(server)))
    result: list[Any] = []
    for item in named:
        place = before.get(identity(item), -1)
        while others and before.get(identity(others[0]), len(server)) < place:
            result.append(others.pop(0))
        result.append(item)
    return result + others


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
