"""Pods, samples and rules for tests of autoscaling, with only what a test says about them."""

from datetime import datetime, timedelta
from typing import Any

from apimachinery.types.autoscaling import HorizontalPodAutoscalerBehavior
from apimachinery.types.pod import Pod
from controller_manager.autoscaling.samples import Sample
from tests.controller_manager.builders import NOW

OLD = 3600.0
"""Seconds: a pod of this age is past all starting periods."""


def running(name: str, *, ready: bool | None = True, age: float = OLD, since: float | None = None, **more: Any) -> Pod:
    """Return a pod that started ``age`` seconds ago, and became what ``ready`` says ``since`` seconds ago.

    ``ready=None`` has no such condition; ``cpu`` is what its container asks for, ``sidecar``, ``init`` and
    ``whole`` the same of a sidecar, an init container and the pod.
    """
    moment = NOW - timedelta(seconds=age if since is None else since)
    condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": moment}

    def container(kind: str, cpu: str | None, **fields: Any) -> dict[str, Any]:
        return {"name": kind, "image": "i", "resources": {"requests": {"cpu": cpu} if cpu else {}}, **fields}

    inits = [container("init", more.get("init"))]
    if "sidecar" in more:
        inits.append(container("sidecar", more["sidecar"], restartPolicy="Always"))
    return Pod.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {"app": "web"},
            "deletionTimestamp": NOW if more.get("deleting") else None,
        },
        "spec": {
            "containers": [container("c", more.get("cpu", "100m"))],
            "initContainers": inits,
            "resources": {"requests": {"cpu": more["whole"]} if "whole" in more else {}},
        },
        "status": {
            "phase": more.get("phase", "Running"),
            "startTime": NOW - timedelta(seconds=age),
            "conditions": [condition] if ready is not None else [],
        },
    })


def sample(value: int, *, ago: float = 5.0, window: float = 10.0) -> Sample:
    """Return a sample of ``value`` thousandths that was taken ``ago`` seconds ago."""
    return Sample(value, _ago(ago), window)


def behavior(
    *, up: dict[str, Any] | None = None, down: dict[str, Any] | None = None
) -> HorizontalPodAutoscalerBehavior:
    """Return rules in the API's spelling, with the API's defaults for what is not said."""
    every = {"type": "Percent", "value": 100, "periodSeconds": 15}
    four = {"type": "Pods", "value": 4, "periodSeconds": 15}
    return HorizontalPodAutoscalerBehavior.model_validate({
        "scaleUp": {"stabilizationWindowSeconds": 0, "policies": [four, every], **(up or {})},
        "scaleDown": {"policies": [every], **(down or {})},
    })


def _ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)
