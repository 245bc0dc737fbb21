"""How each pod of a Job is counted exactly once (``trackJobStatusAndRemoveFinalizers`` in
``pkg/controller/job/job_controller.go``, v1.36).

A pod that has ended keeps its finalizer, and so stays, until its uid is in the status (``uncountedTerminatedPods``);
the counters take it over once the finalizer has gone. Whatever is interrupted in between is seen from the two objects.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.batch import JobCondition, JobStatus, UncountedTerminatedPods
from apimachinery.types.pod import SUCCEEDED, Pod
from controller_manager.jobs.indexes import Indexes
from controller_manager.jobs.observed import NONE_UNCOUNTED, Observed
from controller_manager.jobs.pods import completion_index, is_failed, valid_index
from controller_manager.jobs.policies import judge
from controller_manager.jobs.verdict import Verdict

MOST_UNCOUNTED_PODS = 500
"""How many pods are between finalizer and counter at once, so that the status stays small."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """``status`` is to be written, then ``release`` lose their finalizers; with ``more`` others are left to count."""

    status: JobStatus
    release: list[Pod]
    more: bool


def track(observed: Observed, status: JobStatus, verdict: Verdict | None, now: datetime) -> Tracking:
    """Note the pods that have ended in ``status``, and the verdict if there is one."""
    job = observed.job
    status = count_released(status, observed.to_count)
    uncounted = status.uncounted_terminated_pods or NONE_UNCOUNTED
    succeeded, failed = list(uncounted.succeeded), list(uncounted.failed)
    new_indexes: list[int] = []
    release: list[Pod] = []
    more = False
    for pod in _in_order(observed):
        uid, index = pod.metadata.uid, valid_index(job, pod)
        if uid not in observed.to_count or not _may_go(observed, pod, verdict):
            continue
        release.append(pod)
        if pod.status.phase == SUCCEEDED and uid not in uncounted.failed:
            if job.spec.indexed:
                # An index is counted once by itself; no uid is needed.
                if index is not None and index not in observed.known_succeeded_indexes:
                    new_indexes.append(index)
            elif uid not in uncounted.succeeded:
                succeeded.append(uid)
        elif is_failed(job, pod) or (verdict is not None and not verdict.success):
            counts = (index is not None or not job.spec.indexed) and judge(job.spec.pod_failure_policy, pod).counts
            if counts and uid not in uncounted.failed:
                failed.append(uid)
        if len(new_indexes) + len(succeeded) + len(failed) >= MOST_UNCOUNTED_PODS:
            more = True
            break
    changes: dict[str, object] = {
        "uncounted_terminated_pods": UncountedTerminatedPods(succeeded=succeeded, failed=failed)
    }
    if job.spec.indexed:
        indexes = observed.succeeded_indexes | Indexes.of(new_indexes)
        changes |= {"succeeded": len(indexes), "completed_indexes": str(indexes)}
        changes["failed_indexes"] = None if observed.failed_indexes is None else str(observed.failed_indexes)
    if verdict is not None:
        condition = (verdict.interim, "True", verdict.reason, verdict.message)
        changes["conditions"] = with_condition(status.conditions, *condition, now)
    return Tracking(status.model_copy(update=changes), release, more)


def _in_order(observed: Observed) -> list[Pod]:
    if not observed.job.spec.indexed:
        return list(observed.pods)

    def by_index(pod: Pod) -> int:
        index = completion_index(pod)
        return -1 if index is None else index

    return sorted(observed.pods, key=by_index)


def _may_go(observed: Observed, pod: Pod, verdict: Verdict | None) -> bool:
    """Whether the job needs the pod no more: it has ended, or the whole job has.

    A pod that its successor is to learn from, how often the index has failed, is needed until that one is there.
    """
    job = observed.job
    if job.metadata.deletion_timestamp is not None or verdict is not None or pod.status.phase == SUCCEEDED:
        return True
    index = completion_index(pod)
    kept = observed.to_replace.get(index) if index is not None else None
    return is_failed(job, pod) and (kept is None or kept.metadata.uid != pod.metadata.uid)


def count_released(status: JobStatus, to_count: Collection[str]) -> JobStatus:
    """Move the uids that are not in ``to_count`` any more from the uncounted to the counters."""
    uncounted = status.uncounted_terminated_pods or NONE_UNCOUNTED
    succeeded = [uid for uid in uncounted.succeeded if uid in to_count]
    failed = [uid for uid in uncounted.failed if uid in to_count]
    return status.model_copy(
        update={
            "succeeded": status.succeeded + len(uncounted.succeeded) - len(succeeded),
            "failed": status.failed + len(uncounted.failed) - len(failed),
            "uncounted_terminated_pods": UncountedTerminatedPods(succeeded=succeeded, failed=failed),
        }
    )


def finish(status: JobStatus, verdict: Verdict, now: datetime) -> JobStatus | None:
    """Return the status of a job that has ended; ``None`` while pods are still to be counted, or to end."""
    uncounted = status.uncounted_terminated_pods or NONE_UNCOUNTED
    if uncounted.succeeded or uncounted.failed or status.terminating:
        return None
    changes: dict[str, object] = {
        "conditions": with_condition(status.conditions, verdict.final, "True", verdict.reason, verdict.message, now)
    }
    if verdict.success:
        changes["completion_time"] = now
    return status.model_copy(update=changes)


def with_condition(
    conditions: list[JobCondition], kind: str, status: str, reason: str, message: str, now: datetime
) -> list[JobCondition]:
    """Return ``conditions`` with this one set; one that is not there is not set to ``False``."""
    new = JobCondition(
        type=kind, status=status, reason=reason, message=message, last_probe_time=now, last_transition_time=now
    )
    for number, old in enumerate(conditions):
        if old.type == kind:
            if (old.status, old.reason, old.message) == (status, reason, message):
                return conditions
            return [*conditions[:number], new, *conditions[number + 1 :]]
    return [*conditions, new] if status != "False" else conditions
