"""How many replicas a metric asks for (``replica_calculator.go``, v1.36)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from controller_manager.autoscaling.pods import Groups
from controller_manager.autoscaling.samples import NoReplicaCount, Samples

Values = Mapping[str, int]
"""What each pod uses, in thousandths, by its name."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """By what share of its target a metric may be off, below and above, before anything is done about it."""

    down: float
    up: float

    def allow(self, ratio: float) -> bool:
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True, slots=True)
class Proposal:
    """``average`` is what pods use on average, in thousandths; ``percent`` that of what they ask for, where asked."""

    replicas: int
    average: int
    percent: int | None = None


def counted(samples: Samples, groups: Groups) -> Values:
    """Return what the pods use that count; raise :class:`NoReplicaCount` when none does."""
    left_out = groups.unready | groups.ignored
    values = {name: sample.value for name, sample in samples.items() if name not in left_out}
    if not values:
        raise NoReplicaCount("did not receive metrics for targeted pods (pods might be unready)")
    return values


def by_utilization(
    current: int, target: int, values: Values, requests: Values, groups: Groups, tolerances: Tolerances
) -> Proposal:
    """Return how many replicas use ``target`` percent of what they ask for, ``current`` of them using ``values``."""

    def percent(values: Values) -> int:
        known = [name for name in values if name in requests]
        asked = sum(requests[name] for name in known)
        if not asked:
            raise NoReplicaCount("no metrics returned matched known pods")
        return sum(values[name] for name in known) * 100 // asked

    # Those of which nothing is known are taken for busy, before there are fewer.
    busy = {name: requests[name] * max(100, target) // 100 for name in groups.missing}
    replicas = _replicas(current, values, busy, groups, lambda values: percent(values) / target, tolerances)
    known = [value for name, value in values.items() if name in requests]
    return Proposal(replicas, sum(known) // len(known), percent(values))


def by_value(current: int, target: int, values: Values, groups: Groups, tolerances: Tolerances) -> Proposal:
    """Return how many replicas use ``target`` thousandths each, ``current`` of them using ``values``."""

    def average(values: Values) -> int:
        return sum(values.values()) // len(values)

    busy = dict.fromkeys(groups.missing, target)
    replicas = _replicas(current, values, busy, groups, lambda values: average(values) / target, tolerances)
    return Proposal(replicas, average(values))


def _replicas(
    current: int,
    values: Values,
    busy: Values,
    groups: Groups,
    ratio_of: Callable[[Values], float],
    tolerances: Tolerances,
) -> int:
    """Return the number of replicas at which the ratio of usage and target would be one.

    Pods without a sample are taken for ``busy`` when there are to be fewer, and for idle when there are to be more, as
    are those that are not ready. If that turns the direction, nothing changes.
    """
    ratio = ratio_of(values)
    rebalance = bool(groups.unready) and ratio > 1.0
    if not rebalance and not groups.missing:
        return current if tolerances.allow(ratio) else ceil(ratio * groups.ready)
    assumed = dict(values)
    if ratio < 1.0:
        assumed.update(busy)
    elif ratio > 1.0:
        assumed.update(dict.fromkeys(groups.missing, 0))
    if rebalance:
        assumed.update(dict.fromkeys(groups.unready, 0))
    again = ratio_of(assumed)
    if tolerances.allow(again) or (ratio < 1.0 < again) or (again < 1.0 < ratio):
        return current
    replicas = ceil(again * len(assumed))
    turned = replicas > current if again < 1.0 else replicas < current
    return current if turned else replicas
