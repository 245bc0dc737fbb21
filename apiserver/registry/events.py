"""``events.k8s.io/v1``: another view of the core group's events (``pkg/apis/events/v1/conversion.go``, v1.36)."""

from typing import Any

from apiserver.registry.kinds import EventStrategy
from apiserver.registry.strategy import COMMON_FIELDS
from apiserver.validation import events
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_CORE_NAME_OF = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_NEW_NAME_OF = {old: new for new, old in _CORE_NAME_OF.items()}
_REGARDING = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


class EventConversion:
    """The fields are the same, most of them under other names."""

    def to_stored(self, obj: JSONObject) -> JSONObject:
        renamed = {_CORE_NAME_OF.get(key, key): value for key, value in obj.items()}
        return {**renamed, "apiVersion": "v1", "kind": "Event"}

    def from_stored(self, obj: JSONObject) -> JSONObject:
        renamed = {_NEW_NAME_OF.get(key, key): value for key, value in obj.items()}
        return {**renamed, "apiVersion": "events.k8s.io/v1", "kind": "Event"}


class EventsV1Strategy(EventStrategy):
    field_aliases = {  # noqa: RUF012  (a table, never changed)
        **{f"regarding.{key}": f"involvedObject.{key}" for key in _REGARDING},
        "reportingController": "reportingComponent",
    }
    selectable_fields = (*COMMON_FIELDS, *field_aliases, "reason", "type")

    def validate(self, obj: JSONObject) -> Causes:
        return events.validate_new_event(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return events.validate_new_event_update(new, old)
