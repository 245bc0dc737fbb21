"""PreFilter and Filter: which nodes can take a pod, as they are and with what has been promised to others."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.framework.events import EventResource
from scheduler.framework.faults import PluginFailed
from scheduler.framework.interface import (
    CountingFilter,
    EnqueueExtensions,
    FilterPlugin,
    PreFilterExtensions,
    PreFilterPlugin,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.nominator import Nominator
from scheduler.framework.outcome import FilterOutcome, Rejection, take_out
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.points import PointTable
from scheduler.framework.status import Code, Status

Claims = dict[str, list[PodInfo]]
"""Pods by the node that they were promised."""


class FilterPoints:
    """A profile's PreFilter and Filter plugins. Follows ``pkg/scheduler/framework/runtime/framework.go`` (v1.36)."""

    def __init__(self, points: PointTable, nominator: Nominator) -> None:
        self._nominator = nominator
        self._pre_filter = [plugin for plugin in points.at("preFilter") if isinstance(plugin, PreFilterPlugin)]
        self._extended = [plugin for plugin in points.at("preFilter") if isinstance(plugin, PreFilterExtensions)]
        self._filter = [plugin for plugin in points.at("filter") if isinstance(plugin, FilterPlugin)]
        sensitive = [plugin for plugin in self._filter if _is_pod_sensitive(plugin)]
        self._pod_sensitive = frozenset(plugin.name for plugin in sensitive)
        self._counting = [plugin for plugin in sensitive if isinstance(plugin, CountingFilter)]
        self._looking = [plugin for plugin in sensitive if not isinstance(plugin, CountingFilter)]

    def find_feasible(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        """Run PreFilter and Filter, counting nominated pods."""
        outcome = self.pre_filter(state, pod, nodes)
        if outcome.status.success:
            self.filter_with_nominated(state, pod, nodes, outcome)
        return outcome

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        """Run PreFilter; what it leaves is for :meth:`filter_with_nominated`, unless it rejected the pod as a whole."""
        outcome = FilterOutcome()
        allowed: frozenset[str] | None = None
        limiting: list[str] = []
        for plugin in self._pre_filter:
            try:
                result = plugin.pre_filter(state, pod, nodes)
            except Exception as error:
                raise PluginFailed("PreFilter", plugin.name, error) from error
            status = result.status
            if status.code is Code.SKIP:
                state.skip_filter.add(plugin.name)
            elif status.rejected:
                outcome.status = status.by(plugin.name)
                outcome.status_plugins = frozenset((plugin.name,))
                if status.code is not Code.UNSCHEDULABLE:
                    return outcome
            elif not status.success:
                raise PluginFailed("PreFilter", plugin.name, status.message)
            elif result.node_names is not None:
                allowed = result.node_names if allowed is None else allowed & result.node_names
                limiting.append(plugin.name)
                if not allowed:
                    _nothing_left(outcome, limiting)
                    return outcome
        if allowed is not None and outcome.status.success:
            others = ~nodes.name_mask(allowed)
            if others.any():
                reason = f"node(s) didn't satisfy plugin(s) [{' '.join(sorted(limiting))}]"
                rejection = Rejection(reason, others, Code.UNSCHEDULABLE_AND_UNRESOLVABLE)
                take_out(outcome, tuple(limiting), [rejection])
        return outcome

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        """Run Filter on the nodes as they are."""
        outcome = FilterOutcome()
        self._run_filter(state, pod, nodes, outcome)
        return outcome

    def filter_with_nominated(self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome) -> None:
        """Run Filter on the nodes that are left, and take out those that do not fit.

        A node that pods of the same or a higher priority were promised must fit with them there, and without them
        too: the pod may need one of those that do not come in the end.
        """
        self._run_filter(state, pod, nodes, outcome)
        if len(self._nominator):
            self._keep_promises(state, pod, nodes, outcome)

    def _keep_promises(self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome) -> None:
        """Take out the nodes on which the pod would take the room of those that were promised it.

        Filters that can say what they count are asked that; for the others the pods are put on the nodes for a while.
        """
        claims = self._claims(pod, nodes, outcome)
        if not claims:
            return
        counting, others = self.looks_at_pods(state)
        placed = [(row, pods) for name, pods in claims.items() if (row := nodes.row(name)) is not None]
        for plugin in counting:
            try:
                demands = plugin.demands(state, pod, nodes)
            except Exception as error:
                raise PluginFailed("Filter", plugin.name, error) from error
            take_out(outcome, (plugin.name,), [found for entry in demands if (found := _crowded(entry, nodes, placed))])
        if others:
            for part in self._apart(state, self._claims(pod, nodes, outcome)):
                self._filter_claimed(state, pod, nodes, outcome, part)

    def _claims(self, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome) -> Claims:
        """Return the promises that matter: those of nodes where the pod fits without them."""
        left = outcome.feasible_mask(nodes.count)
        return {
            name: pods
            for name, pods in self._nominator.claims(pod).items()
            if (row := nodes.row(name)) is not None and left[row]
        }

    def _apart(self, state: CycleState, claims: Claims) -> list[Claims]:
        """Return the claims in the parts that can be tried at once: all, unless pods are seen across nodes."""
        if not claims:
            return []
        if not self.sees_other_nodes(state):
            return [claims]
        return [{name: pods} for name, pods in claims.items()]

    def _filter_claimed(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, claims: Claims
    ) -> None:
        left = outcome.feasible_mask(nodes.count)
        claimed = nodes.name_mask(claims) & left
        trial = FilterOutcome(feasible=claimed)
        simulated = state.clone()
        with self._present(simulated, pod, nodes, claims):
            self._run_filter(simulated, pod, nodes, trial)
        outcome.rejections += trial.rejections
        if trial.rejections:
            outcome.feasible = left & ~(claimed & ~trial.feasible_mask(nodes.count))

    @contextmanager
    def _present(self, state: CycleState, pod: PodInfo, nodes: NodeTable, claims: Claims) -> Iterator[None]:
        """Have pods on their nodes for as long as the block takes; ``state`` is a clone, and spoilt afterwards."""
        placed: list[tuple[str, PodInfo]] = []
        try:
            for name, pods in claims.items():
                row = nodes.row(name)
                assert row is not None
                for other in pods:
                    nodes.add_pod(name, other)
                    placed.append((name, other))
                    self.add_pod(state, pod, other, nodes, row)
            yield
        finally:
            for name, other in reversed(placed):
                nodes.remove_pod(name, other)

    def looks_at_pods(self, state: CycleState) -> tuple[list[CountingFilter], list[FilterPlugin]]:
        skipped = state.skip_filter
        return (
            [plugin for plugin in self._counting if plugin.name not in skipped],
            [plugin for plugin in self._looking if plugin.name not in skipped],
        )

    def filter_without_pods(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        outcome = FilterOutcome()
        self._run_filter(state, pod, nodes, outcome, state.skip_filter | self._pod_sensitive)
        return outcome

    def _run_filter(
        self,
        state: CycleState,
        pod: PodInfo,
        nodes: NodeTable,
        outcome: FilterOutcome,
        skipped: Collection[str] | None = None,
    ) -> None:
        """Run Filter of all plugins but those ``skipped``, by default the ones that PreFilter has skipped."""
        skipped = state.skip_filter if skipped is None else skipped
        for plugin in self._filter:
            if outcome.feasible is not None and not outcome.feasible.any():
                return
            if skipped and plugin.name in skipped:
                continue
            try:
                found = plugin.filter(state, pod, nodes)
            except Exception as error:
                raise PluginFailed("Filter", plugin.name, error) from error
            if found:
                take_out(outcome, (plugin.name,), found)

    # PreFilter extensions

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        for plugin in self._extended:
            if plugin.name not in state.skip_filter:
                try:
                    plugin.add_pod(state, pod, added, nodes, row)
                except Exception as error:
                    raise PluginFailed("AddPod on PreFilter", plugin.name, error) from error

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        for plugin in self._extended:
            if plugin.name not in state.skip_filter:
                try:
                    plugin.remove_pod(state, pod, removed, nodes, row)
                except Exception as error:
                    raise PluginFailed("RemovePod on PreFilter", plugin.name, error) from error

    def sees_other_nodes(self, state: CycleState) -> bool:
        return any(plugin.name not in state.skip_filter for plugin in self._extended)


def _crowded(demand: Demand, nodes: NodeTable, placed: Sequence[tuple[int, list[PodInfo]]]) -> Rejection | None:
    """Return the nodes, by row, that have too little of something once everybody is there who was promised them."""
    spare = demand.spare[[row for row, _ in placed]].tolist()
    takes = demand.takes
    rows = [
        row for (row, pods), left in zip(placed, spare, strict=True) if left < sum([takes(other) for other in pods])
    ]
    if not rows:
        return None
    marked = np.zeros(nodes.count, dtype=np.bool_)
    marked[rows] = True
    return Rejection(demand.reason, marked, Code.UNSCHEDULABLE)


def _is_pod_sensitive(plugin: FilterPlugin) -> bool:
    """Return whether pods that come and go can change a verdict: who wants to hear of it, or tells nothing, looks."""
    if not isinstance(plugin, EnqueueExtensions):
        return True
    return any(entry.resource is EventResource.ASSIGNED_POD for entry in plugin.events_to_register())


def _nothing_left(outcome: FilterOutcome, limiting: Sequence[str]) -> None:
    """Record that the nodes which the plugins allow have none in common."""
    outcome.status_plugins = frozenset(limiting)
    names = " ".join(sorted(limiting))
    text = f"plugin {names}" if len(limiting) == 1 else f"plugin(s) [{names}] simultaneously"
    outcome.status = Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, (f"node(s) didn't satisfy {text}",), limiting[-1])
