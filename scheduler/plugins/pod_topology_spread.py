"""PodTopologySpread: pods that belong together are spread evenly over zones, nodes, or any other topology.

Follows ``pkg/scheduler/framework/plugins/podtopologyspread`` (v1.36).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from apimachinery.labels import HOSTNAME, ZONE
from scheduler.config.args import SYSTEM_DEFAULTING, PodTopologySpreadArgs
from scheduler.framework.arrays import BoolArray, IntArray, Rows
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.default_selector import DefaultSelectors
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
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.spread import DO_NOT_SCHEDULE, SpreadConstraint, SpreadRule, spread_rule
from scheduler.framework.status import SKIP, SUCCESS, Code, Status
from scheduler.framework.topology import Domains
from scheduler.plugins.spread_nodes import domains_of, has_all_keys

REASON = "node(s) didn't match pod topology spread constraints"
REASON_LABEL = f"{REASON} (missing required label)"

SYSTEM_DEFAULTS = (SpreadRule(3, HOSTNAME), SpreadRule(5, ZONE))
"""What is preferred for pods without constraints of their own, unless the plugin's arguments say otherwise.

Then, and only then, a node without a zone is still spread over by host.
"""


@dataclass(slots=True)
class _Filtering:
    constraints: tuple[SpreadConstraint, ...]

    def clone(self) -> Self:
        return self


@dataclass(slots=True)
class _Scoring:
    """``parts`` are the constraints that tell nodes apart, with their domains and weights.

    A weight makes up for a topology with many domains; ``ignored`` marks the ``rows`` without a label.
    """

    parts: list[tuple[SpreadConstraint, Domains, float]]
    ignored: BoolArray | None

    def clone(self) -> Self:
        return self


_FILTERING: StateKey[_Filtering] = StateKey("PreFilterPodTopologySpread")
_SCORING: StateKey[_Scoring] = StateKey("PreScorePodTopologySpread")


class PodTopologySpread(PreFilterExtensions, FilterPlugin, PreScorePlugin, ScorePlugin, EnqueueExtensions):
    """Hard constraints reject nodes that would make a domain too full, soft ones prefer emptier domains."""

    name = "PodTopologySpread"

    def __init__(self, selectors: DefaultSelectors, args: PodTopologySpreadArgs) -> None:
        self._selectors = selectors
        self._system_defaulted = args.defaulting_type == SYSTEM_DEFAULTING
        given = args.default_constraints
        self._default_hard = tuple(spread_rule(entry) for entry in given if entry.when_unsatisfiable == DO_NOT_SCHEDULE)
        others = tuple(spread_rule(entry) for entry in given if entry.when_unsatisfiable != DO_NOT_SCHEDULE)
        self._default_soft = SYSTEM_DEFAULTS if self._system_defaulted else others

    def _hard(self, pod: PodInfo) -> tuple[SpreadConstraint, ...]:
        return pod.spread.hard if pod.spread is not None else self._defaults(pod, self._default_hard)

    def _soft(self, pod: PodInfo) -> tuple[SpreadConstraint, ...]:
        return pod.spread.soft if pod.spread is not None else self._defaults(pod, self._default_soft)

    def _defaults(self, pod: PodInfo, rules: tuple[SpreadRule, ...]) -> tuple[SpreadConstraint, ...]:
        selection = self._selectors.of(pod) if rules else None
        return () if selection is None else tuple(SpreadConstraint(rule, selection) for rule in rules)

    # Filter

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        constraints = self._hard(pod)
        if not constraints:
            return SKIP_FILTER
        state.write(_FILTERING, _Filtering(constraints))
        return ALL_NODES

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        """The counts are the node table's, which has the pod already."""

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        """The counts are the node table's, which has lost the pod already."""

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        known = state.read(_FILTERING)
        assert known is not None
        keys = tuple(constraint.rule.topology_key for constraint in known.constraints)
        found: list[Rejection] = []
        for constraint in known.constraints:
            domains = domains_of(constraint.rule, keys, pod, nodes)
            found.append(Rejection(REASON_LABEL, domains.numbers < 0, Code.UNSCHEDULABLE_AND_UNRESOLVABLE))
            full = _too_full(constraint, domains, pod, nodes)
            if full is not None:
                found.append(Rejection(REASON, full, Code.UNSCHEDULABLE))
        # A node is turned down for the first constraint that it does not meet.
        return first_reasons(found)

    # Score

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> Status:
        constraints = self._soft(pod)
        if not constraints:
            return SKIP
        demanding = pod.spread is not None or not self._system_defaulted
        keys = tuple(constraint.rule.topology_key for constraint in constraints) if demanding else ()
        ignored = ~has_all_keys(keys, nodes)[rows] if keys else None
        if ignored is not None and not ignored.any():
            ignored = None
        candidates = nodes.count if isinstance(rows, slice) else len(rows)
        if ignored is not None:
            candidates -= int(ignored.sum())
        parts = []
        for constraint in constraints:
            domains = domains_of(constraint.rule, keys, pod, nodes)
            if not domains.size:
                # No node has the label, such as a zone.
                continue
            by_host = constraint.rule.topology_key == HOSTNAME
            size = candidates if by_host else _domains_among(domains, rows, ignored)
            parts.append((constraint, domains, float(np.log(size + 2))))
        state.write(_SCORING, _Scoring(parts, ignored))
        return SUCCESS

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        known = state.read(_SCORING)
        assert known is not None
        total: npt.NDArray[np.float64] = np.zeros(nodes.count)
        for constraint, domains, weight in known.parts:
            total += _cost(constraint, weight, domains, nodes)
        total += 0.5
        return np.floor(total).astype(np.int64)

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        known = state.read(_SCORING)
        ignored = known.ignored if known is not None else None
        counted = scores if ignored is None else scores[~ignored]
        if not len(counted):
            return np.zeros(len(scores), dtype=np.int64)
        largest, smallest = int(counted.max()), int(counted.min())
        if largest == 0:
            normalized: IntArray = np.full(len(scores), MAX_NODE_SCORE, dtype=np.int64)
        else:
            normalized = MAX_NODE_SCORE * (largest + smallest - scores) // largest
        if ignored is not None:
            normalized[ignored] = 0
        return normalized

    # Events

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        pods = Action.ADD | Action.DELETE | Action.UPDATE_POD_LABEL
        nodes = Action.ADD | Action.DELETE | Action.UPDATE_NODE_LABEL | Action.UPDATE_NODE_TAINT
        waiting = Action.UPDATE_POD_LABEL | Action.UPDATE_POD_TOLERATION
        return [
            ClusterEventWithHint(EventResource.ASSIGNED_POD, pods, self._after_pod_change),
            ClusterEventWithHint(EventResource.NODE, nodes, self._after_node_change),
            ClusterEventWithHint(EventResource.WAITING_POD, waiting),
        ]

    def _after_pod_change(self, pod: PodInfo, old: PodInfo | None, new: PodInfo | None) -> QueueingHint:
        """A pod that is not counted before and after, or before and after alike, changes nothing."""
        constraints = self._hard(pod)
        counted = [
            [other is not None and not other.deleting and entry.pods.matches(other.labels, {}) for entry in constraints]
            for other in (old, new)
        ]
        changed = (old is None and new is None) or counted[0] != counted[1]
        return QueueingHint.QUEUE if changed else QueueingHint.SKIP

    def _after_node_change(self, pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
        """A node matters that has all topology labels, and, if it had them before too, has others now."""
        constraints = self._hard(pod)
        places = [None if node is None else _place(node, constraints) for node in (old, new)]
        if old is None and new is None:
            return QueueingHint.QUEUE
        return QueueingHint.SKIP if places[0] == places[1] else QueueingHint.QUEUE


def _place(node: NodeInfo, constraints: Sequence[SpreadConstraint]) -> tuple[object, ...] | None:
    """Return the domains that a node is in, with its taints where they matter; ``None`` when a label is missing."""
    values = [node.labels.get(entry.rule.topology_key) for entry in constraints]
    if None in values:
        return None
    tainted = any(entry.rule.honor_taints for entry in constraints)
    return (*values, node.taints if tainted else ())


def _too_full(constraint: SpreadConstraint, domains: Domains, pod: PodInfo, nodes: NodeTable) -> BoolArray | None:
    """Return which nodes are in a domain that would exceed the emptiest by more than the allowed skew with the pod."""
    counts = nodes.pods.sums(constraint.pods, domains)
    if counts is None:
        return None
    rule = constraint.rule
    itself = int(constraint.pods.matches(pod.labels, nodes.pods.namespaces))
    least = 0
    if domains.found and domains.found >= rule.min_domains:
        least = int(counts[:-1].min(where=domains.present, initial=np.iinfo(np.int64).max))
    full = counts + (itself - least) > rule.max_skew
    full[-1] = False
    nodes_full: BoolArray = full[domains.numbers]
    return nodes_full


def _domains_among(domains: Domains, rows: Rows, ignored: BoolArray | None) -> int:
    """Return in how many domains the rows are; those that lack the label are in one of their own."""
    numbers = domains.numbers[rows]
    seen = np.zeros(domains.size + 1, dtype=np.bool_)
    seen[numbers if ignored is None else numbers[~ignored]] = True
    return int(seen.sum())


def _cost(constraint: SpreadConstraint, weight: float, domains: Domains, nodes: NodeTable) -> npt.NDArray[np.float64]:
    """Return how much a constraint speaks against each node, nothing where the label is missing."""
    tolerance = float(constraint.rule.max_skew - 1)
    if constraint.rule.topology_key == HOSTNAME:
        # A node is its own domain here, whatever the label says, and whether or not it counts for the others.
        pods = nodes.pods.vector(constraint.pods, nodes.count)
        return np.where(domains.numbers >= 0, tolerance if pods is None else pods * weight + tolerance, 0.0)
    per_domain = np.full(domains.size + 1, tolerance)
    counts = nodes.pods.sums(constraint.pods, domains)
    if counts is not None:
        per_domain += counts * weight
    per_domain[-1] = 0.0
    cost: npt.NDArray[np.float64] = per_domain[domains.numbers]
    return cost


def new(args: PodTopologySpreadArgs | None, handle: Handle) -> PodTopologySpread:
    return PodTopologySpread(handle.shared(DefaultSelectors), args or PodTopologySpreadArgs())
