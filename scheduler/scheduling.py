"""One decision: which node gets the pod.

Pure as far as the cluster goes: reads a node table, awaits nothing, and leaves everything as it was.
"""

import random
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from apimachinery.clock import Clock
from scheduler.decision import Decision, Durations, kept_rejections, kept_scores, packed
from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.faults import PluginFailed
from scheduler.framework.interface import PostFilterResult
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import FilterOutcome, PluginScore
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.framework.status import Code

NO_NODES = "no nodes available to schedule pods"


class Cycle(NamedTuple):
    """A decision, what the plugins know of it, and what PostFilter wants done when there is no node.

    ``pending_by`` are the rejecting plugins that wait for something outside.
    """

    decision: Decision
    state: CycleState
    post_filter: PostFilterResult | None = None
    pending_by: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Choice:
    row: int = -1
    ties: int = 0
    scores: list[PluginScore] | None = None


def schedule_one(
    framework: Framework, nodes: NodeTable, queued: QueuedPod, *, rng: random.Random, clock: Clock
) -> Cycle:
    """Filter the nodes, score those that are left, choose one of the best.

    Ties are broken by ``rng``. A single feasible node is not scored, nor is the node that the pod was promised when
    it fits, as upstream. When nothing fits, PostFilter is asked.
    """
    pod, state = queued.pod, CycleState()
    moment, watch = clock.now(), _Stopwatch(clock)
    outcome, choice, post_filter, error = FilterOutcome(), _Choice(), None, ""
    try:
        outcome = framework.pre_filter(state, pod, nodes)
        watch.lap("pre_filter")
        if outcome.status.success:
            framework.filter_with_nominated(state, pod, nodes, outcome)
            watch.lap("filter")
        choice = _choose_node(framework, state, pod, nodes, outcome, rng, watch)
        if choice.row < 0 and nodes.count:
            post_filter = framework.post_filter(state, pod, nodes, outcome)
            watch.lap("post_filter")
    except PluginFailed as fault:
        error = str(fault)
    found = choice.row >= 0 and not error
    decision = Decision(
        namespace=pod.namespace,
        pod=pod.name,
        uid=pod.uid,
        attempt=queued.attempts,
        moment=moment,
        nodes=nodes.names,
        feasible=packed(outcome.feasible_mask(nodes.count)),
        rejections=kept_rejections(outcome),
        rejected_by=frozenset() if found or error else _rejected_by(framework, outcome, nodes),
        scores=kept_scores(choice.scores or []),
        winner=nodes.names[choice.row] if found else "",
        ties=choice.ties,
        message="" if found else error or unschedulable_message(outcome, nodes.count, post_filter),
        error=bool(error),
        scheduler_name=pod.scheduler_name,
        preemption=post_filter.status.message if post_filter is not None else "",
        nominated=(post_filter.nominated_node_name or "") if post_filter is not None else "",
        durations=watch.durations(),
    )
    pending = decision.rejected_by if outcome.status.code is Code.PENDING else frozenset()
    return Cycle(decision, state, post_filter, pending)


class _Stopwatch:
    """How long the parts of a cycle take."""

    __slots__ = ("_clock", "_laps", "_last", "_started")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = self._last = clock.monotonic()
        self._laps: dict[str, float] = {}

    def lap(self, part: str) -> None:
        """End a part, named as in :class:`Durations`."""
        now = self._clock.monotonic()
        self._laps[part] = now - self._last
        self._last = now

    def durations(self) -> Durations:
        return Durations(**self._laps, total=self._clock.monotonic() - self._started)


def _choose_node(
    framework: Framework,
    state: CycleState,
    pod: PodInfo,
    nodes: NodeTable,
    outcome: FilterOutcome,
    rng: random.Random,
    watch: _Stopwatch,
) -> _Choice:
    """Return the chosen row, -1 when no node is left."""
    rows = _feasible_rows(outcome, nodes)
    found = rows.stop if isinstance(rows, slice) else len(rows)
    if not found:
        return _Choice()
    if found == 1:
        return _Choice(0 if isinstance(rows, slice) else int(rows[0]), 1)
    promised = nodes.row(pod.nominated_node_name) if pod.nominated_node_name else None
    if promised is not None and (outcome.feasible is None or outcome.feasible[promised]):
        return _Choice(promised, 1)
    framework.pre_score(state, pod, nodes, rows)
    watch.lap("pre_score")
    scores = framework.score(state, pod, nodes, rows)
    row, ties = _choose(scores, rows, found, rng)
    watch.lap("score")
    return _Choice(row, ties, scores)


def _feasible_rows(outcome: FilterOutcome, nodes: NodeTable) -> Rows:
    if not outcome.status.success:
        return slice(0, 0)
    if outcome.feasible is None:
        return slice(0, nodes.count)
    return np.flatnonzero(outcome.feasible)


def _rejected_by(framework: Framework, outcome: FilterOutcome, nodes: NodeTable) -> frozenset[str]:
    return outcome.rejected_by if nodes.count else framework.awaiting_nodes


def _choose(scores: list[PluginScore], rows: Rows, found: int, rng: random.Random) -> tuple[int, int]:
    """Return the row of a node with the highest weighted sum, and how many nodes have it."""
    total: IntArray = np.zeros(found, dtype=np.int64)
    for entry in scores:
        total += entry.normalized if entry.weight == 1 else entry.weight * entry.normalized
    best = np.flatnonzero(total == total.max())
    ties = len(best)
    position = int(best[0 if ties == 1 else rng.randrange(ties)])
    return (position if isinstance(rows, slice) else int(rows[position])), ties


def unschedulable_message(outcome: FilterOutcome, count: int, post_filter: PostFilterResult | None = None) -> str:
    """Return what the pod's condition and event say, in the words of upstream's ``FitError`` (v1.36).

    Such as ``0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.``, and what PostFilter
    found in a sentence of its own.
    """
    if count == 0:
        return NO_NODES
    message = f"0/{count} nodes are available:"
    if not outcome.status.success:
        message = f"{message} {outcome.status.message}."
    else:
        histogram: Counter[str] = Counter()
        for entry in outcome.rejections:
            histogram[entry.rejection.reason] += int(entry.rejection.nodes.sum())
        reasons = sorted(f"{number} {reason}" for reason, number in histogram.items())
        message = f"{message} {', '.join(reasons)}."
    if post_filter is not None and post_filter.status.message:
        message = f"{message} {post_filter.status.message}"
    return message


def node_rejected_message(reason: str) -> str:
    """Return what is said of a pod whose chosen node a plugin turned down after all, as upstream: of that node only."""
    return f"0/1 nodes are available: 1 {reason}."
