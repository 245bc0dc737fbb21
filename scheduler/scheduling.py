"""One decision: which node gets the pod.

Pure as far as the cluster goes: reads a node table, changes nothing, awaits nothing.
"""

import random
from collections import Counter

import numpy as np

from apimachinery.clock import Clock
from scheduler.decision import Decision, Durations, kept_rejections, kept_scores, packed
from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.node_table import NodeTable
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import FilterOutcome, Framework, PluginScore

NO_NODES = "no nodes available to schedule pods"


def schedule_one(
    framework: Framework, nodes: NodeTable, queued: QueuedPod, *, rng: random.Random, clock: Clock
) -> Decision:
    """Filter the nodes, score those that are left, choose one of the best.

    Ties are broken by ``rng``. A single feasible node is not scored, as upstream.
    """
    pod = queued.pod
    moment, started = clock.now(), clock.monotonic()
    outcome = framework.find_feasible(pod, nodes)
    filtered = clock.monotonic()
    rows = _feasible_rows(outcome, nodes)
    found = rows.stop if isinstance(rows, slice) else len(rows)
    scores: list[PluginScore] = []
    row, ties = -1, 0
    if found == 1:
        row, ties = (0 if isinstance(rows, slice) else int(rows[0])), 1
    elif found > 1:
        scores = framework.score(pod, nodes, rows)
        row, ties = _choose(scores, rows, found, rng)
    scored = clock.monotonic()
    return Decision(
        namespace=pod.namespace,
        pod=pod.name,
        uid=pod.uid,
        attempt=queued.attempts,
        moment=moment,
        nodes=nodes.names,
        feasible=_feasible_bits(outcome, nodes),
        rejections=kept_rejections(outcome),
        rejected_by=_rejected_by(framework, outcome, nodes) if not found else frozenset(),
        scores=kept_scores(scores),
        winner=nodes.names[row] if found else "",
        ties=ties,
        message="" if found else unschedulable_message(outcome, nodes.count),
        durations=Durations(filtered - started, scored - filtered, clock.monotonic() - started),
    )


def _feasible_rows(outcome: FilterOutcome, nodes: NodeTable) -> Rows:
    if not outcome.status.success:
        return slice(0, 0)
    if outcome.feasible is None:
        return slice(0, nodes.count)
    return np.flatnonzero(outcome.feasible)


def _rejected_by(framework: Framework, outcome: FilterOutcome, nodes: NodeTable) -> frozenset[str]:
    return outcome.rejected_by if nodes.count else framework.awaiting_nodes


def _feasible_bits(outcome: FilterOutcome, nodes: NodeTable) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    if outcome.feasible is not None:
        return packed(outcome.feasible)
    return packed(np.full(nodes.count, outcome.status.success, dtype=np.bool_))


def _choose(scores: list[PluginScore], rows: Rows, found: int, rng: random.Random) -> tuple[int, int]:
    """Return the row of a node with the highest weighted sum, and how many nodes have it."""
    total: IntArray = np.zeros(found, dtype=np.int64)
    for entry in scores:
        total += entry.normalized if entry.weight == 1 else entry.weight * entry.normalized
    best = np.flatnonzero(total == total.max())
    ties = len(best)
    position = int(best[0 if ties == 1 else rng.randrange(ties)])
    return (position if isinstance(rows, slice) else int(rows[position])), ties


def unschedulable_message(outcome: FilterOutcome, count: int) -> str:
    """Return what the pod's condition and event say, in the words of upstream's ``FitError`` (v1.36).

    Such as ``0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.`` Upstream's sentence
    on preemption is left out, as upstream does in a profile without a preemption plugin.
    """
    if count == 0:
        return NO_NODES
    message = f"0/{count} nodes are available:"
    if not outcome.status.success:
        return f"{message} {outcome.status.message}."
    histogram: Counter[str] = Counter()
    for entry in outcome.rejections:
        histogram[entry.rejection.reason] += int(entry.rejection.nodes.sum())
    reasons = sorted(f"{number} {reason}" for reason, number in histogram.items())
    return f"{message} {', '.join(reasons)}."
