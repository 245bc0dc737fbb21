"""What is said of a pod that the cluster ends, and not the pod itself (``DisruptionTarget``, ``core/v1``)."""

from datetime import datetime
from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.types.pod import DISRUPTION_TARGET, FAILED, Pod


def disrupted_patch(pod: Pod, reason: str, message: str, now: datetime, *, failed: bool = False) -> dict[str, Any]:
    """Return the strategic merge patch of the pod's status; with ``failed`` its phase is so, too.

    No condition is given without a ``reason``.
    """
    status: dict[str, Any] = {"phase": FAILED} if failed else {}
    if reason:
        since = pod.condition(DISRUPTION_TARGET)
        kept = since.last_transition_time if since is not None and since.status == "True" else None
        condition = {"type": DISRUPTION_TARGET, "status": "True", "reason": reason, "message": message}
        status["conditions"] = [{**condition, "lastTransitionTime": rfc3339(kept or now)}]
    return {"metadata": {"uid": pod.metadata.uid}, "status": status}
