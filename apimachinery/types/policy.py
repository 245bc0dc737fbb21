"""``policy/v1``: how many pods may be missing because somebody wants it so."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import LabelSelector, Model, Object, Time


class PodDisruptionBudgetSpec(Model):
    """One of the two numbers is set, to a count or a percentage. No selector selects nothing, an empty one all."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str | None = None


class BudgetCondition(Model):
    """``metav1.Condition``, of which every field but the generation is always on the wire."""

    type: str
    status: str
    reason: str
    message: str | None = None
    last_transition_time: Time | None = None
    observed_generation: int = 0


class PodDisruptionBudgetStatus(Model):
    """``disruptedPods`` are pods whose eviction was let through, with the time of it, until they are seen to go."""

    observed_generation: int = 0
    disrupted_pods: dict[str, Time] = Field(default_factory=dict)
    disruptions_allowed: int
    current_healthy: int
    desired_healthy: int
    expected_pods: int
    conditions: list[BudgetCondition] = Field(default_factory=list)


def _nothing_known() -> PodDisruptionBudgetStatus:
    return PodDisruptionBudgetStatus(disruptions_allowed=0, current_healthy=0, desired_healthy=0, expected_pods=0)


class PodDisruptionBudget(Object):
    API_VERSION: ClassVar[str] = "policy/v1"
    KIND: ClassVar[str] = "PodDisruptionBudget"

    spec: PodDisruptionBudgetSpec = Field(default_factory=PodDisruptionBudgetSpec)
    status: PodDisruptionBudgetStatus = Field(default_factory=_nothing_known)
