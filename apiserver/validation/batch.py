"""Jobs and cron jobs (``pkg/apis/batch/validation/validation.go``, v1.36)."""

import copy
from typing import Any

from apimachinery import names
from apiserver.json_fields import keep
from apiserver.validation import field
from apiserver.validation.apps import counts, matches_template, validate_template
from apiserver.validation.cron import schedule_problem, time_zone_problem
from apiserver.validation.field import Causes
from apiserver.validation.job_indexes import IndexSyntaxError, count_indexes, parse_indexes
from apiserver.validation.selector import validate_label_selector
from apiserver.validation.values import immutable

JSONObject = dict[str, Any]

CRON_JOB_NAME_LIMIT = 52
_JOB_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_LARGEST_INDEXED_PARALLELISM = 100_000
_LARGEST_RULES = 20
_LARGEST_EXIT_CODES = 255
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_IMMUTABLE = ("selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")


def validate_job(job: JSONObject) -> Causes:
    spec, name = job.get("spec", {}), job["metadata"].get("name", "")
    causes = validate_job_spec(spec, "spec")
    if spec.get("completionMode") == "Indexed" and (spec.get("completions") or 0) > 0:
        longest = f"{name}-{spec['completions'] - 1}"
        if names.dns_label(longest):
            detail = f"will not able to create pod with invalid DNS name: {longest}"
            causes.append(field.invalid("metadata.name", name, detail))
    selector = spec.get("selector")
    if selector is None:
        causes.append(field.required("spec.selector"))
    else:
        problems = validate_label_selector(selector, "spec.selector")
        causes += problems or matches_template(selector, spec.get("template") or {})
    return causes


def validate_job_spec(spec: JSONObject, path: str) -> Causes:
    """Check all but the selector, which a cron job's template does not have yet."""
    causes = counts(spec, _JOB_COUNTS, path)
    mode = spec.get("completionMode")
    if mode is not None and mode not in {"NonIndexed", "Indexed"}:
        causes.append(field.not_supported(f"{path}.completionMode", mode, ["NonIndexed", "Indexed"]))
    if mode == "Indexed":
        causes += _indexed(spec, path)
    else:
        causes += _not_indexed(spec, path)
    template = spec.get("template") or {}
    causes += validate_template(template, f"{path}.template")
    policy, place = template.get("spec", {}).get("restartPolicy"), f"{path}.template.spec.restartPolicy"
    if policy not in {"OnFailure", "Never"}:
        causes.append(field.required(place, 'valid values: "OnFailure", "Never"'))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        causes.append(field.invalid(place, policy, detail))
    causes += _failure_policy(spec, f"{path}.podFailurePolicy")
    causes += _success_policy(spec, f"{path}.successPolicy")
    replacement = spec.get("podReplacementPolicy")
    if replacement is not None:
        allowed = ["Failed"] if spec.get("podFailurePolicy") is not None else ["Failed", "TerminatingOrFailed"]
        if replacement not in allowed:
            causes.append(field.not_supported(f"{path}.podReplacementPolicy", replacement, allowed))
    if manager := spec.get("managedBy"):
        causes += field.problems(f"{path}.managedBy", manager, names.domain_prefixed_path(manager))
    return causes


