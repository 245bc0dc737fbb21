"""InterPodAffinity: pods that want to be near other pods, or far from them.

Follows ``pkg/scheduler/framework/plugins/interpodaffinity`` (v1.36).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from kubeclient.resources import NAMESPACES
from scheduler.config.args import InterPodAffinityArgs
from scheduler.framework.affinity_owners import Role
from scheduler.framework.arrays import BoolArray, IntArray, Rows
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import (
    ALL_NODES,
    MAX_NODE_SCORE,
    SKIP_FILTER,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    PreFilterExtensions,
    PreFilterResult,
    PreScorePlugin,
    ScorePlugin,
)
from scheduler.framework.node_info import NodeInfo
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import Rejection, first_reasons
from scheduler.framework.pod_affinity import AffinityTerm, PodAffinityRules
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SKIP, SUCCESS, Code, Status
from scheduler.framework.topology import Domains

REASON_AFFINITY = "node(s) didn't match pod affinity rules"
REASON_ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules"
REASON_EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"


@dataclass(slots=True)
class _Scoring:
    """The pod's own wishes and those of pods on nodes, each with what it counts."""

    rules: PodAffinityRules | None
    existing: list[tuple[Role, AffinityTerm, int]]

    def clone(self) -> Self:
        return self


_SCORING: StateKey[_Scoring] = StateKey("PreScoreInterPodAffinity")


