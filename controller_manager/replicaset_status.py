"""A ReplicaSet's status, worked out from its pods (``pkg/controller/replicaset/replica_set_utils.go``, v1.36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.apps import ReplicaSet, ReplicaSetStatus, ReplicationController
from apimachinery.types.base import Condition
from apimachinery.types.pod import Pod
from controller_manager.availability import until_ready_for

REPLICA_FAILURE = "ReplicaFailure"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A new status, and in how many seconds the next ready pod becomes available by time alone."""

    status: ReplicaSetStatus
    next_available_seconds: float | None


def active(pod: Pod) -> bool:
    """Return whether the pod counts as a replica: it has not finished and is not being deleted."""
    return not pod.finished and not pod.deleting


def calculate_status(
    replica_set: ReplicaSet, pods: Sequence[Pod], terminating: int, failure: str, now: datetime
) -> Outcome:
    """Return the status that ``pods``, the active ones, make.

    ``failure`` says what went wrong with creating or deleting pods this time; empty when nothing did.
    """
    template = replica_set.spec.template.metadata.labels.items()
    minimum = replica_set.spec.min_ready_seconds
    labelled = ready = available = 0
    waits: list[float] = []
    for pod in pods:
        labelled += template <= pod.metadata.labels.items()
        condition = pod.condition("Ready")
        if condition is None or condition.status != "True":
            continue
        ready += 1
        wait = until_ready_for(condition, minimum, now)
        if wait is None or wait > 0:
            waits.extend([] if wait is None else [wait])
        else:
            available += 1
    status = replica_set.status.model_copy(
        update={
            "replicas": len(pods),
            "fully_labeled_replicas": labelled,
            "ready_replicas": ready,
            "available_replicas": available,
            "terminating_replicas": terminating if _tells_terminating(replica_set) else None,
            "observed_generation": replica_set.metadata.generation,
            "conditions": _conditions(replica_set, len(pods), failure, now),
        }
    )
    return Outcome(status, min(waits, default=None))


def _conditions(replica_set: ReplicaSet, pods: int, failure: str, now: datetime) -> list[Condition]:
    """The condition stays as it was first set for as long as there is any failure."""
    conditions = replica_set.status.conditions
    failing = any(entry.type == REPLICA_FAILURE for entry in conditions)
    if failure and not failing:
        reason = "FailedCreate" if pods < replica_set.spec.replicas else "FailedDelete"
        added = Condition(type=REPLICA_FAILURE, status="True", reason=reason, message=failure, last_transition_time=now)
        return [*conditions, added]
    if not failure and failing:
        return [entry for entry in conditions if entry.type != REPLICA_FAILURE]
    return conditions


def _tells_terminating(replica_set: ReplicaSet) -> bool:
    """The status of the older kind has no field for them."""
    return not isinstance(replica_set, ReplicationController)
