"""Objects for tests, with only what a test says about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apimachinery.types.apps import ReplicaSet
from apimachinery.types.pod import Pod

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def owner_reference(name: str, uid: str, *, kind: str = "ReplicaSet", **more: Any) -> dict[str, Any]:
    """Return an owner reference, the controller's unless ``controller=False``."""
    version = {"ReplicaSet": "apps/v1", "Deployment": "apps/v1"}.get(kind, "v1")
    return {"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": True, **more}


def pod(name: str, *, ready_for: float | None = None, age: float = 0.0, restarts: int = 0, **more: Any) -> Pod:
    """Return a pod labelled ``app=web``.

    ``ready_for`` seconds it has been ready (``None``: it is not); ``age`` is in seconds too. ``node``, ``phase``,
    ``labels``, ``annotations``, ``owners``, ``deleting`` and ``finalizers`` say the rest.
    """
    conditions = []
    if ready_for is not None:
        conditions.append({"type": "Ready", "status": "True", "lastTransitionTime": NOW - timedelta(seconds=ready_for)})
    container = {"name": "c", "ready": ready_for is not None, "restartCount": restarts, "image": "", "imageID": ""}
    return Pod.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "creationTimestamp": NOW - timedelta(seconds=age),
            "labels": more.get("labels", {"app": "web"}),
            "annotations": more.get("annotations", {}),
            "ownerReferences": more.get("owners", []),
            "finalizers": more.get("finalizers", []),
            "deletionTimestamp": NOW if more.get("deleting") else None,
        },
        "spec": {"nodeName": more.get("node", "")},
        "status": {
            "phase": more.get("phase", "Running"),
            "conditions": conditions,
            "containerStatuses": [container],
        },
    })


def replica_set(name: str = "web", *, replicas: int = 1, **more: Any) -> ReplicaSet:
    """Return a ReplicaSet of pods labelled ``app=web``; ``min_ready``, ``conditions`` and ``deleting`` say more."""
    return ReplicaSet.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "generation": 3,
            "deletionTimestamp": NOW if more.get("deleting") else None,
        },
        "spec": {
            "replicas": replicas,
            "minReadySeconds": more.get("min_ready", 0),
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web", **more.get("template_labels", {})}},
                "spec": {"containers": [{"name": "c", "image": "pause"}], "terminationGracePeriodSeconds": 0},
            },
        },
        "status": {"replicas": 0, "conditions": more.get("conditions", [])},
    })
