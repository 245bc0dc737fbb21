"""Nodes, with only what a test says about them."""

from typing import Any

from apimachinery.types.core import Lease, Node
from tests.controller_manager.builders import NOW


def node(name: str = "n1", *, ready: str = "True", beat: int = 0, **more: Any) -> Node:
    """Return a node whose ``Ready`` is so, heard of ``beat`` seconds ago; an empty ``ready`` has told nothing.

    ``conditions`` by their types, ``taints`` as ``key:effect``, ``labels`` and ``unschedulable`` say more.
    """
    found = ({"Ready": ready} if ready else {}) | more.get("conditions", {})
    conditions = [
        {"type": kind, "status": status, "reason": "R", "message": "m", "lastHeartbeatTime": NOW.replace(second=beat)}
        for kind, status in found.items()
    ]
    taints = [dict(zip(("key", "effect"), taint.rsplit(":", 1), strict=True)) for taint in more.get("taints", ())]
    return Node.model_validate({
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "resourceVersion": "7",
            "labels": more.get("labels", {}),
            "creationTimestamp": NOW,
        },
        "spec": {"unschedulable": more.get("unschedulable", False), "taints": taints},
        "status": {"conditions": conditions},
    })


def lease(second: int) -> Lease:
    return Lease.model_validate({"metadata": {"name": "n1"}, "spec": {"renewTime": NOW.replace(second=second)}})
