"""What the scheduler counts, under upstream's names (``pkg/scheduler/metrics/metrics.go``, v1.36).

Counting is plain additions, since it happens several times for every pod; what Prometheus makes of them is worked
out when somebody asks (:mod:`scheduler.exposition`).
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TypeVar

from componentbase.histogram import Histogram
from scheduler.framework.queued_pod import QueuedPod

SCHEDULED, UNSCHEDULABLE, ERROR = "scheduled", "unschedulable", "error"
"""Results of an attempt."""


def exponential(start: float, factor: float, count: int) -> tuple[float, ...]:
    """Return the upper bounds of ``count`` buckets, each ``factor`` times the one before."""
    return tuple(start * factor**number for number in range(count))


ATTEMPT_BOUNDS = exponential(0.001, 2, 15)
SLI_BOUNDS = exponential(0.01, 2, 20)
POINT_BOUNDS = exponential(0.0001, 2, 12)
ATTEMPTS_BOUNDS = exponential(1, 2, 5)

_MANY_ATTEMPTS = 15


Key = TypeVar("Key", bound=Hashable)


class Metrics:
    """All that one scheduler counts. Keys of the dictionaries are the labels' values, in the order of their names."""

    def __init__(self) -> None:
        self.attempts: dict[tuple[str, str], Histogram] = {}
        """``scheduler_scheduling_attempt_duration_seconds`` by profile and result, which counts attempts, too."""
        self.algorithm = Histogram(ATTEMPT_BOUNDS)
        self.sli: dict[str, Histogram] = {}
        """``scheduler_pod_scheduling_sli_duration_seconds`` by attempts: from the first try until bound."""
        self.pod_attempts = Histogram(ATTEMPTS_BOUNDS)
        self.points: dict[tuple[str, str, str], Histogram] = {}
        """``scheduler_framework_extension_point_duration_seconds`` by extension point, profile and status."""
        self.preemption_attempts = 0
        self.incoming: Counter[tuple[str, str]] = Counter()
        """``scheduler_queue_incoming_pods_total`` by queue and event."""

    def attempt(self, profile: str, result: str, seconds: float) -> None:
        """Count a try that has ended, its binding included."""
        _at(self.attempts, (profile, result), ATTEMPT_BOUNDS).observe(seconds)

    def points_took(self, profile: str, status: str, spent: Iterable[tuple[str, float]]) -> None:
        """Count how long extension points took; those that took no time were not reached."""
        for point, seconds in spent:
            if seconds > 0:
                _at(self.points, (point, profile, status), POINT_BOUNDS).observe(seconds)

    def bound(self, queued: QueuedPod, now: float) -> None:
        """Count a pod that has its node, ``now`` in the queue's time."""
        attempts = str(queued.attempts) if queued.attempts < _MANY_ATTEMPTS else f"{_MANY_ATTEMPTS}+"
        _at(self.sli, attempts, SLI_BOUNDS).observe(now - queued.first_tried_at)
        self.pod_attempts.observe(queued.attempts)


def _at(series: dict[Key, Histogram], key: Key, bounds: tuple[float, ...]) -> Histogram:
    found = series.get(key)
    if found is None:
        found = series[key] = Histogram(bounds)
    return found
