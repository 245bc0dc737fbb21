"""Which class is the default, where annotations say so (``pkg/volume/util/storageclass.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from typing import Any

JSONObject = dict[str, Any]


def newest_default(classes: Iterable[JSONObject], annotations: Sequence[str]) -> str:
    """Return the name of the default class, of several the one created last, then by name; ``""`` for none.

    ``annotations`` are those of which any makes a class the default when it is ``true``.
    """
    found = [entry["metadata"] for entry in classes if _is_default(entry["metadata"], annotations)]
    if not found:
        return ""
    last = max(metadata["creationTimestamp"] for metadata in found)
    return min(str(metadata["name"]) for metadata in found if metadata["creationTimestamp"] == last)


def _is_default(metadata: JSONObject, annotations: Sequence[str]) -> bool:
    given = metadata.get("annotations", {})
    return any(given.get(annotation) == "true" for annotation in annotations)
