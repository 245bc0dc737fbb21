"""Objects for tests, with only what a test says about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apimachinery.types.apps import ReplicaSet
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim, StorageClass

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def owner_reference(name: str, uid: str, *, kind: str = "ReplicaSet", **more: Any) -> dict[str, Any]:
    """Return an owner reference, the controller's unless ``controller=False``."""
    version = "apps/v1" if kind in {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"} else "v1"
    return {"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": True, **more}


def pod(name: str, *, ready_for: float | None = None, age: float = 0.0, restarts: int = 0, **more: Any) -> Pod:
    """Return a pod labelled ``app=web``.

    ``ready_for`` seconds it has been ready (``None``: it is not); ``age`` is in seconds too. ``node``, ``phase``,
    ``labels``, ``annotations``, ``owners``, ``volumes``, ``deleting`` and ``finalizers`` say the rest.
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
        "spec": {"nodeName": more.get("node", ""), "volumes": more.get("volumes", [])},
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


def claim(
    name: str = "data", *, size: str = "1Gi", modes: tuple[str, ...] = ("ReadWriteOnce",), **more: Any
) -> PersistentVolumeClaim:
    """Return a claim of class ``standard``; ``storage_class=None`` names none.

    ``volume`` is the one that it names, ``annotations``, ``finalizers``, ``owners``, ``deleting``, ``status`` and
    further fields of the ``spec`` say the rest.
    """
    spec: dict[str, Any] = {"accessModes": modes, "resources": {"requests": {"storage": size}}, **more.get("spec", {})}
    spec["volumeName"] = more.get("volume", "")
    spec["storageClassName"] = more.get("storage_class", "standard")
    return PersistentVolumeClaim.model_validate({
        "metadata": {**_metadata(name, more), "namespace": "default"},
        "spec": spec,
        "status": more.get("status", {"phase": "Pending"}),
    })


def volume(
    name: str = "pv", *, size: str = "1Gi", modes: tuple[str, ...] = ("ReadWriteOnce",), **more: Any
) -> PersistentVolume:
    """Return an available volume of class ``standard``.

    ``claim`` is the name of the claim in ``default`` that it refers to, ``claim_uid`` that one's (by default the uid
    that :func:`claim` gives); ``storage_class``, ``phase``, ``policy``, ``labels``, ``annotations``, ``finalizers``,
    ``deleting`` and further fields of the ``spec`` say the rest.
    """
    spec: dict[str, Any] = {"accessModes": modes, "capacity": {"storage": size}, **more.get("spec", {})}
    spec["storageClassName"] = more.get("storage_class", "standard")
    spec["persistentVolumeReclaimPolicy"] = more.get("policy", "Retain")
    if referred := more.get("claim"):
        uid = more.get("claim_uid", f"uid-{referred}")
        spec["claimRef"] = {"kind": "PersistentVolumeClaim", "namespace": "default", "name": referred, "uid": uid}
    status = {"phase": more.get("phase", "Available")}
    return PersistentVolume.model_validate({"metadata": _metadata(name, more), "spec": spec, "status": status})


def storage_class(name: str = "standard", *, provisioner: str = "kubemu.io/host-path", **more: Any) -> StorageClass:
    """Return a class; ``annotations``, ``age`` in seconds and further fields say the rest."""
    metadata = {
        "name": name,
        "annotations": more.pop("annotations", {}),
        "creationTimestamp": NOW - timedelta(seconds=more.pop("age", 0)),
    }
    return StorageClass.model_validate({"metadata": metadata, "provisioner": provisioner, **more})


def _metadata(name: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "uid": f"uid-{name}",
        "labels": more.get("labels", {}),
        "annotations": more.get("annotations", {}),
        "ownerReferences": more.get("owners", []),
        "finalizers": more.get("finalizers", []),
        "deletionTimestamp": NOW if more.get("deleting") else None,
    }
