"""A pod with its history in the scheduling queue."""

from dataclasses import dataclass

from scheduler.framework.pod_info import PodInfo


@dataclass(slots=True, eq=False)
class QueuedPod:
    """``added_at`` is when it last entered the queue, in seconds of the clock's monotonic time.

    ``attempts`` counts its cycles so far, of which the first was at ``first_tried_at``; ``unschedulable_count`` those
    that ended without a node and ``error_count`` the failures in a row since. ``rejected_by`` names the plugins that
    rejected it last, ``pending_by`` those of them that only wait for something outside: when that comes, the pod is
    tried without a rest.
    """

    pod: PodInfo
    added_at: float
    attempts: int = 0
    first_tried_at: float = 0.0
    unschedulable_count: int = 0
    error_count: int = 0
    rejected_by: frozenset[str] = frozenset()
    pending_by: frozenset[str] = frozenset()
