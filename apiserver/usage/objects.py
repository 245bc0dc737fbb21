"""NodeMetrics and PodMetrics (metrics-server's ``pkg/api``, v0.8)."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from apimachinery.duration import go_duration
from apimachinery.quantity import format_quantity
from apiserver.usage.rates import Measured, Usage

JSONObject = dict[str, Any]

API_VERSION = "metrics.k8s.io/v1beta1"
_NANO = 10**9


def node_metrics(node: JSONObject, found: Measured, now: str) -> JSONObject | None:
    """Return what a node uses; ``None`` when that is not known. ``now`` is the object's creation time."""
    if found.node is None:
        return None
    return {**_head("NodeMetrics", node["metadata"], found, now), "usage": _resources(found.node)}


def pod_metrics(pod: JSONObject, found: Measured, now: str) -> JSONObject | None:
    """Return what a pod's containers use; ``None`` when that is not known."""
    metadata = pod["metadata"]
    containers: Mapping[str, Usage] | None = found.pods.get((metadata["namespace"], metadata["name"]))
    if containers is None:
        return None
    used = [{"name": name, "usage": _resources(usage)} for name, usage in containers.items()]
    return {**_head("PodMetrics", metadata, found, now), "containers": used}


def _head(kind: str, metadata: JSONObject, found: Measured, now: str) -> JSONObject:
    shown = {key: metadata[key] for key in ("name", "namespace", "labels") if metadata.get(key)}
    return {
        "kind": kind,
        "apiVersion": API_VERSION,
        "metadata": {**shown, "creationTimestamp": now},
        "timestamp": found.time,
        "window": go_duration(round(found.window, 3)),
    }


def _resources(usage: Usage) -> JSONObject:
    return {
        "cpu": format_quantity(Fraction(usage.cpu, _NANO)),
        "memory": format_quantity(usage.memory, "binary"),
    }
