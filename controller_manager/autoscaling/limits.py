"""How far and how fast the number of replicas may change (``horizontal.go``, v1.36)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from apimachinery.types.autoscaling import HorizontalPodAutoscalerBehavior, HPAScalingPolicy, HPAScalingRules

SCALE_UP_LIMIT_FACTOR = 2
SCALE_UP_LIMIT_MINIMUM = 4
"""Without a behavior there are at most twice as many replicas at once, or this many."""

Moments = list[tuple[float, int]]
"""Numbers, and when they were noted, in seconds of a monotonic clock."""


@dataclass(slots=True)
class History:
    """What was recommended, and done, lately. Kept in memory, so that a restart begins anew."""

    recommendations: Moments = field(default_factory=list)
    added: Moments = field(default_factory=list)
    removed: Moments = field(default_factory=list)

    def recommend(self, replicas: int, now: float, window: float) -> None:
        """Note a recommendation, and forget those from before the ``window``."""
        self.recommendations = [entry for entry in self.recommendations if entry[0] >= now - window]
        self.recommendations.append((now, replicas))

    def scaled(self, before: int, after: int, behavior: HorizontalPodAutoscalerBehavior | None, now: float) -> None:
        """Note a change, which only rates of a ``behavior`` look at."""
        if behavior is None:
            return
        longest = max((policy.period_seconds for policy in _policies(behavior)), default=0)
        for moments in (self.added, self.removed):
            moments[:] = [entry for entry in moments if entry[0] > now - longest]
        (self.added if after > before else self.removed).append((now, abs(after - before)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many replicas there should be, and why that many: the reason and message of a condition.

    ``changed`` says whether they are not as many as were asked for.
    """

    replicas: int
    reason: str
    message: str
    changed: bool


def stabilized(
    desired: int,
    current: int,
    history: History,
    behavior: HorizontalPodAutoscalerBehavior | None,
    default_window: float,
    now: float,
) -> Verdict:
    """Return what the recommendations of the last time agree on; ``default_window`` is the seconds for fewer replicas.

    Notes ``desired`` in the history.
    """
    down = float(default_window)
    if behavior is None:
        earlier = [replicas for moment, replicas in history.recommendations if moment >= now - down]
        recommended = max([desired, *earlier])
        history.recommend(desired, now, down)
        return _stabilized(recommended, desired, up=False)
    up = float(behavior.scale_up.stabilization_window_seconds or 0)
    if behavior.scale_down.stabilization_window_seconds is not None:
        down = float(behavior.scale_down.stabilization_window_seconds)
    at_least = min([desired, *_since(history.recommendations, now - up)])
    at_most = max([desired, *_since(history.recommendations, now - down)])
    recommended = min(max(current, at_least), at_most)
    history.recommend(desired, now, max(up, down))
    return _stabilized(recommended, desired, up=desired >= current)


def _stabilized(recommended: int, desired: int, *, up: bool) -> Verdict:
    if recommended == desired:
        return Verdict(desired, "ReadyForNewScale", "recommended size matches current size", changed=False)
    if up:
        message = "recent recommendations were lower than current one, applying the lowest recent recommendation"
        return Verdict(recommended, "ScaleUpStabilized", message, changed=True)
    message = "recent recommendations were higher than current one, applying the highest recent recommendation"
    return Verdict(recommended, "ScaleDownStabilized", message, changed=True)


def limited(
    desired: int,
    current: int,
    bounds: tuple[int, int],
    history: History,
    behavior: HorizontalPodAutoscalerBehavior | None,
    now: float,
) -> Verdict:
    """Return the number within ``bounds`` (fewest, most) that may be gone to at once."""
    fewest, most = bounds
    if behavior is None:
        lowest, highest = 0, max(SCALE_UP_LIMIT_FACTOR * current, SCALE_UP_LIMIT_MINIMUM)
    else:
        lowest = _lowest(current, history, behavior.scale_down, now) if desired < current else 0
        highest = _highest(current, history, behavior.scale_up, now) if desired > current else most
    if desired > min(most, highest):
        if most > highest:
            message = "the desired replica count is increasing faster than the maximum scale rate"
            return Verdict(highest, "ScaleUpLimit", message, changed=True)
        message = "the desired replica count is more than the maximum replica count"
        return Verdict(most, "TooManyReplicas", message, changed=True)
    if desired < max(fewest, lowest):
        if fewest < lowest:
            message = "the desired replica count is decreasing faster than the maximum scale rate"
            return Verdict(lowest, "ScaleDownLimit", message, changed=True)
        message = "the desired replica count is less than the minimum replica count"
        return Verdict(fewest, "TooFewReplicas", message, changed=True)
    return Verdict(desired, "DesiredWithinRange", "the desired count is within the acceptable range", changed=False)


def _highest(current: int, history: History, rules: HPAScalingRules, now: float) -> int:
    """Return up to how many replicas the rules let there be at once; never less than there are."""
    if rules.select_policy == "Disabled":
        return current
    allowed = []
    for policy in rules.policies:
        at_start = _at_start(current, history, policy.period_seconds, now)
        # Rounded up, or a single replica would never become more.
        allowed.append(at_start + policy.value if policy.type == "Pods" else ceil(at_start * (1 + policy.value / 100)))
    return max(current, _chosen(allowed, rules.select_policy, most=max, least=min))


def _lowest(current: int, history: History, rules: HPAScalingRules, now: float) -> int:
    """Return down to how many replicas the rules let there be at once; never more than there are."""
    if rules.select_policy == "Disabled":
        return current
    allowed = []
    for policy in rules.policies:
        at_start = _at_start(current, history, policy.period_seconds, now)
        allowed.append(at_start - policy.value if policy.type == "Pods" else int(at_start * (1 - policy.value / 100)))
    return min(current, _chosen(allowed, rules.select_policy, most=min, least=max))


def _chosen(
    allowed: Sequence[int], select: str, *, most: Callable[[Sequence[int]], int], least: Callable[[Sequence[int]], int]
) -> int:
    return (least if select == "Min" else most)(allowed)


def _at_start(current: int, history: History, period: float, now: float) -> int:
    """Return how many replicas there were before what was done in the last ``period`` seconds."""
    return current - sum(_since(history.added, now - period)) + sum(_since(history.removed, now - period))


def _since(moments: Moments, cutoff: float) -> Iterable[int]:
    return [number for moment, number in moments if moment > cutoff]


def _policies(behavior: HorizontalPodAutoscalerBehavior) -> Iterable[HPAScalingPolicy]:
    return [*behavior.scale_up.policies, *behavior.scale_down.policies]
