"""What would have to go from one node to make room for a pod: the smallest set of its less important pods.

All of them are taken away; where the pod would fit then, they are given back one by one as long as it still does,
protected ones first, and more important ones before others. Those that cannot be given back are the victims
(``SelectVictimsOnNode``, v1.36).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kubeclient.informer import Cache
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.framework.interface import PluginsRunner
from scheduler.framework.node_table import NodeTable
from scheduler.framework.nominator import Nominator
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.shown_pod import ShownPod
from scheduler.preemption.budgets import Budgets
from scheduler.preemption.reclaimable import PodsOn
from scheduler.preemption.victims import Candidate, Victim, by_importance

Reasons = tuple[str, ...]
"""Why a node is none even without its less important pods, as filters put it."""


def entitled(nominator: Nominator, node_name: str, pod: PodInfo) -> list[PodInfo]:
    """Return the other pods whose promise of the node ``pod`` must honour."""
    promised = nominator.pods_on(node_name)
    return [other for other in promised.values() if other.priority >= pod.priority and other.uid != pod.uid]


class Trial(Protocol):
    """How one node is tried."""

    def try_node(self, row: int) -> Candidate | Reasons: ...


@dataclass(frozen=True, slots=True)
class Tenants:
    """Which pods could go from a node, and what is known of them."""

    pods_on: PodsOn
    shown: Cache[ShownPod]
    budgets: Budgets

    def less_important(self, node_name: str, priority: int) -> list[Victim]:
        """Return those of a lower priority, most important first."""
        return by_importance(self._victim(pod) for pod in self.pods_on(node_name) if pod.priority < priority)

    def _victim(self, pod: PodInfo) -> Victim:
        shown = self.shown.get(pod.key)
        started = shown.start_time if shown is not None else None
        return Victim(pod, started.timestamp() if started is not None else math.inf)

    def reprieve(
        self, node_name: str, tenants: Sequence[Victim], keeps: Callable[[Victim], bool]
    ) -> "Candidate | Reasons":
        """Return what is left to go when everybody stays whom ``keeps`` can give back."""
        violating, others = self.budgets.split(tenants)
        protected = [victim for victim in violating if not keeps(victim)]
        gone = protected + [victim for victim in others if not keeps(victim)]
        if not gone:
            return (f'expected at least one victim pod on node "{node_name}"',)
        return Candidate(node_name, tuple(by_importance(gone)), len(protected))


class ByCounting:
    """Tries a node by arithmetic, for pods to which nothing else matters of the pods that a node has."""

    def __init__(
        self, pod: PodInfo, demands: Sequence[Demand], nodes: NodeTable, tenants: Tenants, nominator: Nominator
    ) -> None:
        self._pod = pod
        self._demands = demands
        self._nodes = nodes
        self._tenants = tenants
        self._nominator = nominator

    def try_node(self, row: int) -> Candidate | Reasons:
        name = self._nodes.names[row]
        tenants = self._tenants.less_important(name, self._pod.priority)
        taken = {victim.pod.uid: self._taken(victim.pod) for victim in tenants}
        # What is left when the pod has its place, promises to others are kept, and everybody less important is gone.
        spare = [int(demand.spare[row]) for demand in self._demands]
        promised = [self._taken(other) for other in entitled(self._nominator, name, self._pod)]
        left = [
            amount + sum(entry[n] for entry in taken.values()) - sum(entry[n] for entry in promised)
            for n, amount in enumerate(spare)
        ]
        if min(left) < 0:
            return tuple(demand.reason for amount, demand in zip(left, self._demands, strict=True) if amount < 0)

        def keeps(victim: Victim) -> bool:
            nonlocal left
            with_it = [amount - more for amount, more in zip(left, taken[victim.pod.uid], strict=True)]
            if min(with_it) < 0:
                return False
            left = with_it
            return True

        return self._tenants.reprieve(name, tenants, keeps)

    def _taken(self, other: PodInfo) -> list[int]:
        return [demand.takes(other) for demand in self._demands]


class BySimulation:
    """Tries a node by running the filters with pods taken off it, on a clone of the cycle's state.

    That costs a good part of a cycle each time. So what arithmetic proposes (``proposer``) is tried first: pods whose
    going makes room most often are all that has to go.
    """

    def __init__(
        self,
        state: CycleState,
        pod: PodInfo,
        nodes: NodeTable,
        tenants: Tenants,
        runner: PluginsRunner,
        proposer: Trial | None,
    ) -> None:
        self._state = state
        self._pod = pod
        self._nodes = nodes
        self._tenants = tenants
        self._runner = runner
        self._proposer = proposer

    def try_node(self, row: int) -> Candidate | Reasons:
        if self._proposer is not None:
            proposed = self._proposer.try_node(row)
            if isinstance(proposed, Candidate):
                with self._without(row, proposed.victims) as room:
                    if not room.reasons():
                        return proposed
        name = self._nodes.names[row]
        tenants = self._tenants.less_important(name, self._pod.priority)
        with self._without(row, tenants) as room:
            if reasons := room.reasons():
                return reasons
            return self._tenants.reprieve(name, tenants, room.keeps)

    @contextmanager
    def _without(self, row: int, tenants: Sequence[Victim]) -> Iterator["_SimulatedNode"]:
        room = _SimulatedNode(self._state.clone(), self._pod, self._nodes, row, self._runner)
        try:
            for victim in tenants:
                room.remove(victim.pod)
            yield room
        finally:
            room.restore()


class _SimulatedNode:
    """A node of the table with some of its pods taken off; :meth:`restore` puts it as it was."""

    def __init__(self, state: CycleState, pod: PodInfo, nodes: NodeTable, row: int, runner: PluginsRunner) -> None:
        self._state = state
        self._pod = pod
        self._nodes = nodes
        self._row = row
        self._name = nodes.names[row]
        self._runner = runner
        self._removed: dict[str, PodInfo] = {}

    def remove(self, other: PodInfo) -> None:
        self._nodes.remove_pod(self._name, other)
        self._removed[other.uid] = other
        self._runner.remove_pod(self._state, self._pod, other, self._nodes, self._row)

    def add(self, other: PodInfo) -> None:
        self._nodes.add_pod(self._name, other)
        del self._removed[other.uid]
        self._runner.add_pod(self._state, self._pod, other, self._nodes, self._row)

    def keeps(self, victim: Victim) -> bool:
        """Give a pod back; if there is no room for it any longer take it away again."""
        self.add(victim.pod)
        if not self.reasons():
            return True
        self.remove(victim.pod)
        return False

    def reasons(self) -> Reasons:
        """Return why the pod does not fit on the node as it is; nothing when it does."""
        only = np.zeros(self._nodes.count, dtype=np.bool_)
        only[self._row] = True
        outcome = FilterOutcome(feasible=only)
        self._runner.filter_with_nominated(self._state, self._pod, self._nodes, outcome)
        return tuple(entry.rejection.reason for entry in outcome.rejections)

    def restore(self) -> None:
        for other in self._removed.values():
            self._nodes.add_pod(self._name, other)
        self._removed.clear()
