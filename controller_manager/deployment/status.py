"""How far a Deployment has come (``pkg/controller/deployment/{sync,progress}.go``, v1.36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.apps import Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet
from apimachinery.types.base import Condition
from controller_manager.deployment.sizes import max_unavailable, total
from controller_manager.replicaset_status import REPLICA_FAILURE

PROGRESSING = "Progressing"
AVAILABLE = "Available"

PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"
CREATED = "NewReplicaSetCreated"
CREATION_FAILED = "ReplicaSetCreateError"
FOUND = "FoundNewReplicaSet"
UPDATED = "ReplicaSetUpdated"
NEW_AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"

NO_DEADLINE = 2**31 - 1
"""The deadline in seconds that means there is none."""

_SKEW_SECONDS = 1.0
"""Looked at this much after a deadline, since conditions tell whole seconds."""

Conditions = list[DeploymentCondition]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status, and in how many seconds time alone will change it."""

    status: DeploymentStatus
    deadline_in_seconds: float | None = None


def has_deadline(deployment: Deployment) -> bool:
    return deployment.spec.progress_deadline_seconds not in {None, NO_DEADLINE}


def complete(deployment: Deployment, status: DeploymentStatus) -> bool:
    """Return whether all pods that are asked for are there, of the new version, available, and none besides."""
    wanted = deployment.spec.replicas
    return (status.updated_replicas, status.replicas, status.available_replicas) == (
        wanted,
        wanted,
        wanted,
    ) and status.observed_generation >= deployment.metadata.generation


def calculate_status(
    deployment: Deployment,
    new: ReplicaSet | None,
    old: Sequence[ReplicaSet],
    now: datetime,
    *,
    rolling_out: bool,
    created: bool,
) -> Outcome:
    """Return the status that the ReplicaSets make. ``created`` says that ``new`` has come into being just now."""
    conditions = _paused(deployment, list(deployment.status.conditions), now)
    if new is not None and has_deadline(deployment):
        conditions = _noticed(conditions, new, now, created=created)
    everything = [*old, *([new] if new is not None else [])]
    status = _counted(deployment, new, everything)
    status.conditions = _set(conditions, _availability(deployment, status, now))
    if not rolling_out:
        return Outcome(status)
    before = find(conditions, PROGRESSING)
    name = f'ReplicaSet "{new.metadata.name}"' if new is not None else f'Deployment "{deployment.metadata.name}"'
    if not has_deadline(deployment):
        status.conditions = _without(status.conditions, PROGRESSING)
    elif not _long_complete(status, before):
        status.conditions = _judged(deployment, status, before, name, now)
    status.conditions = _failure(status.conditions, new, everything)
    return Outcome(status, _deadline_in(deployment, status, now))


def _counted(deployment: Deployment, new: ReplicaSet | None, everything: Sequence[ReplicaSet]) -> DeploymentStatus:
    terminating = [found.status.terminating_replicas for found in everything]
    available = sum(found.status.available_replicas for found in everything)
    return deployment.status.model_copy(
        update={
            "observed_generation": deployment.metadata.generation,
            "replicas": sum(found.status.replicas for found in everything),
            "updated_replicas": new.status.replicas if new is not None else 0,
            "ready_replicas": sum(found.status.ready_replicas for found in everything),
            "available_replicas": available,
            "unavailable_replicas": max(0, total(everything) - available),
            "terminating_replicas": None
            if None in terminating
            else sum(entry for entry in terminating if entry is not None),
        }
    )


