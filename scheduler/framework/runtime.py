"""Runs a profile's plugins, extension point by extension point."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from scheduler.framework.arrays import BoolArray, IntArray, Rows
from scheduler.framework.events import Action, ClusterEvent, EventResource
from scheduler.framework.interface import (
    BindPlugin,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    Plugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    Profile,
    QueueSortPlugin,
    Registry,
    Rejection,
    ScorePlugin,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import SUCCESS, Code, Status


@dataclass(frozen=True, slots=True)
class PluginRejection:
    """The nodes that left the race for one reason; ``plugins`` names who gave it."""

    plugins: tuple[str, ...]
    rejection: Rejection


@dataclass(slots=True)
class FilterOutcome:
    """What PreFilter and Filter left over.

    ``feasible`` marks the nodes that passed everything, ``None`` stands for all of them. Each rejected node is in
    the rejections of one plugin only, the first that turned it down. ``status`` is no success when a plugin
    rejected the pod as a whole, and then nothing was filtered.
    """

    feasible: BoolArray | None = None
    rejections: list[PluginRejection] = field(default_factory=list)
    status: Status = SUCCESS

    @property
    def rejected_by(self) -> frozenset[str]:
        """Return the names of the plugins that rejected the pod or a node."""
        names = {name for entry in self.rejections for name in entry.plugins}
        return frozenset(names | {self.status.plugin} if self.status.plugin else names)


@dataclass(frozen=True, slots=True)
class PluginScore:
    """One plugin's opinion of the feasible nodes; ``total`` counts ``weight * normalized``."""

    plugin: str
    weight: int
    raw: IntArray
    normalized: IntArray


class Framework:
    """The plugins of one profile, built by a registry's factories.

    Raises ``ValueError`` when the profile names a plugin that the registry lacks, or has not exactly one QueueSort
    or no Bind plugin.
    """

    def __init__(self, profile: Profile, registry: Registry, handle: Handle) -> None:
        plugins: list[Plugin] = []
        self._weights: dict[str, int] = {}
        for enabled in profile.plugins:
            factory = registry.get(enabled.name)
            if factory is None:
                raise ValueError(f"profile {profile.scheduler_name!r} enables the unknown plugin {enabled.name!r}")
            plugins.append(factory(handle))
            self._weights[enabled.name] = enabled.weight
        self.scheduler_name = profile.scheduler_name
        self._pre_enqueue = [plugin for plugin in plugins if isinstance(plugin, PreEnqueuePlugin)]
        self._pre_filter = [plugin for plugin in plugins if isinstance(plugin, PreFilterPlugin)]
        self._filter = [plugin for plugin in plugins if isinstance(plugin, FilterPlugin)]
        self._score = [plugin for plugin in plugins if isinstance(plugin, ScorePlugin)]
        self._bind = [plugin for plugin in plugins if isinstance(plugin, BindPlugin)]
        sorts = [plugin for plugin in plugins if isinstance(plugin, QueueSortPlugin)]
        if len(sorts) != 1:
            raise ValueError(f"profile {profile.scheduler_name!r} needs exactly one QueueSort plugin, not {len(sorts)}")
        if not self._bind:
            raise ValueError(f"profile {profile.scheduler_name!r} has no Bind plugin")
        self._sort = sorts[0]
        self.interests: dict[str, tuple[ClusterEvent, ...]] = {
            plugin.name: tuple(plugin.events_to_register())
            for plugin in plugins
            if isinstance(plugin, EnqueueExtensions)
        }

    @property
    def awaiting_nodes(self) -> frozenset[str]:
        """Return the plugins that want to hear of new nodes: while there are none, all of them reject every pod."""
        added = ClusterEvent(EventResource.NODE, Action.ADD)
        return frozenset(name for name, events in self.interests.items() if any(added.matches(e) for e in events))

    def pre_enqueue(self, pod: PodInfo) -> Status:
        """Return the first refusal, or success."""
        for plugin in self._pre_enqueue:
            status = plugin.pre_enqueue(pod)
            if not status.success:
                return Status(status.code, status.reasons, plugin.name)
        return SUCCESS

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]:
        return self._sort.sort_key(queued)

    def find_feasible(self, pod: PodInfo, nodes: NodeTable) -> FilterOutcome:
        """Run PreFilter and Filter."""
        outcome = FilterOutcome()
        self._run_pre_filter(pod, nodes, outcome)
        if not outcome.status.success:
            return outcome
        for plugin in self._filter:
            if outcome.feasible is not None and not outcome.feasible.any():
                break
            found = plugin.filter(pod, nodes)
            if found:
                _take_out(outcome, (plugin.name,), found)
        return outcome

    def _run_pre_filter(self, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome) -> None:
        allowed: frozenset[str] | None = None
        limiting: list[str] = []
        for plugin in self._pre_filter:
            result = plugin.pre_filter(pod)
            if not result.status.success:
                outcome.status = Status(result.status.code, result.status.reasons, plugin.name)
                return
            if result.node_names is not None:
                allowed = result.node_names if allowed is None else allowed & result.node_names
                limiting.append(plugin.name)
        if allowed is not None:
            others = ~nodes.name_mask(allowed)
            if others.any():
                reason = f"node(s) didn't satisfy plugin(s) [{' '.join(sorted(limiting))}]"
                rejection = Rejection(reason, others, Code.UNSCHEDULABLE_AND_UNRESOLVABLE)
                _take_out(outcome, tuple(limiting), [rejection])

    def score(self, pod: PodInfo, nodes: NodeTable, rows: Rows) -> list[PluginScore]:
        """Run Score and normalise; plugins to which the nodes make no difference are left out."""
        scores = []
        for plugin in self._score:
            found = plugin.score(pod, nodes)
            if found is not None:
                raw = found if isinstance(rows, slice) else found[rows]
                scores.append(PluginScore(plugin.name, self._weights[plugin.name], raw, plugin.normalize(raw)))
        return scores

    async def bind(self, pod: PodInfo, node_name: str) -> Status:
        """Run the Bind plugins until one does not skip."""
        for plugin in self._bind:
            status = await plugin.bind(pod, node_name)
            if status.code is not Code.SKIP:
                return Status(status.code, status.reasons, plugin.name)
        return Status(Code.ERROR, ("all bind plugins skipped the pod",))


def _take_out(outcome: FilterOutcome, plugins: tuple[str, ...], found: Sequence[Rejection]) -> None:
    """Record a plugin's rejections of the nodes that are still in the race, and take those out."""
    before = outcome.feasible
    remaining: BoolArray | None = None
    for rejection in found:
        nodes = rejection.nodes if before is None else rejection.nodes & before
        if not nodes.any():
            continue
        entry = rejection if before is None else Rejection(rejection.reason, nodes, rejection.code)
        outcome.rejections.append(PluginRejection(plugins, entry))
        if remaining is None:
            remaining = ~nodes if before is None else before & ~nodes
        else:
            np.logical_and(remaining, ~nodes, out=remaining)
    if remaining is not None:
        outcome.feasible = remaining