class InterPodAffinity(PreFilterExtensions, FilterPlugin, PreScorePlugin, ScorePlugin, EnqueueExtensions):
    """Required terms reject nodes, also those of pods that are there already; preferred ones score."""

    name = "InterPodAffinity"

    def __init__(self, args: InterPodAffinityArgs) -> None:
        self._args = args

    # Filter

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        asks = pod.affinity is not None and pod.affinity.requires
        return ALL_NODES if asks or nodes.owners.about(Role.REQUIRED_ANTI, pod.labels, nodes.pods) else SKIP_FILTER

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        """Filter counts what the node table counts, which has the pod already."""

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        """Filter counts what the node table counts, which has lost the pod already."""

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        found: list[Rejection] = []
        rules = pod.affinity
        if rules is not None and rules.requires:
            far = _too_far(rules, pod, nodes)
            if far is not None:
                found.append(Rejection(REASON_AFFINITY, far, Code.UNSCHEDULABLE_AND_UNRESOLVABLE))
            near = _any_near(
                ((term, nodes.pods.sums(term.pods, _domains(term, nodes))) for term in rules.required_anti), nodes
            )
            if near is not None:
                found.append(Rejection(REASON_ANTI_AFFINITY, near, Code.UNSCHEDULABLE))
        existing = nodes.owners.about(Role.REQUIRED_ANTI, pod.labels, nodes.pods)
        owners = [(term, nodes.owners.sums(Role.REQUIRED_ANTI, term, _domains(term, nodes))) for term in existing]
        unwanted = _any_near(owners, nodes)
        if unwanted is not None:
            found.append(Rejection(REASON_EXISTING, unwanted, Code.UNSCHEDULABLE))
        return first_reasons(found)

    # Score

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> Status:
        rules = pod.affinity if pod.affinity is not None and pod.affinity.prefers else None
        if rules is None and self._args.ignore_preferred_terms_of_existing_pods:
            return SKIP
        factors = {Role.REQUIRED: self._args.hard_pod_affinity_weight, Role.PREFERRED: 1, Role.PREFERRED_ANTI: -1}
        existing = [
            (role, term, factor)
            for role, factor in factors.items()
            if factor
            for term in nodes.owners.about(role, pod.labels, nodes.pods)
        ]
        if rules is None and not existing:
            return SKIP
        state.write(_SCORING, _Scoring(rules, existing))
        return SUCCESS

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        known = state.read(_SCORING)
        assert known is not None
        parts: list[tuple[AffinityTerm, IntArray | None, int]] = []
        if known.rules is not None:
            for sign, wishes in ((1, known.rules.preferred), (-1, known.rules.preferred_anti)):
                for wish in wishes:
                    sums = nodes.pods.sums(wish.term.pods, _domains(wish.term, nodes))
                    parts.append((wish.term, sums, sign * wish.weight))
        for role, term, factor in known.existing:
            parts.append((term, nodes.owners.sums(role, term, _domains(term, nodes)), factor))
        total: IntArray | None = None
        for term, sums, factor in parts:
            if sums is not None:
                part: IntArray = (sums * factor)[_domains(term, nodes).numbers]
                total = part if total is None else total + part
        return total

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        if not len(scores):
            return scores
        smallest = int(scores.min())
        span = int(scores.max()) - smallest
        if not span:
            return np.zeros(len(scores), dtype=np.int64)
        # In this order of operations, since the product is cut off to a whole number.
        return (MAX_NODE_SCORE * ((scores - smallest) / span)).astype(np.int64)

    # Events

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        pods = Action.ADD | Action.DELETE | Action.UPDATE_POD_LABEL
        nodes = Action.ADD | Action.UPDATE_NODE_LABEL
        return [
            ClusterEventWithHint(EventResource.ASSIGNED_POD, pods, self._after_pod_change),
            ClusterEventWithHint(EventResource.NODE, nodes, self._after_node_change),
            ClusterEventWithHint(EventResource.WAITING_POD, Action.UPDATE_POD_LABEL),
            ClusterEventWithHint(EventResource.NAMESPACE, Action.ADD | Action.UPDATE),
        ]

    def _after_pod_change(self, pod: PodInfo, old: PodInfo | None, new: PodInfo | None) -> QueueingHint:
        """Wake for a pod that is wanted near and was not there before, and for one that kept this one away."""
        if old is None and new is None:
            return QueueingHint.QUEUE
        wanted = [other is not None and _wanted(pod, other) for other in (old, new)]
        kept_away = [other is not None and _keeps_away(pod, other) for other in (old, new)]
        came, made_room = wanted[1] and not wanted[0], kept_away[0] and not kept_away[1]
        # When the last of those that a pod wants to be near is gone, it may be the first of their kind.
        went = wanted[0] and not wanted[1] and _wanted(pod, pod)
        return QueueingHint.QUEUE if came or made_room or went else QueueingHint.SKIP

    def _after_node_change(self, pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
        """A node matters that has the labels of all required terms, and, if it was there before, has others now."""
        rules = pod.affinity
        if new is None or rules is None or not rules.requires:
            return QueueingHint.QUEUE
        if any(term.topology_key not in new.labels for term in rules.required):
            return QueueingHint.SKIP
        keys = {term.topology_key for term in (*rules.required, *rules.required_anti)}
        same = old is not None and all(old.labels.get(key) == new.labels.get(key) for key in keys)
        return QueueingHint.SKIP if same else QueueingHint.QUEUE


def _wanted(pod: PodInfo, other: PodInfo) -> bool:
    rules = pod.affinity
    return rules is not None and rules.required_pods is not None and rules.required_pods.may_match(other.labels)


def _keeps_away(pod: PodInfo, other: PodInfo) -> bool:
    own = pod.affinity.required_anti if pod.affinity is not None else ()
    others = other.affinity.required_anti if other.affinity is not None else ()
    return any(term.pods.may_match(other.labels) for term in own) or any(
        term.pods.may_match(pod.labels) for term in others
    )


def _domains(term: AffinityTerm, nodes: NodeTable) -> Domains:
    return nodes.topology.domains(term.topology_key, nodes.count)


def _too_far(rules: PodAffinityRules, pod: PodInfo, nodes: NodeTable) -> BoolArray | None:
    """Return the nodes that are not, by every required term, near a pod that matches all of them."""
    if rules.required_pods is None:
        return None
    near: BoolArray | None = None
    labelled: BoolArray | None = None
    anywhere = False
    for term in rules.required:
        domains = _domains(term, nodes)
        has_label: BoolArray = domains.numbers >= 0
        labelled = has_label if labelled is None else labelled & has_label
        sums = nodes.pods.sums(rules.required_pods, domains)
        populated = np.zeros(domains.size + 1, dtype=np.bool_) if sums is None else sums > 0
        anywhere = anywhere or bool(populated.any())
        close: BoolArray = populated[domains.numbers]
        near = close if near is None else near & close
    assert near is not None
    assert labelled is not None
    if not anywhere and rules.required_pods.matches(pod.labels, nodes.pods.namespaces):
        # The first pod of a group that wants to be together must start somewhere.
        return ~labelled
    return ~near


def _any_near(terms: Iterable[tuple[AffinityTerm, IntArray | None]], nodes: NodeTable) -> BoolArray | None:
    """Return the nodes in a domain where some term's sum is not zero, ``None`` when there is no such term."""
    near: BoolArray | None = None
    for term, sums in terms:
        if sums is not None:
            close: BoolArray = (sums > 0)[_domains(term, nodes).numbers]
            near = close if near is None else near | close
    return near


def new(args: InterPodAffinityArgs | None, handle: Handle) -> InterPodAffinity:
    # Terms may select namespaces by their labels, which the node table is told of.
    handle.informers.of(NAMESPACES)
    return InterPodAffinity(args or InterPodAffinityArgs())