def _paused(deployment: Deployment, conditions: Conditions, now: datetime) -> Conditions:
    """Note that the Deployment was paused or resumed, so that the time in between is not held against it."""
    found = find(conditions, PROGRESSING)
    if not has_deadline(deployment) or (found is not None and found.reason == TIMED_OUT):
        return conditions
    noted = found is not None and found.reason == PAUSED
    if deployment.spec.paused and not noted:
        return _set(conditions, condition(PROGRESSING, "Unknown", PAUSED, "Deployment is paused", now))
    if not deployment.spec.paused and noted:
        return _set(conditions, condition(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed", now))
    return conditions


def _noticed(conditions: Conditions, new: ReplicaSet, now: datetime, *, created: bool) -> Conditions:
    name = new.metadata.name
    if created:
        return _set(conditions, condition(PROGRESSING, "True", CREATED, f'Created new replica set "{name}"', now))
    if find(conditions, PROGRESSING) is None:
        return _set(conditions, condition(PROGRESSING, "True", FOUND, f'Found new replica set "{name}"', now))
    return conditions


def _availability(deployment: Deployment, status: DeploymentStatus, now: datetime) -> DeploymentCondition:
    if status.available_replicas >= deployment.spec.replicas - max_unavailable(deployment):
        message = "Deployment has minimum availability."
        return condition(AVAILABLE, "True", "MinimumReplicasAvailable", message, now)
    message = "Deployment does not have minimum availability."
    return condition(AVAILABLE, "False", "MinimumReplicasUnavailable", message, now)


def _long_complete(status: DeploymentStatus, before: DeploymentCondition | None) -> bool:
    return status.replicas == status.updated_replicas and before is not None and before.reason == NEW_AVAILABLE


def _judged(
    deployment: Deployment, status: DeploymentStatus, before: DeploymentCondition | None, name: str, now: datetime
) -> Conditions:
    """Return the conditions with what is to be said about progress."""
    conditions = status.conditions
    if complete(deployment, status):
        message = f"{name} has successfully progressed."
        return _set(conditions, condition(PROGRESSING, "True", NEW_AVAILABLE, message, now))
    if _progressed(deployment.status, status):
        made = condition(PROGRESSING, "True", UPDATED, f"{name} is progressing.", now)
        if before is not None and before.status == made.status:
            made.last_transition_time = before.last_transition_time
        # Said anew even if it was said before: the deadline counts from the last progress.
        return [*_without(conditions, PROGRESSING), made]
    if _timed_out(deployment, before, now):
        message = f"{name} has timed out progressing."
        return _set(conditions, condition(PROGRESSING, "False", TIMED_OUT, message, now))
    return conditions


def _progressed(before: DeploymentStatus, now: DeploymentStatus) -> bool:
    return (
        now.updated_replicas > before.updated_replicas
        or now.replicas - now.updated_replicas < before.replicas - before.updated_replicas
        or now.ready_replicas > before.ready_replicas
        or now.available_replicas > before.available_replicas
    )


def _timed_out(deployment: Deployment, before: DeploymentCondition | None, now: datetime) -> bool:
    if before is None or before.reason == NEW_AVAILABLE:
        return False
    return before.reason == TIMED_OUT or _seconds_left(deployment, before, now) < 0


def _seconds_left(deployment: Deployment, progressing: DeploymentCondition, now: datetime) -> float:
    since = progressing.last_update_time or now
    return (deployment.spec.progress_deadline_seconds or 0) - (now - since).total_seconds()


def _deadline_in(deployment: Deployment, status: DeploymentStatus, now: datetime) -> float | None:
    """Return when to look whether the rollout is stuck."""
    found = find(status.conditions, PROGRESSING)
    if not has_deadline(deployment) or found is None or found.reason in {TIMED_OUT, NEW_AVAILABLE}:
        return None
    return max(0.0, _seconds_left(deployment, found, now)) + _SKEW_SECONDS


def _failure(conditions: Conditions, new: ReplicaSet | None, everything: Sequence[ReplicaSet]) -> Conditions:
    """Show the failure of one of the ReplicaSets, the new one's before all others."""
    candidates = [*([new] if new is not None else []), *everything]
    failures = [entry for found in candidates for entry in found.status.conditions if entry.type == REPLICA_FAILURE]
    if not failures:
        return _without(conditions, REPLICA_FAILURE)
    return _set(conditions, _of_replica_set(failures[0]))


def _of_replica_set(found: Condition) -> DeploymentCondition:
    return DeploymentCondition(
        type=found.type,
        status=found.status,
        reason=found.reason,
        message=found.message,
        last_transition_time=found.last_transition_time,
        last_update_time=found.last_transition_time,
    )


def creation_failed(deployment: Deployment, message: str, now: datetime) -> DeploymentStatus:
    """Return the status that tells why there is no new ReplicaSet."""
    conditions = deployment.status.conditions
    if has_deadline(deployment):
        conditions = _set(conditions, condition(PROGRESSING, "False", CREATION_FAILED, message, now))
    return deployment.status.model_copy(update={"conditions": conditions})


def condition(kind: str, status: str, reason: str, message: str, now: datetime) -> DeploymentCondition:
    return DeploymentCondition(
        type=kind, status=status, reason=reason, message=message, last_update_time=now, last_transition_time=now
    )


def find(conditions: Sequence[DeploymentCondition], kind: str) -> DeploymentCondition | None:
    return next((entry for entry in conditions if entry.type == kind), None)


def _without(conditions: Conditions, kind: str) -> Conditions:
    return [entry for entry in conditions if entry.type != kind]


def _set(conditions: Conditions, made: DeploymentCondition) -> Conditions:
    """Return the conditions with ``made`` in them, unless one of its status and reason is there already."""
    before = find(conditions, made.type)
    if before is not None and (before.status, before.reason) == (made.status, made.reason):
        return conditions
    if before is not None and before.status == made.status:
        made = made.model_copy(update={"last_transition_time": before.last_transition_time})
    return [*_without(conditions, made.type), made]
