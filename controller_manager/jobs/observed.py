"""A Job and its pods, counted: what all decisions about it start from (``syncJobCtx`` in
``pkg/controller/job/job_controller.go``, v1.36)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apimachinery.types.batch import Job, UncountedTerminatedPods
from apimachinery.types.pod import SUCCEEDED, Pod
from controller_manager.jobs.indexes import Indexes
from controller_manager.jobs.pods import (
    all_failures,
    counted_failures,
    finished_at,
    indexes_of,
    is_failed,
    terminating,
    tracked,
    valid_index,
)
from controller_manager.jobs.policies import judge
from controller_manager.replicaset_status import active

NONE_UNCOUNTED = UncountedTerminatedPods()


@dataclass(frozen=True, slots=True)
class Observed:
    """``pods`` are all of the job's; ``to_count`` the uids of those that it has not let go of yet."""

    job: Job
    pods: Sequence[Pod]
    to_count: Collection[str]

    active: Sequence[Pod]
    terminating: Sequence[Pod]
    ready: int

    new_succeeded: Sequence[Pod]
    """Those that the status does not know of yet; likewise ``new_failed``."""

    new_failed: Sequence[Pod]

    succeeded: int
    """How many pods, or indexes, have succeeded, the new ones included."""

    failed: int
    """How many pods have failed that count, the new ones included."""

    known_succeeded_indexes: Indexes
    """What the status says."""

    succeeded_indexes: Indexes
    """Those of new pods too."""

    failed_indexes: Indexes | None
    """``None`` unless the job limits the failures of each index."""

    to_replace: dict[int, Pod]
    """By index the pod that failed last: it is kept until its successor has taken over its count of failures."""


def observe(job: Job, pods: Sequence[Pod], released: Collection[str]) -> Observed:
    """Count ``pods``; ``released`` are the uids of those that have lost their finalizer without the cache knowing."""
    to_count = {pod.metadata.uid for pod in pods if tracked(pod)}.difference(released)
    uncounted = job.status.uncounted_terminated_pods or NONE_UNCOUNTED
    valid = [
        pod
        for pod in pods
        if pod.metadata.uid in to_count and (not job.spec.indexed or valid_index(job, pod) is not None)
    ]
    new_succeeded = [
        pod for pod in valid if pod.status.phase == SUCCEEDED and pod.metadata.uid not in uncounted.succeeded
    ]
    new_failed = [pod for pod in valid if is_failed(job, pod) and pod.metadata.uid not in uncounted.failed]
    counted = sum(judge(job.spec.pod_failure_policy, pod).counts for pod in new_failed)
    running = [pod for pod in pods if active(pod)]
    succeeded = job.status.succeeded + len(new_succeeded) + len(uncounted.succeeded)
    known = now = Indexes()
    failed_indexes: Indexes | None = None
    to_replace: dict[int, Pod] = {}
    if job.spec.indexed:
        known = Indexes.parse(job.status.completed_indexes, job.spec.completions or 0)
        now = known | Indexes.of(
            index for pod in pods if _succeeded(pod) and (index := valid_index(job, pod)) is not None
        )
        succeeded = len(now)
        if job.spec.backoff_limit_per_index is not None:
            failed_indexes = _failed_indexes(job, pods)
            settled = now | failed_indexes | Indexes.of(indexes_of(running))
            to_replace = _last_failed(job, valid, settled)
    return Observed(
        job=job,
        pods=pods,
        to_count=to_count,
        active=running,
        terminating=[pod for pod in pods if terminating(pod)],
        ready=sum(pod.ready for pod in running),
        new_succeeded=new_succeeded,
        new_failed=new_failed,
        succeeded=succeeded,
        failed=job.status.failed + counted + len(uncounted.failed),
        known_succeeded_indexes=known,
        succeeded_indexes=now,
        failed_indexes=failed_indexes,
        to_replace=to_replace,
    )


def _succeeded(pod: Pod) -> bool:
    return pod.status.phase == SUCCEEDED and tracked(pod)


def _failed_indexes(job: Job, pods: Sequence[Pod]) -> Indexes:
    known = Indexes.parse(job.status.failed_indexes or "", job.spec.completions or 0)
    return known | Indexes.of(
        index
        for pod in pods
        if tracked(pod) and (index := valid_index(job, pod)) is not None and _fails_its_index(job, pod)
    )


def _fails_its_index(job: Job, pod: Pod) -> bool:
    if not is_failed(job, pod):
        return False
    judgement = judge(job.spec.pod_failure_policy, pod)
    if judgement.action == "FailIndex":
        return True
    return judgement.counts and counted_failures(pod) >= (job.spec.backoff_limit_per_index or 0)


def _last_failed(job: Job, valid: Sequence[Pod], settled: Indexes) -> dict[int, Pod]:
    """Return by index the last pod that failed, of those indexes that are to be tried again."""
    last: dict[int, Pod] = {}
    for pod in valid:
        index = valid_index(job, pod)
        if index is None or index in settled or not is_failed(job, pod):
            continue
        before = last.get(index)
        if before is None or (all_failures(before) <= all_failures(pod) and finished_at(before) <= finished_at(pod)):
            last[index] = pod
    return last
