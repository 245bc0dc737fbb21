"""Kinds that extend the API server or tune it, and claims of devices.

Follows ``pkg/registry/{admissionregistration,apiregistration,flowcontrol,resource}`` (v1.36).
"""

from typing import Any

from apimachinery import names
from apiserver.registry.strategy import COMMON_FIELDS, Strategy
from apiserver.validation import extensions
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


def _default_rules(rules: list[JSONObject]) -> None:
    for rule in rules:
        rule.setdefault("scope", "*")


def _default_match(match: JSONObject) -> None:
    match.setdefault("matchPolicy", "Equivalent")
    for key in ("namespaceSelector", "objectSelector"):
        match.setdefault(key, {})
    for key in ("resourceRules", "excludeResourceRules"):
        _default_rules(match.get(key, []))


class WebhookConfigurationStrategy(Strategy):
    """Of mutating and validating webhooks alike."""

    def __init__(self, *, mutating: bool) -> None:
        self._mutating = mutating

    def default(self, obj: JSONObject) -> None:
        for webhook in obj.get("webhooks", ()):
            webhook.setdefault("failurePolicy", "Fail")
            webhook.setdefault("matchPolicy", "Equivalent")
            webhook.setdefault("namespaceSelector", {})
            webhook.setdefault("objectSelector", {})
            webhook.setdefault("timeoutSeconds", 10)
            if self._mutating:
                webhook.setdefault("reinvocationPolicy", "Never")
            _default_rules(webhook.get("rules", []))
            if (service := webhook.get("clientConfig", {}).get("service")) is not None:
                service.setdefault("port", 443)

    def validate(self, obj: JSONObject) -> Causes:
        return extensions.validate_webhooks(obj)


class AdmissionPolicyStrategy(Strategy):
    """Of mutating and validating policies alike."""

    def __init__(self, *, mutating: bool) -> None:
        self._mutating = mutating

    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("failurePolicy", "Fail")
        if (constraints := spec.get("matchConstraints")) is not None:
            _default_match(constraints)

    def validate(self, obj: JSONObject) -> Causes:
        return extensions.validate_admission_policy(obj, mutating=self._mutating)


class AdmissionPolicyBindingStrategy(Strategy):
    """Of mutating and validating policies alike."""

    def __init__(self, *, mutating: bool) -> None:
        self._mutating = mutating

    def default(self, obj: JSONObject) -> None:
        if (match := obj.get("spec", {}).get("matchResources")) is not None:
            _default_match(match)

    def validate(self, obj: JSONObject) -> Causes:
        return extensions.validate_admission_policy_binding(obj, mutating=self._mutating)


class APIServiceStrategy(Strategy):
    counts_generations = False
    name_check = staticmethod(names.path_segment)

    def default(self, obj: JSONObject) -> None:
        if (service := obj.get("spec", {}).get("service")) is not None:
            service.setdefault("port", 443)

    def prepare_for_create(self, obj: JSONObject) -> None:
        """One that this server answers itself is there at once; the others have to be reached first."""
        obj["status"] = {}
        if obj.get("spec", {}).get("service") is None:
            condition = {"type": "Available", "status": "True", "reason": "Local"}
            condition["message"] = "Local APIServices are always available"
            condition["lastTransitionTime"] = obj["metadata"]["creationTimestamp"]
            obj["status"] = {"conditions": [condition]}

    def validate(self, obj: JSONObject) -> Causes:
        return extensions.validate_api_service(obj)


class FlowSchemaStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        spec["matchingPrecedence"] = spec.get("matchingPrecedence") or 1000

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {}

    def validate(self, obj: JSONObject) -> Causes:
        return extensions.validate_flow_schema(obj)


class PriorityLevelStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        spec = obj.setdefault("spec", {})
        if spec.get("type") == "Exempt":
            exempt = spec.setdefault("exempt", {})
            exempt.setdefault("nominalConcurrencyShares", 0)
            exempt.setdefault("lendablePercent", 0)
        if (limited := spec.get("limited")) is None:
            return
        limited.setdefault("nominalConcurrencyShares", 30)
        limited.setdefault("lendablePercent", 0)
        if (queuing := limited.get("limitResponse", {}).get("queuing")) is not None:
            for key, number in (("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)):
                queuing[key] = queuing.get(key) or number

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {}

    def validate(self, obj: JSONObject) -> Causes:
        return extensions.validate_priority_level(obj)


def _default_requests(spec: JSONObject) -> None:
    """``pkg/apis/resource/v1/defaults.go``: one device of each class, unless all or several are asked for."""
    for request in spec.get("devices", {}).get("requests", ()):
        for wanted in (request.get("exactly"), *request.get("firstAvailable", ())):
            if wanted is None:
                continue
            wanted["allocationMode"] = wanted.get("allocationMode") or "ExactCount"
            if wanted["allocationMode"] == "ExactCount":
                wanted["count"] = wanted.get("count") or 1
            for toleration in wanted.get("tolerations", ()):
                toleration["operator"] = toleration.get("operator") or "Equal"


class ResourceClaimStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        _default_requests(obj.setdefault("spec", {}))

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {}

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return extensions.validate_fixed_spec(new, old)


class ResourceClaimTemplateStrategy(Strategy):
    counts_generations = False
    returns_deleted_object = True

    def default(self, obj: JSONObject) -> None:
        _default_requests(obj.setdefault("spec", {}).setdefault("spec", {}))

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return extensions.validate_fixed_spec(new, old)


class DeviceClassStrategy(Strategy):
    returns_deleted_object = True


class ResourceSliceStrategy(Strategy):
    returns_deleted_object = True
    selectable_fields = (*COMMON_FIELDS, "spec.driver", "spec.nodeName")

    def fields(self, obj: JSONObject) -> dict[str, str]:
        spec = obj.get("spec", {})
        return {
            **super().fields(obj),
            "spec.driver": spec.get("driver", ""),
            "spec.nodeName": spec.get("nodeName", ""),
        }
