"""What clients see of usage."""

from typing import Any

from apiserver.usage.objects import node_metrics, pod_metrics
from apiserver.usage.rates import Measured, Usage

NOW = "2026-01-01T00:00:10Z"
TIME = "2026-01-01T00:00:09Z"


def about(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"uid": "u", "resourceVersion": "7", **metadata}, "spec": {}}


def test_a_node() -> None:
    found = Measured(TIME, 15.0004, Usage(123_456_789, 3000 * 1024), {})
    assert node_metrics(about(name="n", labels={"a": "b"}), found, NOW) == {
        "kind": "NodeMetrics",
        "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {"name": "n", "labels": {"a": "b"}, "creationTimestamp": NOW},
        "timestamp": TIME,
        "window": "15s",
        "usage": {"cpu": "123456789n", "memory": "3000Ki"},
    }
    assert node_metrics(about(name="n"), Measured(TIME, 15, None, {}), NOW) is None


def test_a_pod() -> None:
    found = Measured(TIME, 61.5, None, {("default", "web"): {"c": Usage(250_000_000, 64 * 1024 * 1024)}})
    shown = pod_metrics(about(name="web", namespace="default"), found, NOW)
    assert shown is not None
    assert (shown["kind"], shown["window"]) == ("PodMetrics", "1m1.5s")
    assert shown["containers"] == [{"name": "c", "usage": {"cpu": "250m", "memory": "64Mi"}}]
    assert pod_metrics(about(name="other", namespace="default"), found, NOW) is None
