"""A PodDisruptionBudget's status, worked out from its pods (``pkg/controller/disruption/disruption.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apimachinery.shares import scaled
from apimachinery.types.pod import DISRUPTION_TARGET, Pod
from apimachinery.types.policy import BudgetCondition, PodDisruptionBudget, PodDisruptionBudgetStatus

DELETION_TIMEOUT_SECONDS = 120.0
"""How long a pod whose eviction was let through may take to be deleted, before it counts as healthy again."""

STALE_CONDITION_SECONDS = 120.0
"""After how long a pod that was to be disrupted, and was not deleted, is told that it will not be."""

DISRUPTION_ALLOWED = "DisruptionAllowed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status; ``overdue`` are pods that should be gone, and in ``recheck_seconds`` time alone changes something."""

    status: PodDisruptionBudgetStatus
    overdue: Sequence[Pod] = field(default_factory=list)
    recheck_seconds: float | None = None


def depends_on_scale(budget: PodDisruptionBudget) -> bool:
    """Return whether it matters how many pods there *should* be, and not only how many there are."""
    spec = budget.spec
    return spec.max_unavailable is not None or isinstance(spec.min_available, str)


def calculate(budget: PodDisruptionBudget, pods: Sequence[Pod], scale: int, now: datetime) -> Outcome:
    """Return what the budget's ``pods`` allow; ``scale`` is how many there should be, where that matters."""
    spec = budget.spec
    expected = scale if depends_on_scale(budget) else len(pods)
    if spec.max_unavailable is not None:
        desired = max(0, expected - scaled(spec.max_unavailable, expected, round_up=True))
    else:
        desired = scaled(spec.min_available or 0, expected, round_up=True)
    disrupted, overdue, recheck = _disrupted(budget, pods, now)
    healthy = sum(pod.ready and not pod.deleting and pod.metadata.name not in disrupted for pod in pods)
    # With no pods yet the first ones must not be evicted before they have been counted.
    allowed = max(0, healthy - desired) if expected > 0 else 0
    generation = budget.metadata.generation
    status, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
    return Outcome(
        PodDisruptionBudgetStatus(
            observed_generation=generation,
            disrupted_pods=disrupted,
            disruptions_allowed=allowed,
            current_healthy=healthy,
            desired_healthy=desired,
            expected_pods=expected,
            conditions=_with_condition(budget, status, reason, "", generation, now),
        ),
        overdue,
        recheck,
    )


def failed(budget: PodDisruptionBudget, error: Exception, now: datetime) -> PodDisruptionBudgetStatus:
    """Return the status of a budget that could not be worked out: nothing may be evicted on the old numbers."""
    generation = budget.status.observed_generation
    conditions = _with_condition(budget, "False", "SyncFailed", str(error), generation, now)
    return budget.status.model_copy(update={"disruptions_allowed": 0, "conditions": conditions})


def _disrupted(
    budget: PodDisruptionBudget, pods: Iterable[Pod], now: datetime
) -> tuple[dict[str, datetime], list[Pod], float | None]:
    """Return which pods are still on their way out, which have not gone in time, and when to look again."""
    disrupted: dict[str, datetime] = {}
    overdue: list[Pod] = []
    waits: list[float] = []
    for pod in pods:
        since = budget.status.disrupted_pods.get(pod.metadata.name)
        if since is None or pod.deleting:
            continue
        left = (since + timedelta(seconds=DELETION_TIMEOUT_SECONDS) - now).total_seconds()
        if left <= 0:
            overdue.append(pod)
        else:
            disrupted[pod.metadata.name] = since
            waits.append(left)
    return disrupted, overdue, min(waits, default=None)


def _with_condition(
    budget: PodDisruptionBudget, status: str, reason: str, message: str, generation: int, now: datetime
) -> list[BudgetCondition]:
    conditions = budget.status.conditions
    old = next((entry for entry in conditions if entry.type == DISRUPTION_ALLOWED), None)
    since = old.last_transition_time if old is not None and old.status == status else now
    new = BudgetCondition(
        type=DISRUPTION_ALLOWED,
        status=status,
        reason=reason,
        message=message,
        last_transition_time=since,
        observed_generation=generation,
    )
    if old is None:
        return [*conditions, new]
    return [new if entry is old else entry for entry in conditions]


def seconds_until_stale(pod: Pod, now: datetime) -> float | None:
    """Return when a pod's condition that it is to be disrupted is given up; ``None`` when that is not to happen."""
    condition = pod.condition(DISRUPTION_TARGET)
    if condition is None or condition.status != "True" or condition.reason == "TerminationByKubelet":
        return None
    if pod.deleting or pod.finished or condition.last_transition_time is None:
        return None
    return max(0.0, STALE_CONDITION_SECONDS - (now - condition.last_transition_time).total_seconds())
