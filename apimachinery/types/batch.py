"""``batch/v1``: pods that run to their end, once or by the clock."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.apps import PodTemplateSpec
from apimachinery.types.base import Condition, LabelSelector, Model, Object, ObjectMeta, Time
from apimachinery.types.core import ObjectReference


class PodFailurePolicyOnExitCodes(Model):
    """``operator`` is ``In`` or ``NotIn``; without a container name any container counts."""

    container_name: str | None = None
    operator: str
    values: list[int] = Field(default_factory=list)


class PodFailurePolicyOnPodConditionsPattern(Model):
    type: str
    status: str = "True"


class PodFailurePolicyRule(Model):
    """``action`` is ``FailJob``, ``FailIndex``, ``Ignore`` or ``Count``; one of the two requirements is set."""

    action: str
    on_exit_codes: PodFailurePolicyOnExitCodes | None = None
    on_pod_conditions: list[PodFailurePolicyOnPodConditionsPattern] = Field(default_factory=list)


class PodFailurePolicy(Model):
    rules: list[PodFailurePolicyRule] = Field(default_factory=list)


class SuccessPolicyRule(Model):
    succeeded_indexes: str | None = None
    succeeded_count: int | None = None


class SuccessPolicy(Model):
    rules: list[SuccessPolicyRule] = Field(default_factory=list)


class JobSpec(Model):
    """``completions`` of ``None``: the job is done when any of its pods has succeeded and all have ended.

    What is ``None`` here in the template of a CronJob gets its default when the job is created.
    """

    parallelism: int | None = None
    completions: int | None = None
    active_deadline_seconds: int | None = None
    pod_failure_policy: PodFailurePolicy | None = None
    success_policy: SuccessPolicy | None = None
    backoff_limit: int | None = None
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = Field(default_factory=PodTemplateSpec)
    ttl_seconds_after_finished: int | None = None
    completion_mode: str = "NonIndexed"
    suspend: bool = False
    pod_replacement_policy: str = ""
    managed_by: str | None = None

    @property
    def indexed(self) -> bool:
        return self.completion_mode == "Indexed"


class JobCondition(Condition):
    last_probe_time: Time | None = None


class UncountedTerminatedPods(Model):
    """Uids of pods that have ended and are not in the counters yet."""

    succeeded: list[str] = Field(default_factory=list)
    failed: list[str] = Field(default_factory=list)


class JobStatus(Model):
    conditions: list[JobCondition] = Field(default_factory=list)
    start_time: Time | None = None
    completion_time: Time | None = None
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    terminating: int | None = None
    completed_indexes: str = ""
    failed_indexes: str | None = None
    uncounted_terminated_pods: UncountedTerminatedPods | None = None
    ready: int | None = None


class Job(Object):
    API_VERSION: ClassVar[str] = "batch/v1"
    KIND: ClassVar[str] = "Job"

    spec: JobSpec = Field(default_factory=JobSpec)
    status: JobStatus = Field(default_factory=JobStatus)

    def true_condition(self, kind: str) -> JobCondition | None:
        """Return the condition of that type, when it is ``True``."""
        return next((entry for entry in self.status.conditions if entry.type == kind and entry.status == "True"), None)

    @property
    def finished_as(self) -> JobCondition | None:
        """The condition that says that the job has ended: ``Complete`` or ``Failed``."""
        return self.true_condition("Complete") or self.true_condition("Failed")

    @property
    def finished(self) -> bool:
        return self.finished_as is not None


class JobTemplateSpec(Model):
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    spec: JobSpec = Field(default_factory=JobSpec)


class CronJobSpec(Model):
    schedule: str = ""
    time_zone: str | None = None
    starting_deadline_seconds: int | None = None
    concurrency_policy: str = "Allow"
    suspend: bool = False
    job_template: JobTemplateSpec = Field(default_factory=JobTemplateSpec)
    successful_jobs_history_limit: int | None = 3
    failed_jobs_history_limit: int | None = 1


class CronJobStatus(Model):
    active: list[ObjectReference] = Field(default_factory=list)
    last_schedule_time: Time | None = None
    last_successful_time: Time | None = None


class CronJob(Object):
    API_VERSION: ClassVar[str] = "batch/v1"
    KIND: ClassVar[str] = "CronJob"

    spec: CronJobSpec = Field(default_factory=CronJobSpec)
    status: CronJobStatus = Field(default_factory=CronJobStatus)
