"""What a Job's own policies say of failed pods and succeeded indexes (``pod_failure_policy.go`` and
``success_policy.go`` of ``pkg/controller/job``, v1.36)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apimachinery.types.batch import (
    PodFailurePolicy,
    PodFailurePolicyOnExitCodes,
    PodFailurePolicyOnPodConditionsPattern,
    SuccessPolicy,
)
from apimachinery.types.pod import ContainerStatus, Pod, PodCondition
from controller_manager.jobs.indexes import Indexes


@dataclass(frozen=True, slots=True)
class Judgement:
    """``action`` of the first rule that matches, empty when none does; ``message`` says why the whole job fails."""

    action: str = ""
    message: str = ""

    @property
    def counts(self) -> bool:
        """Whether the failure counts towards the job's limits."""
        return self.action != "Ignore"


def judge(policy: PodFailurePolicy | None, pod: Pod) -> Judgement:
    """Return what ``policy`` says of a pod that failed."""
    for number, rule in enumerate(policy.rules if policy is not None else ()):
        name = f"{pod.metadata.namespace}/{pod.metadata.name}"
        said = f"matching {rule.action} rule at index {number}"
        if rule.on_exit_codes is not None:
            status = _failed_container(pod, rule.on_exit_codes)
            if status is None or status.state.terminated is None:
                continue
            code = status.state.terminated.exit_code
            message = f"Container {status.name} for pod {name} failed with exit code {code} {said}"
        else:
            condition = _matching_condition(pod, rule.on_pod_conditions)
            if condition is None:
                continue
            message = f"Pod {name} has condition {condition.type} {said}"
        return Judgement(rule.action, message if rule.action == "FailJob" else "")
    return Judgement()


def _failed_container(pod: Pod, requirement: PodFailurePolicyOnExitCodes) -> ContainerStatus | None:
    wanted = requirement.container_name
    for status in (*pod.status.container_statuses, *pod.status.init_container_statuses):
        ended = status.state.terminated
        if ended is None or not ended.exit_code or wanted not in {None, status.name}:
            continue
        if (ended.exit_code in requirement.values) is (requirement.operator == "In"):
            return status
    return None


def _matching_condition(pod: Pod, patterns: Sequence[PodFailurePolicyOnPodConditionsPattern]) -> PodCondition | None:
    wanted = {(pattern.type, pattern.status) for pattern in patterns}
    return next((entry for entry in pod.status.conditions if (entry.type, entry.status) in wanted), None)


def failing_message(policy: PodFailurePolicy | None, failed: Iterable[Pod]) -> str:
    """Return why one of the ``failed`` pods makes the whole job fail; empty when none does."""
    return next((message for pod in failed if (message := judge(policy, pod).message)), "") if policy else ""


def success_message(policy: SuccessPolicy | None, completions: int, succeeded: Indexes) -> str:
    """Return which rule says that enough indexes have succeeded; empty when none does."""
    if policy is None or not len(succeeded):
        return ""
    for number, rule in enumerate(policy.rules):
        counted, needed = len(succeeded), rule.succeeded_count
        if rule.succeeded_indexes is not None:
            wanted = Indexes.parse(rule.succeeded_indexes, completions)
            if not len(wanted):
                continue
            counted = wanted.common(succeeded)
            needed = len(wanted) if needed is None else min(needed, len(wanted))
        if needed is not None and counted >= needed:
            return f"Matched rules at index {number}"
    return ""