def _indexed(spec: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if spec.get("completions") is None:
        causes.append(field.required(f"{path}.completions", "when completion mode is Indexed"))
    parallelism = spec.get("parallelism")
    if parallelism is not None and parallelism > _LARGEST_INDEXED_PARALLELISM:
        detail = f"must be less than or equal to {_LARGEST_INDEXED_PARALLELISM} when completion mode is Indexed"
        causes.append(field.invalid(f"{path}.parallelism", parallelism, detail))
    failed, completions = spec.get("maxFailedIndexes"), spec.get("completions")
    if failed is not None:
        if spec.get("backoffLimitPerIndex") is None:
            causes.append(field.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
        if completions is not None and failed > completions:
            causes.append(
                field.invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
            )
    return causes


def _not_indexed(spec: JSONObject, path: str) -> Causes:
    return [
        field.invalid(f"{path}.{key}", spec[key], "requires indexed completion mode")
        for key in ("backoffLimitPerIndex", "maxFailedIndexes")
        if spec.get(key) is not None
    ]


def _failure_policy(spec: JSONObject, path: str) -> Causes:
    policy = spec.get("podFailurePolicy")
    if policy is None:
        return []
    rules, causes = policy.get("rules") or [], Causes()
    if len(rules) > _LARGEST_RULES:
        causes.append(field.too_many(f"{path}.rules", len(rules), _LARGEST_RULES))
    container_names = {
        container.get("name")
        for key in ("containers", "initContainers")
        for container in (spec.get("template") or {}).get("spec", {}).get(key, ())
    }
    for index, rule in enumerate(rules):
        causes += _failure_rule(rule, f"{path}.rules[{index}]", container_names)
        if rule.get("action") == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            detail = "requires the backoffLimitPerIndex to be set"
            causes.append(field.invalid(f"{path}.rules[{index}].action", "FailIndex", detail))
    return causes


def _failure_rule(rule: JSONObject, path: str, container_names: set[Any]) -> Causes:
    causes: Causes = []
    action = rule.get("action", "")
    if not action:
        causes.append(field.required(f"{path}.action", "valid values: " + ", ".join(f'"{name}"' for name in _ACTIONS)))
    elif action not in _ACTIONS:
        causes.append(field.not_supported(f"{path}.action", action, _ACTIONS))
    exit_codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if exit_codes is not None and conditions:
        shown = "specifying both OnExitCodes and OnPodConditions is not supported"
        causes.append(field.invalid_whole(path, shown))
    elif exit_codes is None and not conditions:
        shown = "specifying one of OnExitCodes and OnPodConditions is required"
        causes.append(field.invalid_whole(path, shown))
    if exit_codes is not None:
        causes += _exit_codes(exit_codes, f"{path}.onExitCodes", container_names)
    for index, pattern in enumerate(conditions):
        place = f"{path}.onPodConditions[{index}]"
        kind = pattern.get("type", "")
        causes += field.problems(f"{place}.type", kind, names.qualified_name(kind))
        if pattern.get("status") not in {"True", "False", "Unknown"}:
            causes.append(field.not_supported(f"{place}.status", pattern.get("status"), ["False", "True", "Unknown"]))
    return causes


def _exit_codes(given: JSONObject, path: str, container_names: set[Any]) -> Causes:
    causes: Causes = []
    operator, values = given.get("operator", ""), given.get("values") or []
    if operator not in {"In", "NotIn"}:
        causes.append(
            field.not_supported(f"{path}.operator", operator, ["In", "NotIn"])
            if operator
            else field.required(f"{path}.operator", 'valid values: "In", "NotIn"')
        )
    name = given.get("containerName")
    if name is not None and name not in container_names:
        causes.append(
            field.invalid(
                f"{path}.containerName", name, "must be one of the container or initContainer names in the pod template"
            )
        )
    if not values:
        causes.append(field.invalid(f"{path}.values", values, "at least one value is required"))
    elif len(values) > _LARGEST_EXIT_CODES:
        causes.append(field.too_many(f"{path}.values", len(values), _LARGEST_EXIT_CODES))
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            causes.append(field.invalid(f"{path}.values[{index}]", value, "must not be 0 for the In operator"))
        if value in values[:index]:
            causes.append(field.duplicate(f"{path}.values[{index}]", value))
    if values != sorted(values):
        causes.append(field.invalid(f"{path}.values", values, "must be ordered"))
    return causes


def _success_policy(spec: JSONObject, path: str) -> Causes:
    policy = spec.get("successPolicy")
    if policy is None:
        return []
    if spec.get("completionMode") != "Indexed":
        return [field.invalid(path, policy, "requires indexed completion mode")]
    rules, causes = policy.get("rules") or [], Causes()
    if not rules:
        causes.append(
            field.required(f"{path}.rules", "at least one rules must be specified when the successPolicy is specified")
        )
    if len(rules) > _LARGEST_RULES:
        causes.append(field.too_many(f"{path}.rules", len(rules), _LARGEST_RULES))
    for index, rule in enumerate(rules):
        count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
        if count is None and indexes is None:
            detail = "at least one of succeededCount or succeededIndexes must be specified"
            causes.append(field.required(f"{path}.rules[{index}]", detail))
        causes += _success_rule(rule, spec.get("completions"), f"{path}.rules[{index}]")
    return causes


def _success_rule(rule: JSONObject, completions: int | None, path: str) -> Causes:
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    causes = field.non_negative(f"{path}.succeededCount", count)
    if completions is None:
        return causes
    limits = [(completions, "the number of specified completions")]
    if indexes is not None:
        try:
            listed = count_indexes(parse_indexes(indexes, completions))
            limits.append((listed, "the number of indexes in the specified succeededIndexes field"))
        except IndexSyntaxError as error:
            detail = f"error parsing succeededIndexes: {error}"
            causes.append(field.invalid(f"{path}.succeededIndexes", indexes, detail))
    causes += [
        field.invalid(f"{path}.succeededCount", count, f"must be less than or equal to {limit} ({what})")
        for limit, what in limits
        if count is not None and count > limit
    ]
    return causes


def validate_job_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_job(new)
    after, before = new["spec"], old["spec"]
    for key in _IMMUTABLE:
        causes += immutable(f"spec.{key}", after.get(key), before.get(key))
    causes += _completions_update(after, before)
    template = after.get("template")
    if before.get("suspend") and _has_come_to_rest(old.get("status") or {}):
        template = _with_placement_of(template, before.get("template") or {})
    causes += immutable("spec.template", template, before.get("template"))
    return causes


def _completions_update(after: JSONObject, before: JSONObject) -> Causes:
    """Check that the number stays, or that an indexed job is resized as a whole."""
    path, wanted = "spec.completions", after.get("completions")
    if wanted == before.get("completions"):
        return []
    if after.get("completionMode") != "Indexed":
        return immutable(path, wanted, before.get("completions"))
    if wanted is not None and wanted != after.get("parallelism"):
        return [field.invalid(path, wanted, "can only be modified in tandem with spec.parallelism")]
    return []


def _has_come_to_rest(status: JSONObject) -> bool:
    """Whether a suspended job has no pods that were made of its template: it never started, or its pods are gone."""
    if not status.get("startTime"):
        return True
    suspended = any(
        condition.get("type") == "Suspended" and condition.get("status") == "True"
        for condition in status.get("conditions") or ()
    )
    return suspended and not status.get("active")


def _with_placement_of(template: Any, before: JSONObject) -> Any:
    """Return a template with what may change of it as it was: where pods go and what they get, not what they do."""
    alike = copy.deepcopy(template)
    spec, old = alike.setdefault("spec", {}), before.get("spec", {})
    for key in ("nodeSelector", "tolerations", "schedulingGates"):
        keep(spec, old, key)
    if _but_for_nodes(spec.get("affinity") or {}) == _but_for_nodes(old.get("affinity") or {}):
        keep(spec, old, "affinity")
    for key in ("containers", "initContainers"):
        for mine, theirs in zip(spec.get(key) or (), old.get(key) or (), strict=False):
            keep(mine, theirs, "resources")
    metadata = alike.setdefault("metadata", {})
    for key in ("labels", "annotations"):
        keep(metadata, before.get("metadata", {}), key)
    if "metadata" not in before and not metadata:
        del alike["metadata"]
    return alike


def _but_for_nodes(affinity: JSONObject) -> JSONObject:
    return {key: value for key, value in affinity.items() if key != "nodeAffinity"}


def validate_cron_job(obj: JSONObject) -> Causes:
    name, causes = obj["metadata"].get("name", ""), Causes()
    if len(name) > CRON_JOB_NAME_LIMIT:
        causes.append(field.invalid("metadata.name", name, f"must be no more than {CRON_JOB_NAME_LIMIT} characters"))
    return causes + validate_cron_job_update(obj)


def validate_cron_job_update(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    schedule, zone, causes = spec.get("schedule", ""), spec.get("timeZone"), Causes()
    if not schedule:
        causes.append(field.required("spec.schedule"))
    elif "TZ" in schedule:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        causes.append(field.invalid("spec.schedule", schedule, detail))
    elif problem := schedule_problem(schedule):
        causes.append(field.invalid("spec.schedule", schedule, problem))
    if zone is not None and (problem := time_zone_problem(zone)):
        causes.append(field.invalid("spec.timeZone", zone, problem))
    keys = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    causes += counts(spec, keys)
    policy = spec.get("concurrencyPolicy")
    if policy not in {"Allow", "Forbid", "Replace"}:
        causes.append(field.not_supported("spec.concurrencyPolicy", policy, ["Allow", "Forbid", "Replace"]))
    job = (spec.get("jobTemplate") or {}).get("spec", {})
    if job.get("manualSelector"):
        causes.append(field.not_supported("spec.jobTemplate.spec.manualSelector", True, ["nil", "false"]))
    return causes + validate_job_spec(job, "spec.jobTemplate.spec")
