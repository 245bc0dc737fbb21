"""Looks over the nodes for those where pods could go to let another one in."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from scheduler.config.args import DefaultPreemptionArgs
from scheduler.framework.arrays import BoolArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.framework.interface import PluginsRunner
from scheduler.framework.node_table import NodeTable
from scheduler.framework.nominator import Nominator
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PodInfo
from scheduler.preemption.candidate_cache import CandidateCache
from scheduler.preemption.reclaimable import Reclaimable
from scheduler.preemption.trials import ByCounting, BySimulation, Tenants, Trial
from scheduler.preemption.victims import Candidate

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"


@dataclass(slots=True)
class Found:
    """Some candidates, or, when there are none, why each node is none: how many by reason."""

    candidates: list[Candidate] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def message(self, count: int) -> str:
        """Return the reasons of ``count`` nodes, in the words of upstream's ``FitError`` (v1.36)."""
        parts = sorted(f"{number} {reason}" for reason, number in self.reasons.items())
        return f"0/{count} nodes are available: {', '.join(parts)}."


class Searcher:
    """Finds candidates. Keeps sums and results between searches, since pods of one template come in crowds."""

    def __init__(self, tenants: Tenants, nominator: Nominator, args: DefaultPreemptionArgs, rng: random.Random) -> None:
        self._tenants = tenants
        self._nominator = nominator
        self._args = args
        self._rng = rng
        self._reclaimable = Reclaimable(tenants.pods_on)
        self.cache = CandidateCache(tenants.budgets, nominator)

    def search(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, runner: PluginsRunner
    ) -> Found:
        """Try nodes, from a random one on, until there are enough candidates (``DryRunPreemption``, v1.36)."""
        found = Found()
        potential = ~outcome.feasible_mask(nodes.count) & ~outcome.unresolvable(nodes.count)
        total = int(potential.sum())
        _count(found, NOT_HELPFUL, nodes.count - total)
        if not total:
            return found
        counting, others = runner.looks_at_pods(state)
        demands = [demand for plugin in counting for demand in plugin.demands(state, pod, nodes)]
        left = self._screened(state, pod, nodes, potential, demands, runner, found)
        enough = self._enough(total)
        trial: Trial | None = None
        if demands:
            kind = (pod.priority, tuple((demand.key, demand.wants) for demand in demands))
            by_counting = ByCounting(pod, demands, nodes, self._tenants, self._nominator)
            trial = self.cache.remembering(by_counting, pod, kind, nodes)
        if trial is None or others:
            trial = BySimulation(state, pod, nodes, self._tenants, runner, trial)
            enough = min(enough, self._args.min_candidate_nodes_absolute)
        self._try_nodes(trial, left, enough, found)
        return found

    def _screened(
        self,
        state: CycleState,
        pod: PodInfo,
        nodes: NodeTable,
        potential: BoolArray,
        demands: Iterable[Demand],
        runner: PluginsRunner,
        found: Found,
    ) -> BoolArray:
        """Return the nodes that are worth trying: what can be told of all nodes at once is told here."""
        tenanted = self._reclaimable.pods(nodes, pod.priority) > 0
        _count(found, NO_VICTIMS, int((potential & ~tenanted).sum()))
        left: BoolArray = potential & tenanted
        if not left.any():
            return left
        fits = np.ones(nodes.count, dtype=np.bool_)
        for demand in demands:
            short = demand.spare + self._reclaimable.amounts(nodes, pod.priority, demand) < 0
            _count(found, demand.reason, int((short & left).sum()))
            fits &= ~short
        left &= fits
        if left.any():
            without_pods = runner.filter_without_pods(state, pod, nodes)
            for entry in without_pods.rejections:
                _count(found, entry.rejection.reason, int((entry.rejection.nodes & left).sum()))
            left &= without_pods.feasible_mask(nodes.count)
        return left

    def _try_nodes(self, trial: Trial, left: BoolArray, enough: int, found: Found) -> None:
        rows = np.flatnonzero(left)
        if not len(rows):
            return
        offset = self._rng.randrange(len(rows))
        unharmed = False
        for row in _rotated(rows.tolist(), offset):
            result = trial.try_node(row)
            if isinstance(result, Candidate):
                found.candidates.append(result)
                unharmed |= not result.violations
                if unharmed and len(found.candidates) >= enough:
                    return
            else:
                found.reasons.update(result)

    def _enough(self, potential: int) -> int:
        """Return how many candidates are enough to choose from."""
        share = potential * self._args.min_candidate_nodes_percentage // 100
        return min(max(share, self._args.min_candidate_nodes_absolute), potential)


def _rotated(rows: list[int], offset: int) -> Iterable[int]:
    yield from rows[offset:]
    yield from rows[:offset]


def _count(found: Found, reason: str, number: int) -> None:
    if number:
        found.reasons[reason] += number
