"""How a pod of a StatefulSet is (``statefulset/stateful_set_utils.go``, v1.36)."""

from datetime import datetime

from apimachinery.types.pod import Pod
from controller_manager.availability import is_available

RUNNING = "Running"


def runs_and_is_ready(pod: Pod) -> bool:
    return pod.status.phase == RUNNING and pod.ready


def is_healthy(pod: Pod, minimum: int, now: datetime) -> bool:
    """Return whether the pod runs, has been ready for ``minimum`` seconds, and stays."""
    return not pod.deleting and runs_and_is_ready(pod) and is_available(pod, minimum, now)
