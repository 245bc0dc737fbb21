"""PodDisruptionBudgets, PriorityClasses and RuntimeClasses (``pkg/registry/{policy,scheduling,node}``, v1.36)."""

from typing import Any

from apiserver.registry.strategy import Strategy
from apiserver.validation import policy
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class PodDisruptionBudgetStrategy(Strategy):
    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = dict.fromkeys(("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"), 0)

    def validate(self, obj: JSONObject) -> Causes:
        return policy.validate_pod_disruption_budget(obj)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return policy.validate_pod_disruption_budget_status(new)


class PriorityClassStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        obj.setdefault("preemptionPolicy", "PreemptLowerPriority")
        obj.setdefault("value", 0)

    def validate(self, obj: JSONObject) -> Causes:
        return policy.validate_priority_class(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return policy.validate_priority_class_update(new, old)

    def deletion_forbidden(self, name: str) -> str:
        return "this is a system priority class and cannot be deleted" if name in policy.SYSTEM_PRIORITIES else ""


class RuntimeClassStrategy(Strategy):
    counts_generations = False

    def validate(self, obj: JSONObject) -> Causes:
        return policy.validate_runtime_class(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return policy.validate_runtime_class_update(new, old)
