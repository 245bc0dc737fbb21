"""Autoscalers and scales (``pkg/apis/autoscaling/validation/validation.go``, v1.36)."""

from typing import Any

from apimachinery import names
from apimachinery.quantity import parse_quantity
from apiserver.validation import field
from apiserver.validation.field import Causes
from apiserver.validation.values import one_of

JSONObject = dict[str, Any]

_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
_LONGEST_PERIOD = 1800
_LONGEST_WINDOW = 3600


def validate_horizontal_pod_autoscaler(obj: JSONObject) -> Causes:
    spec, causes = obj.get("spec", {}), Causes()
    low, high = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    if low is not None and low < 1:
        causes.append(field.invalid("spec.minReplicas", low, "must be greater than or equal to 1"))
    if high < 1:
        causes.append(field.invalid("spec.maxReplicas", high, "must be greater than 0"))
    if low is not None and high < low:
        causes.append(field.invalid("spec.maxReplicas", high, "must be greater than or equal to `minReplicas`"))
    target = spec.get("scaleTargetRef", {})
    for key in ("kind", "name"):
        value = target.get(key, "")
        if not value:
            causes.append(field.required(f"spec.scaleTargetRef.{key}"))
        else:
            causes += field.problems(f"spec.scaleTargetRef.{key}", value, names.path_segment(value))
    for index, metric in enumerate(spec.get("metrics") or ()):
        causes += _metric(metric, f"spec.metrics[{index}]")
    if (behavior := spec.get("behavior")) is not None:
        for key in ("scaleUp", "scaleDown"):
            if (rules := behavior.get(key)) is not None:
                causes += _rules(rules, f"spec.behavior.{key}")
    return causes


def validate_horizontal_pod_autoscaler_status(obj: JSONObject) -> Causes:
    status = obj.get("status", {})
    return [
        cause
        for key in ("currentReplicas", "desiredReplicas")
        for cause in field.non_negative(f"status.{key}", status.get(key))
    ]


def _metric(metric: JSONObject, path: str) -> Causes:
    kind = metric.get("type", "")
    if not kind:
        return [field.required(f"{path}.type", "must specify a metric source type")]
    if kind not in _SOURCES:
        return [field.not_supported(f"{path}.type", kind, _SOURCES)]
    wanted = _SOURCES[kind]
    others = [name for name in _SOURCES.values() if name != wanted and metric.get(name) is not None]
    causes: Causes = [
        field.forbidden(f"{path}.{name}", "must populate the given metric source only") for name in others
    ]
    source = metric.get(wanted)
    if source is None:
        detail = f"must populate information for the given metric source: {kind}"
        return [*causes, field.required(f"{path}.{wanted}", detail)]
    if kind in {"Resource", "ContainerResource"} and not source.get("name"):
        causes.append(field.required(f"{path}.{wanted}.name", "must specify a resource name"))
    if kind == "ContainerResource" and not source.get("container"):
        causes.append(field.required(f"{path}.{wanted}.container", "must specify a container"))
    if kind in {"Pods", "Object", "External"} and not source.get("metric", {}).get("name"):
        causes.append(field.required(f"{path}.{wanted}.metric.name", "must specify a metric name"))
    return causes + _target(source.get("target", {}), kind, f"{path}.{wanted}.target")


def _target(target: JSONObject, kind: str, path: str) -> Causes:
    types = ("AverageValue", "Utilization", "Value")
    causes = one_of(f"{path}.type", target.get("type", ""), types)
    utilization = target.get("averageUtilization")
    if utilization is not None and utilization < 1:
        causes.append(field.invalid(f"{path}.averageUtilization", utilization, "must be greater than 0"))
    for key in ("value", "averageValue"):
        value = target.get(key)
        if value is not None and parse_quantity(value) <= 0:
            causes.append(field.invalid(f"{path}.{key}", value, "must be positive"))
    if kind in {"Resource", "ContainerResource"}:
        if utilization is None and target.get("averageValue") is None:
            detail = "must set either a target raw value or a target utilization"
            causes.append(field.required(f"{path}.averageUtilization", detail))
        elif utilization is not None and target.get("averageValue") is not None:
            detail = "may not set both a target raw value and a target utilization"
            causes.append(field.forbidden(f"{path}.averageValue", detail))
    elif kind == "Pods" and target.get("averageValue") is None:
        causes.append(field.required(f"{path}.averageValue", "must specify a positive target averageValue"))
    elif kind in {"Object", "External"} and target.get("value") is None and target.get("averageValue") is None:
        detail = "must set either a target value for metric or a per-pod target"
        causes.append(field.required(f"{path}.averageValue", detail))
    return causes


def _rules(rules: JSONObject, path: str) -> Causes:
    causes: Causes = []
    window = rules.get("stabilizationWindowSeconds")
    if window is not None and window < 0:
        causes.append(
            field.invalid(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
        )
    if window is not None and window > _LONGEST_WINDOW:
        detail = f"must be less than or equal to {_LONGEST_WINDOW}"
        causes.append(field.invalid(f"{path}.stabilizationWindowSeconds", window, detail))
    if (choice := rules.get("selectPolicy")) is not None:
        causes += one_of(f"{path}.selectPolicy", choice, ("Disabled", "Max", "Min"))
    for index, policy in enumerate(rules.get("policies") or ()):
        place = f"{path}.policies[{index}]"
        causes += one_of(f"{place}.type", policy.get("type", ""), ("Percent", "Pods"))
        if policy.get("value", 0) <= 0:
            causes.append(field.invalid(f"{place}.value", policy.get("value", 0), "must be greater than zero"))
        period = policy.get("periodSeconds", 0)
        if period <= 0:
            causes.append(field.invalid(f"{place}.periodSeconds", period, "must be greater than zero"))
        if period > _LONGEST_PERIOD:
            detail = f"must be less than or equal to {_LONGEST_PERIOD}"
            causes.append(field.invalid(f"{place}.periodSeconds", period, detail))
    return causes
