"""Configuration, quotas, scaling and disruption (``pkg/printers/internalversion/printers.go``, v1.36)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apiserver.printing.columns import (
    AGE,
    CREATED_AT,
    NAME,
    Cell,
    Column,
    Printer,
    RowPrinter,
    age,
    count,
    created_at,
    name_of,
)

JSONObject = dict[str, Any]

_SHOWN_METRICS = 2


def policy_printers() -> Mapping[tuple[str, str], Printer]:
    return {
        ("", "ComponentStatus"): RowPrinter(
            (
                NAME,
                Column("Status", description="Whether the component is healthy."),
                Column("Message", description="What it says."),
                Column("Error", description="What went wrong."),
            ),
            _component,
        ),
        ("", "ConfigMap"): RowPrinter(
            (NAME, Column("Data", description="How many entries there are."), AGE), _config_map
        ),
        ("", "Secret"): RowPrinter(
            (
                NAME,
                Column("Type", description="What the secret is for."),
                Column("Data", description="How many entries there are."),
                AGE,
            ),
            lambda obj, now: [name_of(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)],
        ),
        ("", "ServiceAccount"): RowPrinter(
            (NAME, Column("Secrets", description="How many secrets the account's pods may use."), AGE),
            lambda obj, now: [name_of(obj), len(obj.get("secrets") or ()), age(obj, now)],
        ),
        ("", "LimitRange"): RowPrinter((NAME, CREATED_AT), lambda obj, now: [name_of(obj), created_at(obj)]),
        ("", "ResourceQuota"): RowPrinter(
            (
                NAME,
                Column("Request", description="What is used of what may be requested."),
                Column("Limit", description="What is used of what limits may add up to."),
                AGE,
            ),
            _quota,
        ),
        ("autoscaling", "HorizontalPodAutoscaler"): RowPrinter(
            (
                NAME,
                Column("Reference", description="What is scaled."),
                Column("Targets", description="The metrics, as they are and as they should be."),
                Column("MinPods", description="The least number of pods."),
                Column("MaxPods", description="The largest number of pods."),
                Column("Replicas", description="How many pods there are."),
                AGE,
            ),
            _autoscaler,
        ),
        ("policy", "PodDisruptionBudget"): RowPrinter(
            (
                NAME,
                Column("Min Available", description="How many pods have to stay."),
                Column("Max Unavailable", description="How many pods may be missing."),
                count("Allowed Disruptions", "How many pods may be evicted now."),
                AGE,
            ),
            _budget,
        ),
        ("scheduling.k8s.io", "PriorityClass"): RowPrinter(
            (
                NAME,
                count("Value", "The priority of the class's pods."),
                Column("Global-Default", type="boolean", description="Whether pods without a class are of this one."),
                AGE,
                Column("PreemptionPolicy", description="Whether the class's pods displace others."),
            ),
            lambda obj, now: [
                name_of(obj),
                obj.get("value", 0),
                bool(obj.get("globalDefault")),
                age(obj, now),
                obj.get("preemptionPolicy", ""),
            ],
        ),
        ("node.k8s.io", "RuntimeClass"): RowPrinter(
            (NAME, Column("Handler", description="What the container runtime calls it."), AGE),
            lambda obj, now: [name_of(obj), obj.get("handler", ""), age(obj, now)],
        ),
    }


def _component(obj: JSONObject, now: datetime) -> list[Cell]:
    found: JSONObject = next((entry for entry in obj.get("conditions") or () if entry.get("type") == "Healthy"), {})
    status = {"True": "Healthy", "False": "Unhealthy"}.get(found.get("status", ""), "Unknown")
    return [name_of(obj), status, found.get("message", ""), found.get("error", "")]


def _config_map(obj: JSONObject, now: datetime) -> list[Cell]:
    return [name_of(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj, now)]


def _quota(obj: JSONObject, now: datetime) -> list[Cell]:
    status = obj.get("status", {})
    used = status.get("used") or {}
    requests: list[str] = []
    limits: list[str] = []
    for resource, hard in sorted((status.get("hard") or {}).items()):
        shown = f"{resource}: {used.get(resource, '0')}/{hard}"
        (limits if resource.startswith("limits.") else requests).append(shown)
    return [name_of(obj), ", ".join(requests), ", ".join(limits), age(obj, now)]


def _budget(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    return [
        name_of(obj),
        str(spec.get("minAvailable", "N/A")),
        str(spec.get("maxUnavailable", "N/A")),
        obj.get("status", {}).get("disruptionsAllowed", 0),
        age(obj, now),
    ]


def _autoscaler(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    target = spec.get("scaleTargetRef", {})
    return [
        name_of(obj),
        f"{target.get('kind', '')}/{target.get('name', '')}",
        _targets(spec.get("metrics") or [], status.get("currentMetrics") or []),
        str(spec.get("minReplicas", "<unset>")),
        spec.get("maxReplicas", 0),
        status.get("currentReplicas", 0),
        age(obj, now),
    ]


def _targets(metrics: list[JSONObject], current: list[JSONObject]) -> str:
    if not metrics:
        return "<none>"
    shown = [_target(metric, current[i] if i < len(current) else {}) for i, metric in enumerate(metrics)]
    more = len(shown) - _SHOWN_METRICS
    return ", ".join(shown[:_SHOWN_METRICS]) + (f" + {more} more..." if more > 0 else "")


_SOURCE_OF = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def _target(metric: JSONObject, current: JSONObject) -> str:
    """Write one metric as ``cpu: 10%/80%``; what has not been measured yet reads ``<unknown>``."""
    kind = metric.get("type", "")
    source = _SOURCE_OF.get(kind)
    if source is None:
        return "<unknown type>"
    spec, now = metric.get(source) or {}, (current.get(source) or {}).get("current") or {}
    wanted = spec.get("target") or {}
    name = f"{spec.get('name', '')}: " if kind in {"Resource", "ContainerResource"} else ""
    if kind == "Pods":
        return f"{now.get('averageValue', '<unknown>')}/{wanted.get('averageValue', '0')}"
    if wanted.get("averageUtilization") is not None:
        measured = now.get("averageUtilization")
        return f"{name}{'<unknown>' if measured is None else f'{measured}%'}/{wanted['averageUtilization']}%"
    if wanted.get("averageValue") is not None:
        average = " (avg)" if kind in {"External", "Object"} else ""
        return f"{name}{now.get('averageValue', '<unknown>')}/{wanted['averageValue']}{average}"
    return f"{name}{now.get('value', '<unknown>')}/{wanted.get('value', '<auto>')}"
