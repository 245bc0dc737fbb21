"""StatefulSets, their pods and claims, with only what a test says about them."""

from datetime import timedelta
from typing import Any

from apimachinery.types.apps import StatefulSet
from apimachinery.types.pod import Pod
from controller_manager.statefulset.identity import POD_INDEX_LABEL, POD_NAME_LABEL
from controller_manager.statefulset.plan import Versions
from tests.controller_manager.builders import NOW, owner_reference

NEW, OLD = "db-new", "db-old"
VERSIONS = Versions(OLD, NEW)


def stateful_set(replicas: int = 3, *, parallel: bool = False, **more: Any) -> StatefulSet:
    """Return a StatefulSet with one claim template ``data``.

    ``partition`` and ``unavailable`` are of its rolling update, ``start`` its first ordinal; ``deleting``, ``pod`` (the
    spec of its pods), ``spec`` (further fields of its own) and ``status`` say the rest.
    """
    rolling = {"partition": more.get("partition", 0), "maxUnavailable": more.get("unavailable", 1)}
    return StatefulSet.model_validate({
        "metadata": {
            "name": "db",
            "namespace": "default",
            "uid": "uid-db",
            "generation": 2,
            "deletionTimestamp": NOW if more.get("deleting") else None,
        },
        "spec": {
            "replicas": replicas,
            "serviceName": "dbs",
            "podManagementPolicy": "Parallel" if parallel else "OrderedReady",
            "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": more.get("pod", {})},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
            "ordinals": {"start": more.get("start", 0)},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}],
            **more.get("spec", {}),
        },
        "status": {"replicas": 0, **more.get("status", {})},
    })


def set_pod(ordinal: int, revision: str = NEW, *, ready_for: float | None = 60, **more: Any) -> Pod:
    """Return the pod of an ordinal, ready for so many seconds (``None``: it is not); ``phase``, ``deleting``."""
    name, moment = f"db-{ordinal}", NOW - timedelta(seconds=ready_for or 0)
    ready = [{"type": "Ready", "status": "True", "lastTransitionTime": moment}] if ready_for is not None else []
    identity = {POD_NAME_LABEL: name, POD_INDEX_LABEL: str(ordinal)}
    return Pod.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "labels": {"app": "db", "controller-revision-hash": revision, **identity},
            "deletionTimestamp": NOW if more.get("deleting") else None,
            "ownerReferences": [owner_reference("db", "uid-db", kind="StatefulSet")],
        },
        "status": {"phase": more.get("phase", "Running"), "conditions": ready},
    })


def set_pods(*pods: Pod) -> dict[int, Pod]:
    """Return pods by their ordinals."""
    return {int(pod.metadata.labels[POD_INDEX_LABEL]): pod for pod in pods}
