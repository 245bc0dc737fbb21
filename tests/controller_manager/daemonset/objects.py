"""DaemonSets, their pods and nodes, with only what a test says about them."""

from datetime import timedelta
from typing import Any

from apimachinery.types.apps import DaemonSet
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from controller_manager.daemonset.placing import Suitability
from tests.controller_manager.builders import NOW, owner_reference

RUNS = Suitability(True, True)
KEEPS = Suitability(False, True)
UNSUITED = Suitability(False, False)

NEW, OLD = "new", "old"


def daemon_set(*, unavailable: int | str = 1, surge: int | str = 0, **more: Any) -> DaemonSet:
    """Return a DaemonSet; ``pod`` is its pods' spec, ``spec`` more of its own, ``status`` its status."""
    rolling = {"maxUnavailable": unavailable, "maxSurge": surge}
    return DaemonSet.model_validate({
        "metadata": {"name": "agent", "namespace": "default", "uid": "uid-agent", "generation": 2},
        "spec": {
            "selector": {"matchLabels": {"app": "agent"}},
            "template": {"metadata": {"labels": {"app": "agent"}}, "spec": more.get("pod", {})},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
            **more.get("spec", {}),
        },
        **({"status": more["status"]} if "status" in more else {}),
    })


def daemon_pod(node: str, version: str = NEW, *, ready_for: float | None = 60, **more: Any) -> Pod:
    """Return a pod named ``NODE-VERSION`` that has been ready for so many seconds (``None``: it is not).

    ``name``, ``phase``, ``age`` in seconds and ``deleting`` say the rest; with ``bound=False`` it waits to be bound.
    """
    moment = NOW - timedelta(seconds=ready_for or 0)
    ready = [{"type": "Ready", "status": "True", "lastTransitionTime": moment}] if ready_for is not None else []
    fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    required = {"nodeSelectorTerms": [{"matchFields": fields}]}
    name = more.get("name", f"{node}-{version}")
    return Pod.model_validate({
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "labels": {"app": "agent", "controller-revision-hash": version},
            "creationTimestamp": NOW - timedelta(seconds=more.get("age", 100 if version == OLD else 50)),
            "deletionTimestamp": NOW if more.get("deleting") else None,
            "ownerReferences": [owner_reference("agent", "uid-agent", kind="DaemonSet")],
        },
        "spec": {
            "nodeName": node if more.get("bound", True) else "",
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}},
        },
        "status": {"phase": more.get("phase", "Running"), "conditions": ready},
    })


def node(name: str = "n1", *taints: str, **labels: str) -> Node:
    """Return a node with taints such as ``key:NoSchedule``."""
    parts = [taint.partition(":") for taint in taints]
    entries = [{"key": key, "effect": effect} for key, _, effect in parts]
    return Node.model_validate({"metadata": {"name": name, "labels": labels}, "spec": {"taints": entries}})
