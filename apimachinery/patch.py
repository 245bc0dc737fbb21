"""The patch formats of the RFCs, as functions from (object, patch) to a new object.

JSON patch is RFC 6902 (by the ``jsonpatch`` library), JSON merge patch is RFC 7386. Neither argument is changed.
Kubernetes' own format is in :mod:`apimachinery.strategic_merge`, and applied configurations in
:mod:`apimachinery.structured_merge`.
"""

import copy
from typing import Any

import jsonpatch
import jsonpointer

JSONObject = dict[str, Any]


class PatchError(ValueError):
    """The patch is malformed, or cannot be applied to this object; the text says why."""


class PatchMismatch(PatchError):
    """The patch is well formed, but does not fit the object: a ``test`` did not hold, a path is not there."""


def apply_json_patch(target: JSONObject, patch: Any) -> JSONObject:
    """Apply RFC 6902 operations; all of them or none.

    Raises :class:`PatchError` for what is no list of objects, or leaves no object, and :class:`PatchMismatch` for
    operations that do not fit, or that there are none of: upstream finds out about both as it applies them.
    """
    if not isinstance(patch, list) or not all(isinstance(operation, dict) for operation in patch):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    try:
        operations = jsonpatch.JsonPatch(patch)
    except (jsonpatch.InvalidJsonPatch, jsonpointer.JsonPointerException, TypeError, AttributeError) as error:
        raise PatchMismatch(f"invalid JSON patch: {error}") from error
    try:
        patched = operations.apply(copy.deepcopy(target))
    except jsonpatch.JsonPatchTestFailed as error:
        raise PatchMismatch(f"testing value failed: {error}") from error
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, ValueError) as error:
        raise PatchMismatch(str(error)) from error
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
