"""What is said of pods whose node cannot be reached.

``MarkPodsNotReady`` and ``SetPodTerminationReason`` of ``pkg/controller/util/node`` (v1.36), and the phase, which
upstream leaves as it was last heard of.
"""

from datetime import datetime
from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.types.pod import NODE_LOST, UNKNOWN, Pod


def lost_patch(pod: Pod, now: datetime) -> dict[str, Any] | None:
    """Return the status patch of a pod on an unreachable node, ``None`` for one of which nothing is to be said.

    It has the version that it was made for: a kubelet that is back knows better.
    """
    if pod.finished or pod.status.phase == UNKNOWN:
        return None
    message = f"Node {pod.spec.node_name} which was running pod {pod.metadata.name} is unresponsive"
    status: dict[str, Any] = {"phase": UNKNOWN, "reason": NODE_LOST, "message": message}
    if pod.ready:
        status["conditions"] = [{"type": "Ready", "status": "False", "lastTransitionTime": rfc3339(now)}]
    return {
        "metadata": {"uid": pod.metadata.uid, "resourceVersion": pod.metadata.resource_version},
        "status": status,
    }
