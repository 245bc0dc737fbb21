"""PodDisruptionBudgets, PriorityClasses and RuntimeClasses (``pkg/apis/{policy,scheduling,node}``, v1.36)."""

from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.metadata import validate_labels
from apiserver.validation.quota import container_resource_name
from apiserver.validation.scheduling import validate_tolerations
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

PREEMPTION_POLICIES = ("Never", "PreemptLowerPriority")
HIGHEST_USER_PRIORITY = 1_000_000_000
SYSTEM_PREFIX = "system-"
SYSTEM_PRIORITIES = {
    "system-node-critical": 2 * HIGHEST_USER_PRIORITY + 1000,
    "system-cluster-critical": 2 * HIGHEST_USER_PRIORITY,
}
"""The values of the priority classes that every cluster has."""


def validate_pod_disruption_budget(budget: JSONObject) -> Causes:
    spec = budget.get("spec", {})
    causes: Causes = []
    given = [key for key in ("minAvailable", "maxUnavailable") if spec.get(key) is not None]
    if len(given) == 2:
        causes.append(field.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    for key in given:
        causes += values.number_or_percent(f"spec.{key}", spec[key])
    if (selector := spec.get("selector")) is not None:
        causes += validate_label_selector(selector, "spec.selector")
    return causes + values.optional_one_of(
        "spec.unhealthyPodEvictionPolicy",
        spec.get("unhealthyPodEvictionPolicy"),
        ("AlwaysAllow", "IfHealthyBudget"),
    )


def validate_pod_disruption_budget_status(budget: JSONObject) -> Causes:
    status = budget.get("status", {})
    causes = validate_conditions(status.get("conditions", []), "status.conditions")
    for key in ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"):
        causes += field.non_negative(f"status.{key}", status.get(key))
    return causes


def validate_conditions(conditions: list[JSONObject], path: str) -> Causes:
    """Check ``metav1.Condition`` values (``k8s.io/apimachinery/pkg/apis/meta/v1/validation``)."""
    causes: Causes = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        here, kind = f"{path}[{index}]", condition.get("type", "")
        if kind in seen:
            causes.append(field.duplicate(f"{here}.type", kind))
        seen.add(kind)
        causes += values.named(f"{here}.type", kind, names.qualified_name)
        status = condition.get("status", "")
        if status not in {"True", "False", "Unknown"}:
            causes.append(field.not_supported(f"{here}.status", status, ("False", "True", "Unknown")))
        if not condition.get("lastTransitionTime"):
            causes.append(field.required(f"{here}.lastTransitionTime"))
        if not condition.get("reason"):
            causes.append(field.required(f"{here}.reason"))
    return causes


def validate_priority_class(priority_class: JSONObject) -> Causes:
    name, value = priority_class["metadata"].get("name", ""), priority_class.get("value", 0)
    causes: Causes = []
    if name.startswith(SYSTEM_PREFIX):
        if problem := _system_class_problem(name, value, bool(priority_class.get("globalDefault"))):
            detail = (
                f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use only. error: {problem}"
            )
            causes.append(field.forbidden("metadata.name", detail))
    elif value > HIGHEST_USER_PRIORITY:
        detail = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        causes.append(field.forbidden("value", detail))
    policy = priority_class.get("preemptionPolicy")
    return causes + values.optional_one_of("preemptionPolicy", policy, PREEMPTION_POLICIES)


def _system_class_problem(name: str, value: int, is_default: bool) -> str:
    expected = SYSTEM_PRIORITIES.get(name)
    if expected is None:
        return f"{name} is not a known system priority class"
    if value != expected:
        return f"value of {name} PriorityClass must be {expected}"
    if is_default:
        return f"globalDefault of {name} PriorityClass must be false"
    return ""


def validate_priority_class_update(new: JSONObject, old: JSONObject) -> Causes:
    causes: Causes = []
    if new.get("value", 0) != old.get("value", 0):
        causes.append(field.forbidden("value", "may not be changed in an update."))
    return causes + values.immutable("preemptionPolicy", new.get("preemptionPolicy"), old.get("preemptionPolicy"))


def validate_runtime_class(runtime_class: JSONObject) -> Causes:
    handler = runtime_class.get("handler", "")
    causes = field.problems("handler", handler, names.dns_label(handler))
    for name, quantity in runtime_class.get("overhead", {}).get("podFixed", {}).items():
        path = f"overhead.podFixed[{name}]"
        causes += container_resource_name(name, path)
        causes += values.non_negative_quantity(path, quantity)
    scheduling = runtime_class.get("scheduling", {})
    causes += validate_labels(scheduling.get("nodeSelector"), "scheduling.nodeSelector")
    tolerations = scheduling.get("tolerations", [])
    causes += validate_tolerations(tolerations, "scheduling.tolerations")
    for index, toleration in enumerate(tolerations):
        if toleration in tolerations[:index]:
            causes.append(field.duplicate(f"scheduling.tolerations[{index}]", toleration))
    return causes


def validate_runtime_class_update(new: JSONObject, old: JSONObject) -> Causes:
    return validate_runtime_class(new) + values.immutable("handler", new.get("handler"), old.get("handler"))
