"""ResourceQuotas and LimitRanges (``pkg/apis/core/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apimachinery.quantity import milli_value, parse_quantity
from apimachinery.quantity import value as whole_value
from apiserver.validation import field, values
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_COMPUTE = frozenset({"cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"})
_COUNTED = frozenset({
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
})
_QUOTA = (
    _COMPUTE
    | _COUNTED
    | {"ephemeral-storage", "limits.ephemeral-storage", "requests.ephemeral-storage", "requests.storage"}
)
_STANDARD = _QUOTA | {"storage"}
_CONTAINER = frozenset({"cpu", "ephemeral-storage", "memory"})
SCOPES = frozenset({
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
})
_FLAG_SCOPES = SCOPES - {"PriorityClass", "VolumeAttributesClass"}
_CONFLICTS = ({"BestEffort", "NotBestEffort"}, {"NotTerminating", "Terminating"})
_MAX_MILLI = (2**63 - 1) // 1000


def _is_huge_page(name: str) -> bool:
    return name.startswith(("hugepages-", "requests.hugepages-"))


def resource_name(name: str, path: str) -> Causes:
    if causes := field.problems(path, name, names.qualified_name(name)):
        return causes
    if "/" not in name and name not in _STANDARD and not _is_huge_page(name):
        return [field.invalid(path, name, "must be a standard resource type or fully qualified")]
    return []


def container_resource_name(name: str, path: str) -> Causes:
    causes = resource_name(name, path)
    if "/" not in name:
        if name not in _CONTAINER and not name.startswith("hugepages-"):
            causes.append(field.invalid(path, name, "must be a standard resource for containers"))
    elif not names.is_native_resource(name) and not names.is_extended_resource(name):
        causes.append(field.invalid(path, name, "doesn't follow extended resource name standard"))
    return causes


def quota_resource_name(name: str, path: str) -> Causes:
    causes = resource_name(name, path)
    if "/" not in name and name not in _QUOTA and not _is_huge_page(name):
        causes.append(field.invalid(path, name, "must be a standard resource for quota"))
    return causes


def resource_quantity(name: str, quantity: str, path: str) -> Causes:
    """Check an amount of a resource: not negative, and whole where the resource is counted."""
    causes = values.non_negative_quantity(path, quantity)
    if (name in _COUNTED or names.is_extended_resource(name)) and milli_value(quantity) % 1000:
        causes.append(field.invalid(path, quantity, "must be an integer"))
    return causes


def _amounts(amounts: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for name, quantity in amounts.items():
        here = f"{path}[{name}]"
        causes += quota_resource_name(name, here)
        causes += resource_quantity(name, quantity, here)
    return causes


def validate_resource_quota(quota: JSONObject) -> Causes:
    spec = quota.get("spec", {})
    hard = spec.get("hard", {})
    causes = _amounts(hard, "spec.hard")
    if scopes := spec.get("scopes", []):
        causes += _scopes(scopes, scopes, hard, "spec.scopes")
    if (selector := spec.get("scopeSelector")) is not None:
        path = "spec.scopeSelector.matchExpressions"
        requirements = selector.get("matchExpressions", [])
        for requirement in requirements:
            causes += _requirement(requirement, path)
        named = [requirement.get("scopeName", "") for requirement in requirements]
        causes += _scopes([name for name in named if name in SCOPES], selector, hard, path)
    return causes


def _scopes(scopes: list[str], shown: Any, hard: JSONObject, path: str) -> Causes:
    causes: Causes = []
    for scope in scopes:
        if scope not in SCOPES:
            causes.append(field.invalid(path, shown, "unsupported scope"))
        for name in sorted(hard):
            if (name in _QUOTA or _is_huge_page(name)) and not _scope_fits(scope, name):
                causes.append(field.invalid(path, shown, "unsupported scope applied to resource"))
    causes += [field.invalid(path, shown, "conflicting scopes") for pair in _CONFLICTS if pair <= set(scopes)]
    return causes


def _scope_fits(scope: str, name: str) -> bool:
    """Whether a scope can narrow down what is counted of a resource."""
    match scope:
        case "BestEffort":
            return name == "pods"
        case "VolumeAttributesClass":
            return name in {"persistentvolumeclaims", "requests.storage"}
        case "Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" | "CrossNamespacePodAffinity":
            return name == "pods" or name in _COMPUTE
    return True


def _requirement(requirement: JSONObject, path: str) -> Causes:
    scope, operator, given = (requirement.get(key) for key in ("scopeName", "operator", "values"))
    causes: Causes = []
    if scope not in SCOPES:
        causes.append(field.invalid(f"{path}.scopeName", scope or "", "unsupported scope"))
    if scope in _FLAG_SCOPES and operator != "Exists":
        causes.append(
            field.invalid(
                f"{path}.operator",
                operator or "",
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                "ResourceQuotaScopeCrossNamespacePodAffinity",
            )
        )
    if operator in {"In", "NotIn"}:
        if not given:
            detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            causes.append(field.required(f"{path}.values", detail))
    elif operator in {"Exists", "DoesNotExist"}:
        if given:
            detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            causes.append(field.invalid(f"{path}.values", given, detail))
    else:
        causes.append(field.invalid(f"{path}.operator", operator or "", "not a valid selector operator"))
    return causes


def validate_resource_quota_update(new: JSONObject, old: JSONObject) -> Causes:
    causes = validate_resource_quota(new)
    scopes = new.get("spec", {}).get("scopes", [])
    if set(scopes) != set(old.get("spec", {}).get("scopes", [])):
        causes.append(field.invalid("spec.scopes", scopes, "field is immutable"))
    return causes


def validate_resource_quota_status(quota: JSONObject) -> Causes:
    status = quota.get("status", {})
    return _amounts(status.get("hard", {}), "status.hard") + _amounts(status.get("used", {}), "status.used")


def validate_limit_range(limit_range: JSONObject) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, limit in enumerate(limit_range.get("spec", {}).get("limits", [])):
        path, kind = f"spec.limits[{index}]", limit.get("type", "")
        problems = field.problems(f"{path}.type", kind, names.qualified_name(kind))
        if not problems and "/" not in kind and kind not in {"Container", "PersistentVolumeClaim", "Pod"}:
            problems = [field.invalid(f"{path}.type", kind, "must be a standard limit type or fully qualified")]
        causes += problems
        if kind in seen:
            causes.append(field.duplicate(f"{path}.type", kind))
        seen.add(kind)
        causes += _limit(limit, path)
    return causes


def _limit(limit: JSONObject, path: str) -> Causes:
    kind = limit.get("type", "")
    check = container_resource_name if kind in {"Container", "Pod"} else resource_name
    causes: Causes = []
    maps = {key: limit.get(key) or {} for key in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")}
    if kind == "Pod":
        for key in ("default", "defaultRequest"):
            if maps[key]:
                causes.append(field.forbidden(f"{path}.{key}", "may not be specified when `type` is 'Pod'"))
                maps[key] = {}
    if kind == "PersistentVolumeClaim" and "storage" not in maps["min"] and "storage" not in maps["max"]:
        detail = "either minimum or maximum storage value is required, but neither was provided"
        causes.append(field.required(f"{path}.limits", detail))
    for key, amounts in maps.items():
        for name in amounts:
            causes += check(name, f"{path}.{key}[{name}]")
    for name in dict.fromkeys(name for amounts in maps.values() for name in amounts):
        causes += _consistent(name, {key: amounts[name] for key, amounts in maps.items() if name in amounts}, path)
    return causes


# Which of two bounds may not be above which, under which of the two it is reported, and what they are called.
_ORDER = (
    ("min", "max", "min", "min", "min value", "max value"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min value", "default request value"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value", "max value"),
    ("defaultRequest", "default", "defaultRequest", "defaultRequest", "default request value", "default limit value"),
    ("min", "default", "default", "min", "min value", "default value"),
    ("default", "max", "default", "max", "default value", "max value"),
)


def _consistent(name: str, given: dict[str, str], path: str) -> Causes:
    causes: Causes = []
    for low, high, place, shown, low_name, high_name in _ORDER:
        if low in given and high in given and parse_quantity(given[low]) > parse_quantity(given[high]):
            detail = f"{low_name} {given[low]} is greater than {high_name} {given[high]}"
            causes.append(field.invalid(f"{path}.{place}[{name}]", given[shown], detail))
    if (ratio := given.get("maxLimitRequestRatio")) is not None:
        here = f"{path}.maxLimitRequestRatio[{name}]"
        if parse_quantity(ratio) < 1:
            causes.append(field.invalid(here, ratio, f"ratio {ratio} is less than 1"))
        causes += _ratio(given, ratio, here)
    if not names.is_native_resource(name) or name.startswith("hugepages-"):
        limit, request = given.get("default"), given.get("defaultRequest")
        if limit is not None and request is not None and parse_quantity(limit) != parse_quantity(request):
            detail = f"default value {limit} must equal to defaultRequest value {request} in {name}"
            causes.append(field.invalid(f"{path}.defaultRequest[{name}]", request, detail))
    return causes


def _ratio(given: dict[str, str], ratio: str, path: str) -> Causes:
    if "min" not in given or "max" not in given:
        return []
    exact = max(whole_value(given["min"]), whole_value(given["max"]), whole_value(ratio)) < _MAX_MILLI
    low, high = (milli_value(given[key]) if exact else whole_value(given[key]) for key in ("min", "max"))
    factor = milli_value(ratio) / 1000 if exact else float(whole_value(ratio))
    largest = high / low if low else float("inf")
    if factor > largest:
        return [field.invalid(path, ratio, f"ratio {ratio} is greater than max/min = {largest:f}")]
    return []
