"""Whether a Job is to end, how and why (``syncJob`` in ``pkg/controller/job/job_controller.go``, v1.36)."""

from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.batch import Job
from apimachinery.types.pod import PENDING, RUNNING
from controller_manager.jobs.observed import Observed
from controller_manager.jobs.pods import is_failed
from controller_manager.jobs.policies import failing_message, success_message


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a job ends. The interim condition announces it, the final one says that all pods have ended too."""

    success: bool
    reason: str = ""
    message: str = ""

    @property
    def interim(self) -> str:
        return "SuccessCriteriaMet" if self.success else "FailureTarget"

    @property
    def final(self) -> str:
        return "Complete" if self.success else "Failed"


def verdict(observed: Observed, now: datetime) -> Verdict | None:
    """Return how the job ends, before its last pods have; ``None`` when it goes on.

    What was announced stays. Failures of the whole come before those of single indexes, success by policy comes last.
    """
    job = observed.job
    for success in (True, False):
        announced = job.true_condition(Verdict(success).interim)
        if announced is not None:
            return Verdict(success, announced.reason, announced.message)
    failed = (pod for pod in observed.pods if is_failed(job, pod))
    if message := failing_message(job.spec.pod_failure_policy, failed):
        return Verdict(False, "PodFailurePolicy", message)
    if observed.failed > _backoff_limit(job) or _restarted_too_often(observed):
        return Verdict(False, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    left = deadline_seconds(job, now)
    if left is not None and left <= 0:
        return Verdict(False, "DeadlineExceeded", "Job was active longer than specified deadline")
    return _of_indexes(observed) if job.spec.indexed else None


def _of_indexes(observed: Observed) -> Verdict | None:
    spec, failed = observed.job.spec, observed.failed_indexes
    completions = spec.completions or 0
    if failed:
        if spec.max_failed_indexes is not None and len(failed) > spec.max_failed_indexes:
            message = "Job has exceeded the specified maximal number of failed indexes"
            return Verdict(False, "MaxFailedIndexesExceeded", message)
        if len(failed) + len(observed.succeeded_indexes) >= completions:
            return Verdict(False, "FailedIndexes", "Job has failed indexes")
    if message := success_message(spec.success_policy, completions, observed.succeeded_indexes):
        return Verdict(True, "SuccessPolicy", message)
    return None


def completion(observed: Observed, active: int) -> Verdict | None:
    """Return the verdict on a job that has as many successes as it wants, and ``active`` pods left."""
    wanted = observed.job.spec.completions
    enough = observed.succeeded > 0 if wanted is None else observed.succeeded >= wanted
    return Verdict(True) if enough and not active else None


def deadline_seconds(job: Job, now: datetime) -> float | None:
    """Return how long the job may still be active; ``None`` when there is no limit or it is suspended."""
    limit, started = job.spec.active_deadline_seconds, job.status.start_time
    if limit is None or started is None or job.spec.suspend:
        return None
    return limit - (now - started).total_seconds()


def _backoff_limit(job: Job) -> int:
    return job.spec.backoff_limit if job.spec.backoff_limit is not None else 6


def _restarted_too_often(observed: Observed) -> bool:
    """Whether the containers of pods that are restarted in place have failed as often as pods might have."""
    job = observed.job
    if job.spec.template.spec.restart_policy != "OnFailure":
        return False
    restarts = sum(
        status.restart_count
        for pod in observed.pods
        if pod.status.phase in {PENDING, RUNNING}
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses)
    )
    return restarts >= max(1, _backoff_limit(job))
