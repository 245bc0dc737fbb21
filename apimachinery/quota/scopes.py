"""Which objects a quota is for (``pkg/quota/v1/evaluator/core``, v1.36)."""

from collections.abc import Iterator
from typing import Any

from apimachinery.pod_defaults import qos_class
from apimachinery.quota.usage import CLAIMS, PODS, Resource

JSONObject = dict[str, Any]


def in_scope(quota_spec: JSONObject, resource: Resource, obj: JSONObject) -> bool:
    """Whether all scopes of a quota let it pay for an object. A scope is about pods or claims and fits nothing else."""
    scopes = list(quota_spec.get("scopes", ()))
    requirements: list[JSONObject] = [{"scopeName": scope, "operator": "Exists"} for scope in scopes]
    requirements += (quota_spec.get("scopeSelector") or {}).get("matchExpressions", [])
    return all(_fits(requirement, resource, obj) for requirement in requirements)


def _fits(requirement: JSONObject, resource: Resource, obj: JSONObject) -> bool:
    scope = requirement.get("scopeName", "")
    if resource == CLAIMS:
        attributes_class = obj.get("spec", {}).get("volumeAttributesClassName", "")
        return scope == "VolumeAttributesClass" and _selects(requirement, attributes_class)
    if resource != PODS:
        return False
    spec = obj["spec"]
    match scope:
        case "Terminating":
            return _has_deadline(spec)
        case "NotTerminating":
            return not _has_deadline(spec)
        case "BestEffort":
            return qos_class(obj) == "BestEffort"
        case "NotBestEffort":
            return qos_class(obj) != "BestEffort"
        case "PriorityClass":
            return _selects(requirement, spec.get("priorityClassName", ""))
        case "CrossNamespacePodAffinity":
            return any(term.get("namespaces") or "namespaceSelector" in term for term in _affinity_terms(spec))
    return False


def _has_deadline(spec: JSONObject) -> bool:
    deadline = spec.get("activeDeadlineSeconds")
    return deadline is not None and deadline >= 0


def _selects(requirement: JSONObject, name: str) -> bool:
    """Whether a requirement fits an object whose class is called ``name``, which is empty for none."""
    values = requirement.get("values", ())
    match requirement.get("operator", ""):
        case "Exists":
            return bool(name)
        case "DoesNotExist":
            return not name
        case "In":
            return name in values
        case "NotIn":
            return name not in values
    return False


def _affinity_terms(spec: JSONObject) -> Iterator[JSONObject]:
    affinity = spec.get("affinity") or {}
    for key in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(key) or {}
        yield from rules.get("requiredDuringSchedulingIgnoredDuringExecution", ())
        for preferred in rules.get("preferredDuringSchedulingIgnoredDuringExecution", ()):
            yield preferred.get("podAffinityTerm", {})
