"""How a pod wants to be spread: ``topologySpreadConstraints``, parsed into one value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from apimachinery.types.pod import TopologySpreadConstraint
from scheduler.framework.pod_selection import (
    Labels,
    NamespacedSelector,
    PodSelection,
    SelectorKey,
    parsed_selector,
    pod_selection,
    selector_key,
)

DO_NOT_SCHEDULE = "DoNotSchedule"
HONOR = "Honor"

_CACHED = 4096


@dataclass(frozen=True, slots=True)
class SpreadRule:
    """A constraint but for which pods it is about.

    With ``honor_affinity`` only nodes that the pod's node selector and affinity allow count, with ``honor_taints``
    only those whose taints it tolerates. Fewer than ``min_domains`` domains count as if there were an empty one.
    """

    max_skew: int
    topology_key: str
    min_domains: int = 1
    honor_affinity: bool = True
    honor_taints: bool = False


@dataclass(frozen=True, slots=True)
class SpreadConstraint:
    rule: SpreadRule
    pods: PodSelection


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A pod's own constraints: ``hard`` ones say DoNotSchedule, ``soft`` ones ScheduleAnyway."""

    hard: tuple[SpreadConstraint, ...]
    soft: tuple[SpreadConstraint, ...]


_ConstraintKey = tuple[str, SpreadRule, SelectorKey | None, Labels]


def spread(namespace: str, labels: Mapping[str, str], constraints: Iterable[TopologySpreadConstraint]) -> Spread | None:
    """Return what a pod asks for, ``None`` when it has no constraints of its own."""
    keys = tuple(_constraint_key(labels, entry) for entry in constraints)
    return _spread(namespace, keys) if keys else None


def spread_rule(entry: TopologySpreadConstraint) -> SpreadRule:
    return SpreadRule(
        entry.max_skew,
        entry.topology_key,
        1 if entry.min_domains is None else entry.min_domains,
        entry.node_affinity_policy in {None, HONOR},
        entry.node_taints_policy == HONOR,
    )


def _constraint_key(labels: Mapping[str, str], entry: TopologySpreadConstraint) -> _ConstraintKey:
    selector = selector_key(entry.label_selector)
    more = _not_merged_yet(entry.match_label_keys, labels, selector)
    return entry.when_unsatisfiable, spread_rule(entry), selector, more


def _not_merged_yet(keys: Iterable[str], labels: Mapping[str, str], selector: SelectorKey | None) -> Labels:
    """Return the pod's labels of these keys, but for those that the API server has put into the selector."""
    merged = {key for key, operator, _ in selector[1] if operator == "In"} if selector is not None else set()
    return tuple((key, labels[key]) for key in keys if key in labels and key not in merged)


@lru_cache(maxsize=_CACHED)
def _spread(namespace: str, keys: tuple[_ConstraintKey, ...]) -> Spread:
    hard: list[SpreadConstraint] = []
    soft: list[SpreadConstraint] = []
    for action, rule, selector, more in keys:
        part = NamespacedSelector(frozenset({namespace}), None, parsed_selector(selector, more))
        constraint = SpreadConstraint(rule, pod_selection((part,), live=True))
        (hard if action == DO_NOT_SCHEDULE else soft).append(constraint)
    return Spread(tuple(hard), tuple(soft))
