"""A StatefulSet's status, worked out from its pods (``statefulset/stateful_set_control.go``, v1.36)."""

from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.apps import ROLLING_UPDATE, StatefulSet, StatefulSetStatus
from controller_manager.availability import until_available
from controller_manager.statefulset.health import runs_and_is_ready
from controller_manager.statefulset.identity import revision_of
from controller_manager.statefulset.plan import Pods, Versions


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status, and in how many seconds time alone will change it."""

    status: StatefulSetStatus
    next_available_seconds: float | None


def calculate_status(stateful_set: StatefulSet, versions: Versions, pods: Pods, now: datetime) -> Outcome:
    """Return what there is. Once all pods are of the new version and ready, that is the current one."""
    ready = available = current = updated = 0
    waits: list[float] = []
    for pod in pods.values():
        if runs_and_is_ready(pod):
            ready += 1
            wait = until_available(pod, stateful_set.spec.min_ready_seconds, now)
            if wait is not None and wait > 0:
                waits.append(wait)
            available += wait is not None and wait <= 0
        if not pod.deleting:
            current += revision_of(pod) == versions.current
            updated += revision_of(pod) == versions.update
    rolling = stateful_set.spec.update_strategy.type == ROLLING_UPDATE
    complete = rolling and updated == ready == len(pods) == stateful_set.spec.replicas
    status = stateful_set.status.model_copy(
        update={
            "observed_generation": stateful_set.metadata.generation,
            "replicas": len(pods),
            "ready_replicas": ready,
            "available_replicas": available,
            "current_replicas": updated if complete else current,
            "updated_replicas": updated,
            "current_revision": versions.update if complete else versions.current,
            "update_revision": versions.update,
            "collision_count": stateful_set.status.collision_count or 0,
        }
    )
    return Outcome(status, min(waits, default=None))
