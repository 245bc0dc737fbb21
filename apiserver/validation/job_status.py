"""What a status of a Job may say (``validateJobStatus`` and ``ValidateJobStatusUpdate`` in
``pkg/apis/batch/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery.clock import parse_rfc3339
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.job_indexes import IndexSyntaxError, first_common, parse_indexes

JSONObject = dict[str, Any]

_COUNTS = ("active", "succeeded", "failed", "ready", "terminating")
_TERMINAL = ("Failed", "Complete", "FailureTarget", "SuccessCriteriaMet")
_EXCLUSIVE = (
    ("Complete", "Failed", "cannot set Complete=True and Failed=true conditions"),
    ("Complete", "FailureTarget", "cannot set Complete=True and FailureTarget=true conditions"),
    ("SuccessCriteriaMet", "Failed", "cannot set SuccessCriteriaMet=True and Failed=true conditions"),
    ("SuccessCriteriaMet", "FailureTarget", "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"),
)
_ANNOUNCED = (
    ("Failed", "FailureTarget", "cannot set Failed=True condition without the FailureTarget=true condition"),
    (
        "Complete",
        "SuccessCriteriaMet",
        "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
    ),
)
_EMPTY: JSONObject = {}


def validate_job_status_update(new: JSONObject, old: JSONObject) -> Causes:
    """Check a status write; what was wrong with the status before, and has not changed, is let be, as upstream does."""
    status, before = new.get("status") or _EMPTY, old.get("status") or _EMPTY
    known = _checked(old["spec"], before)
    causes = [cause for cause in _checked(new["spec"], status) if cause not in known]
    held, holds = _true_conditions(before), _true_conditions(status)
    causes += [
        field.invalid_whole("status.conditions", f"cannot disable the terminal {kind}=True condition")
        for kind in _TERMINAL
        if kind in held and kind not in holds
    ]
    # An indexed job that is made smaller counts fewer.
    counted = ["failed"]
    if new["spec"].get("completionMode") != "Indexed" or new["spec"].get("completions") == old["spec"].get(
        "completions"
    ):
        counted.append("succeeded")
    causes += [
        field.invalid(f"status.{key}", status.get(key, 0), f"cannot decrease the {key} counter")
        for key in counted
        if status.get(key, 0) < before.get(key, 0)
    ]
    ended, once = status.get("completionTime"), before.get("completionTime")
    if ended and once and ended != once:
        causes.append(field.invalid("status.completionTime", ended, "completionTime cannot be mutated"))
    started, once = status.get("startTime"), before.get("startTime")
    if once and started != once and not new["spec"].get("suspend"):
        causes.append(
            field.invalid("status.startTime", started, "startTime cannot be updated for unsuspended job")
            if started
            else field.required("status.startTime", "startTime cannot be removed for unsuspended job")
        )
    return causes


def _true_conditions(status: JSONObject) -> set[str]:
    return {entry.get("type", "") for entry in status.get("conditions") or () if entry.get("status") == "True"}


def _checked(spec: JSONObject, status: JSONObject) -> Causes:
    """Check a status by itself."""
    causes = [cause for key in _COUNTS for cause in field.non_negative(f"status.{key}", status.get(key))]
    causes += _uncounted(status.get("uncountedTerminatedPods") or _EMPTY)
    holds = _true_conditions(status)
    causes += [
        field.invalid_whole("status.conditions", text) for one, other, text in _EXCLUSIVE if {one, other} <= holds
    ]
    causes += [
        field.invalid_whole("status.conditions", text)
        for kind, needed, text in _ANNOUNCED
        if kind in holds and needed not in holds
    ]
    causes += _times(status, is_complete="Complete" in holds)
    if holds & {"Complete", "Failed"}:
        causes += _finished(status)
    if status.get("ready") is not None and status["ready"] > status.get("active", 0):
        causes.append(field.invalid("status.ready", status["ready"], "cannot set more ready pods than active"))
    return causes + _indexes(spec, status)


def _uncounted(pods: JSONObject) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for key in ("succeeded", "failed"):
        for index, uid in enumerate(pods.get(key) or ()):
            path = f"status.uncountedTerminatedPods.{key}[{index}]"
            if not uid:
                causes.append(field.invalid(path, uid, "must not be empty"))
            elif uid in seen:
                causes.append(field.duplicate(path, uid))
            seen.add(uid)
    return causes


def _times(status: JSONObject, *, is_complete: bool) -> Causes:
    started, ended, path = status.get("startTime"), status.get("completionTime"), "status.completionTime"
    causes: Causes = []
    if ended and not is_complete:
        detail = "cannot set completionTime when there is no Complete=True condition"
        causes.append(field.invalid(path, ended, detail))
    if is_complete and not ended:
        causes.append(field.required(path, "completionTime is required for Complete jobs"))
    if started and ended and parse_rfc3339(ended) < parse_rfc3339(started):
        causes.append(field.invalid(path, ended, "completionTime cannot be set before startTime"))
    return causes


def _finished(status: JSONObject) -> Causes:
    causes: Causes = []
    if not status.get("startTime"):
        causes.append(field.required("status.startTime", "startTime is required for finished job"))
    for key in ("active", "terminating"):
        if (number := status.get(key) or 0) > 0:
            causes.append(field.invalid(f"status.{key}", number, f"{key}>0 is invalid for finished job"))
    uncounted = status.get("uncountedTerminatedPods") or _EMPTY
    if uncounted.get("succeeded") or uncounted.get("failed"):
        detail = "uncountedTerminatedPods needs to be empty for finished job"
        causes.append(field.invalid("status.uncountedTerminatedPods", uncounted, detail))
    return causes


def _indexes(spec: JSONObject, status: JSONObject) -> Causes:
    causes: Causes = []
    completed, failed = status.get("completedIndexes", ""), status.get("failedIndexes")
    if completed and spec.get("completionMode") != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        causes.append(field.invalid("status.completedIndexes", completed, detail))
    if failed is not None and spec.get("backoffLimitPerIndex") is None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        causes.append(field.invalid("status.failedIndexes", failed, detail))
    if (completions := spec.get("completions")) is None:
        return causes
    parsed: list[list[tuple[int, int]]] = []
    for key, text in (("completedIndexes", completed), ("failedIndexes", failed or "")):
        try:
            parsed.append(parse_indexes(text, completions))
        except IndexSyntaxError as error:
            causes.append(field.invalid(f"status.{key}", text, f"error parsing {key}: {error}"))
            return causes
    if (common := first_common(*parsed)) is not None:
        detail = f"failedIndexes and completedIndexes overlap at index: {common}"
        causes.append(field.invalid("status.failedIndexes", failed, detail))
    return causes
