"""Deployments and their ReplicaSets, with only what a test says about them."""

from datetime import timedelta
from typing import Any

from apimachinery.types.apps import Deployment, ReplicaSet
from controller_manager.deployment.history import DESIRED_REPLICAS, MAX_REPLICAS, REVISION
from tests.controller_manager.builders import NOW, owner_reference


def template(image: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "web", **labels}}, "spec": {"containers": [{"name": "c", "image": image}]}}


def deployment(
    replicas: int = 10, *, surge: int | str = 3, unavailable: int | str = 2, image: str = "new", **more: Any
) -> Deployment:
    """Return a Deployment of generation 5; ``recreate=True`` gives it the other strategy.

    ``annotations``, ``deleting``, ``status`` and further fields of the ``spec`` say the rest.
    """
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    strategy: dict[str, Any] = {"type": "RollingUpdate", "rollingUpdate": rolling}
    if more.get("recreate"):
        strategy = {"type": "Recreate"}
    return Deployment.model_validate({
        "metadata": {
            "name": "web",
            "namespace": "default",
            "uid": "uid-web",
            "generation": 5,
            "annotations": more.get("annotations", {}),
            "deletionTimestamp": NOW if more.get("deleting") else None,
        },
        "spec": {
            "replicas": replicas,
            "strategy": strategy,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(image),
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
            **more.get("spec", {}),
        },
        "status": more.get("status", {}),
    })


def replica_set(image: str, size: int, available: int | None = None, **more: Any) -> ReplicaSet:
    """Return the Deployment's ReplicaSet of that image; all of its pods are there, ``available`` of them available.

    ``age`` is in seconds (100 by default, of the image ``new`` 0), ``revision``, ``desired`` and ``most`` are
    annotations, ``pods`` the number of pods if it is another than the size, ``failure`` why pods cannot be made.
    """
    noted = {REVISION: more.get("revision"), DESIRED_REPLICAS: more.get("desired"), MAX_REPLICAS: more.get("most")}
    failure = {"type": "ReplicaFailure", "status": "True", "reason": more.get("failure"), "message": image}
    count = size if available is None else available
    labels = {"app": "web", "pod-template-hash": image}
    return ReplicaSet.model_validate({
        "metadata": {
            "name": f"web-{image}",
            "namespace": "default",
            "uid": f"uid-{image}",
            "generation": more.get("generation", 1),
            "creationTimestamp": NOW - timedelta(seconds=more.get("age", 0 if image == "new" else 100)),
            "labels": labels,
            "annotations": {key: str(value) for key, value in noted.items() if value is not None},
            "ownerReferences": [owner_reference("web", "uid-web", kind="Deployment")],
        },
        "spec": {"replicas": size, "selector": {"matchLabels": labels}, "template": template(image, **labels)},
        "status": {
            "replicas": more.get("pods", size),
            "readyReplicas": count,
            "availableReplicas": count,
            "observedGeneration": 1,
            "terminatingReplicas": more.get("terminating"),
            "conditions": [failure] if more.get("failure") else [],
        },
    })
