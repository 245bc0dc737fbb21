"""What a Job's pods say about themselves (``pkg/controller/job``, v1.36)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from apimachinery.types.batch import Job
from apimachinery.types.pod import FAILED, SUCCEEDED, Pod

TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking"
"""Keeps a pod that has ended until the job has counted it."""

COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index"
"""Annotation and label of the pods of indexed jobs."""

INDEX_FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count"
"""Annotation: how many pods of the index failed before this one, and were counted."""

INDEX_IGNORED_FAILURE_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count"
"""Annotation: how many failed before this one that the pod failure policy ignores."""

_LARGEST_INT32 = 2**31 - 1


def tracked(pod: Pod) -> bool:
    """Return whether the pod is still to be counted."""
    return TRACKING_FINALIZER in pod.metadata.finalizers


def completion_index(pod: Pod) -> int | None:
    """Return the index that the pod works on; ``None`` when it has none that can be read."""
    try:
        index = int(pod.metadata.annotations[COMPLETION_INDEX])
    except (KeyError, ValueError):
        return None
    return index if index >= 0 else None


def valid_index(job: Job, pod: Pod) -> int | None:
    """Return the pod's index when it is one of the job's."""
    index = completion_index(pod)
    return index if index is not None and index < (job.spec.completions or 0) else None


def indexes_of(pods: Iterable[Pod]) -> set[int]:
    return {index for pod in pods if (index := completion_index(pod)) is not None}


def counted_failures(pod: Pod) -> int:
    """Return how many pods of its index failed before this one, as far as they were counted."""
    return _number(pod, INDEX_FAILURE_COUNT)


def all_failures(pod: Pod) -> int:
    """Return how many pods of its index failed before this one."""
    return counted_failures(pod) + _number(pod, INDEX_IGNORED_FAILURE_COUNT)


def ignored_failures(pod: Pod) -> int:
    return _number(pod, INDEX_IGNORED_FAILURE_COUNT)


def _number(pod: Pod, annotation: str) -> int:
    try:
        number = int(pod.metadata.annotations.get(annotation, "0"))
    except ValueError:
        return 0
    return number if 0 <= number <= _LARGEST_INT32 else 0


def terminating(pod: Pod) -> bool:
    """Return whether the pod is being deleted and its containers may still run."""
    return pod.deleting and not pod.finished


def replaces_only_failed(job: Job) -> bool:
    """Return whether a pod is replaced when it has ended only, not as soon as it is being deleted."""
    return job.spec.pod_replacement_policy == "Failed" or job.spec.pod_failure_policy is not None


def is_failed(job: Job, pod: Pod) -> bool:
    """Return whether the pod has failed, or is being deleted and may never get to say how it ended."""
    if pod.status.phase == FAILED:
        return True
    return not replaces_only_failed(job) and pod.deleting and pod.status.phase != SUCCEEDED


def finished_at(pod: Pod) -> datetime:
    """Return when the pod ended, or the best guess there is.

    That is the end of the last of its containers, since when it is not ready, when its deletion was asked for, or when
    it was created, in this order.
    """
    ends = [
        status.state.terminated.finished_at if status.state.terminated is not None else None
        for status in pod.status.container_statuses
    ]
    known = [end for end in ends if end is not None]
    if known and len(known) == len(ends):
        return max(known)
    ready = pod.condition("Ready")
    if ready is not None and ready.status == "False" and ready.last_transition_time is not None:
        return ready.last_transition_time
    meta = pod.metadata
    if meta.deletion_timestamp is not None:
        return meta.deletion_timestamp - timedelta(seconds=meta.deletion_grace_period_seconds or 0)
    assert meta.creation_timestamp is not None
    return meta.creation_timestamp
