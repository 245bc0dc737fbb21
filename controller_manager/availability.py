"""Since when a pod counts as available (``IsPodAvailable`` of ``pkg/api/v1/pod/util.go``, v1.36)."""

from datetime import datetime

from apimachinery.types.base import Condition
from apimachinery.types.pod import Pod


def until_available(pod: Pod, minimum: int, now: datetime) -> float | None:
    """Return the seconds until the pod has been ready for ``minimum`` seconds; 0 or less once it is available.

    ``None`` when time alone will not make it so: it is not ready, or it is unknown since when it is.
    """
    condition = pod.condition("Ready")
    if condition is None or condition.status != "True":
        return None
    return until_ready_for(condition, minimum, now)


def until_ready_for(ready: Condition, minimum: int, now: datetime) -> float | None:
    """Return the same of a pod's true condition ``Ready``."""
    if not minimum:
        return 0.0
    if ready.last_transition_time is None:
        return None
    return minimum - (now - ready.last_transition_time).total_seconds()


def is_available(pod: Pod, minimum: int, now: datetime) -> bool:
    """Return whether the pod has been ready for ``minimum`` seconds."""
    wait = until_available(pod, minimum, now)
    return wait is not None and wait <= 0
