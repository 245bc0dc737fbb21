"""Events (``pkg/apis/core/validation/events.go``, v1.36), in the stored form, which is the core group's."""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_LIMITS = {"reportingInstance": 128, "action": 128, "reason": 128, "message": 1024}
_DEPRECATED = ("firstTimestamp", "lastTimestamp", "count")
_IMMUTABLE = (
    "involvedObject",
    "reason",
    "message",
    "source",
    *_DEPRECATED,
    "type",
    "eventTime",
    "action",
    "related",
    "reportingInstance",
)


def validate_event(event: JSONObject, *, controller: str = "reportingComponent") -> Causes:
    """Check what holds for events of every version; ``controller`` is what the client calls the reporter.

    Events that carry an ``eventTime`` are of the newer kind, which has to say who did what.
    """
    namespace, involved = event["metadata"].get("namespace", ""), event.get("involvedObject", {}).get("namespace", "")
    is_new = bool(event.get("eventTime"))
    causes: Causes = []
    # What belongs to no namespace is reported in one of the cluster's own.
    fits = namespace in {"", "default", "kube-system"} if not involved else is_new or involved == namespace
    if not fits:
        causes.append(field.invalid("involvedObject.namespace", involved, "does not match event.namespace"))
    if not is_new:
        return causes
    causes += values.named(controller, event.get("reportingComponent", ""), names.qualified_name)
    for key, limit in _LIMITS.items():
        text = event.get(key, "")
        if not text and key != "message":
            causes.append(field.required(key))
        if len(text) > limit:
            causes.append(field.invalid(key, "", f"can have at most {limit} characters"))
    return causes


def validate_new_event(event: JSONObject) -> Causes:
    """Check an event that is created through ``events.k8s.io/v1``."""
    causes = validate_event(event, controller="reportingController") + _series(event)
    if not event.get("eventTime"):
        causes.append(field.required("eventTime"))
    kind = event.get("type", "")
    if kind not in {"Normal", "Warning"}:
        causes.append(field.invalid("type", "", f"has invalid value: {kind}"))
    causes += [field.invalid(key, "", "needs to be unset") for key in _DEPRECATED if event.get(key)]
    if any(event.get("source", {}).values()):
        causes.append(field.invalid("source", "", "needs to be unset"))
    return causes


def validate_new_event_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check a change through ``events.k8s.io/v1``: a series goes on, everything else has happened."""
    causes = validate_event(new, controller="reportingController")
    if new.get("series") != old.get("series"):
        causes += _series(new)
    for key in _IMMUTABLE:
        # Empty and absent are the same.
        causes += values.immutable(key, new.get(key) or None, old.get(key) or None)
    after, before = new.get("reportingComponent", ""), old.get("reportingComponent", "")
    return causes + values.immutable("reportingController", after, before)


def _series(event: JSONObject) -> Causes:
    series = event.get("series")
    if series is None:
        return []
    causes: Causes = []
    if series.get("count", 0) < 2:
        causes.append(field.invalid("series.count", "", "should be at least 2"))
    if not series.get("lastObservedTime"):
        causes.append(field.required("series.lastObservedTime"))
    return causes
