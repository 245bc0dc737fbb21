"""When the change happened that has endpoints written anew (``trigger_time_tracker.go``, v0.36).

Others measure by it how long a change takes to reach the network.
"""

from collections.abc import Iterable
from datetime import datetime

from apimachinery.types.pod import Pod
from apimachinery.types.service import Service


class TriggerTimes:
    """Remembers what has been seen of each Service and its pods."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, datetime]] = {}

    def update(self, service: Service, pods: Iterable[Pod]) -> datetime | None:
        """Note how things are; return the earliest change since the last call, ``None`` when nothing says its time."""
        before = self._seen.get(service.key, {})
        now = {pod.key: moment for pod in pods if (moment := _changed_at(pod)) is not None}
        if service.metadata.creation_timestamp is not None:
            now[""] = service.metadata.creation_timestamp
        self._seen[service.key] = now
        return min(
            (moment for name, moment in now.items() if name not in before or moment > before[name]), default=None
        )

    def forget(self, key: str) -> None:
        """The Service is gone."""
        self._seen.pop(key, None)


def _changed_at(pod: Pod) -> datetime | None:
    ready = pod.condition("Ready")
    return ready.last_transition_time if ready is not None else None
