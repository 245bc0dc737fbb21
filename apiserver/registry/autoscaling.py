"""Autoscalers: ``autoscaling/v2`` is stored, ``v1`` a smaller view of it.

``pkg/registry/autoscaling/horizontalpodautoscaler`` and ``pkg/apis/autoscaling/v1/conversion.go``, v1.36.
"""

from typing import Any

import orjson

from apiserver.defaults.autoscaling import default_horizontal_pod_autoscaler
from apiserver.registry.strategy import Strategy
from apiserver.validation.autoscaling import (
    validate_horizontal_pod_autoscaler,
    validate_horizontal_pod_autoscaler_status,
)
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_ANNOTATIONS = (_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR)


class HorizontalPodAutoscalerStrategy(Strategy):
    counts_generations = False

    def default(self, obj: JSONObject) -> None:
        default_horizontal_pod_autoscaler(obj)

    def prepare_for_create(self, obj: JSONObject) -> None:
        obj["status"] = {"desiredReplicas": 0}

    def validate(self, obj: JSONObject) -> Causes:
        return validate_horizontal_pod_autoscaler(obj)

    def validate_status_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return validate_horizontal_pod_autoscaler_status(new)


def _is_cpu_utilization(metric: JSONObject) -> bool:
    resource = metric.get("resource") or {}
    return (
        metric.get("type") == "Resource"
        and resource.get("name") == "cpu"
        and resource.get("target", {}).get("averageUtilization") is not None
    )


class HorizontalPodAutoscalerV1Conversion:
    """What v1 has no field for travels in annotations; the CPU's utilisation has a field."""

    def to_stored(self, obj: JSONObject) -> JSONObject:
        spec, status = dict(obj.get("spec", {})), dict(obj.get("status", {}))
        annotations = dict(obj.get("metadata", {}).get("annotations") or {})
        kept = {name: _parsed(annotations.pop(name, "")) for name in _ANNOTATIONS}
        metrics = list(kept[_METRICS] or [])
        if (target := spec.pop("targetCPUUtilizationPercentage", None)) is not None:
            wanted = {"type": "Utilization", "averageUtilization": target}
            metrics.insert(0, {"type": "Resource", "resource": {"name": "cpu", "target": wanted}})
        if metrics:
            spec["metrics"] = metrics
        if kept[_BEHAVIOR]:
            spec["behavior"] = kept[_BEHAVIOR]
        current = list(kept[_CURRENT] or [])
        if (measured := status.pop("currentCPUUtilizationPercentage", None)) is not None:
            current.insert(
                0, {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": measured}}}
            )
        if current:
            status["currentMetrics"] = current
        if kept[_CONDITIONS]:
            status["conditions"] = kept[_CONDITIONS]
        return self._form(obj, "autoscaling/v2", spec, status, annotations)

    def from_stored(self, obj: JSONObject) -> JSONObject:
        spec, status = dict(obj.get("spec", {})), dict(obj.get("status", {}))
        annotations = dict(obj.get("metadata", {}).get("annotations") or {})
        metrics, current = spec.pop("metrics", []), status.pop("currentMetrics", [])
        for metric in metrics:
            if _is_cpu_utilization(metric):
                spec["targetCPUUtilizationPercentage"] = metric["resource"]["target"]["averageUtilization"]
                metrics = [entry for entry in metrics if entry is not metric]
                break
        for metric in current:
            resource = metric.get("resource") or {}
            if resource.get("name") == "cpu" and resource.get("current", {}).get("averageUtilization") is not None:
                status["currentCPUUtilizationPercentage"] = resource["current"]["averageUtilization"]
                current = [entry for entry in current if entry is not metric]
                break
        for name, value in (
            (_METRICS, metrics),
            (_CURRENT, current),
            (_CONDITIONS, status.pop("conditions", None)),
            (_BEHAVIOR, spec.pop("behavior", None)),
        ):
            if value:
                annotations[name] = orjson.dumps(value).decode()
        return self._form(obj, "autoscaling/v1", spec, status, annotations)

    def _form(
        self, obj: JSONObject, api_version: str, spec: JSONObject, status: JSONObject, annotations: JSONObject
    ) -> JSONObject:
        metadata = {key: value for key, value in obj.get("metadata", {}).items() if key != "annotations"}
        if annotations:
            metadata["annotations"] = annotations
        found = {**obj, "apiVersion": api_version, "metadata": metadata, "spec": spec}
        if "status" in obj or status:
            found["status"] = status
        return found


def _parsed(text: str) -> Any:
    """Return what an annotation holds; one that cannot be read is dropped, as upstream does."""
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return None
