"""The way from client-side apply to server-side apply (``managedfields/internal/lastapplied*.go``, v0.36).

``kubectl apply`` keeps the configuration it applied last in an annotation. When kubectl goes over to server-side
apply, what the object still has of that configuration is no conflict; and as long as the annotation is there it is
kept up to date, so that a way back is open.
"""

from typing import Any

import orjson

from apimachinery.structured_merge.compare import compare
from apimachinery.structured_merge.fieldpath import FieldSet
from apimachinery.structured_merge.typed import ValidationError, to_field_set, validate
from apimachinery.structured_merge.types import SchemaType

JSONObject = dict[str, Any]

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
MANAGER = "kubectl"
"""The one manager for whom any of this is done."""

_LIMIT = 256 * 1024


def allowed_conflicts(live: JSONObject, kind: SchemaType, api_version: str) -> FieldSet | None:
    """Return the fields that are as client-side apply has left them; ``None`` when it never wrote the object."""
    text = (live["metadata"].get("annotations") or {}).get(ANNOTATION)
    if not text:
        return None
    try:
        applied = orjson.loads(text)
        if not isinstance(applied, dict) or applied.get("apiVersion") != api_version:
            return None
        validate(applied, kind)
    except (orjson.JSONDecodeError, ValidationError):
        return None
    changes = compare(applied, live, kind)
    fields = to_field_set(applied, kind)
    return fields.difference(changes.modified).difference(changes.added).difference(changes.removed)


def keep_up_to_date(obj: JSONObject, config: JSONObject) -> None:
    """Have the annotation, when there is one, say what has been applied now; it goes when it has grown too long."""
    metadata = obj["metadata"]
    annotations = metadata.get("annotations") or {}
    if not annotations.get(ANNOTATION):
        return
    own = dict(config.get("metadata") or {})
    if own.get("annotations"):
        own["annotations"] = {key: value for key, value in own["annotations"].items() if key != ANNOTATION}
    text = orjson.dumps({**config, "metadata": own}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE).decode()
    changed = {**annotations, ANNOTATION: text}
    if sum(len(key) + len(str(value)) for key, value in changed.items()) > _LIMIT:
        del changed[ANNOTATION]
    metadata["annotations"] = changed
