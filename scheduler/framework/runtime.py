"""Runs a profile's plugins, extension point by extension point."""

import logging

from scheduler.framework.arrays import Rows
from scheduler.framework.binding_points import BindingPoints
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.faults import PluginFailed
from scheduler.framework.filtering import FilterPoints
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import (
    EnqueueExtensions,
    Handle,
    Plugin,
    PostFilterPlugin,
    PostFilterResult,
    PreEnqueuePlugin,
    PreScorePlugin,
    Profile,
    QueueSortPlugin,
    Registry,
    ScorePlugin,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import FilterOutcome, PluginScore
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.points import PointTable, enabled_names
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.status import SUCCESS, Code, Status

logger = logging.getLogger(__name__)


class Framework(FilterPoints, BindingPoints):
    """The plugins of one profile, built by a registry's factories.

    Its base classes are the points around the filters, and those from Reserve on. Raises ``ValueError`` when the
    profile names a plugin that the registry lacks, or has not exactly one QueueSort or no Bind plugin. Methods raise
    :class:`PluginFailed` where a plugin fails.
    """

    def __init__(self, profile: Profile, registry: Registry, handle: Handle) -> None:
        plugins: dict[str, Plugin] = {}
        for name in enabled_names(profile):
            factory = registry.get(name)
            if factory is None:
                raise ValueError(f"profile {profile.scheduler_name!r} enables the unknown plugin {name!r}")
            plugins[name] = factory(profile.args.get(name), handle)
        points = PointTable(profile, plugins)
        FilterPoints.__init__(self, points, handle.nominator)
        BindingPoints.__init__(self, points, handle.waiting_pods)
        self.scheduler_name = profile.scheduler_name
        self._weights = points.weights
        self._pre_enqueue = [plugin for plugin in points.at("preEnqueue") if isinstance(plugin, PreEnqueuePlugin)]
        self._post_filter = [plugin for plugin in points.at("postFilter") if isinstance(plugin, PostFilterPlugin)]
        self._pre_score = [plugin for plugin in points.at("preScore") if isinstance(plugin, PreScorePlugin)]
        self._score = [plugin for plugin in points.at("score") if isinstance(plugin, ScorePlugin)]
        sorts = [plugin for plugin in points.at("queueSort") if isinstance(plugin, QueueSortPlugin)]
        if len(sorts) != 1:
            raise ValueError(f"profile {profile.scheduler_name!r} needs exactly one QueueSort plugin, not {len(sorts)}")
        if not self._bind:
            raise ValueError(f"profile {profile.scheduler_name!r} has no Bind plugin")
        self._sort = sorts[0]
        self.interests: dict[str, tuple[ClusterEventWithHint, ...]] = {
            plugin.name: tuple(plugin.events_to_register())
            for plugin in plugins.values()
            if isinstance(plugin, EnqueueExtensions)
        }

    @property
    def awaiting_nodes(self) -> frozenset[str]:
        """Return the plugins that want to hear of new nodes: while there are none, all of them reject every pod."""
        return frozenset(
            name
            for name, interests in self.interests.items()
            if any(entry.resource is EventResource.NODE and Action.ADD in entry.actions for entry in interests)
        )

    def pre_enqueue(self, pod: PodInfo) -> Status:
        """Return the first refusal, or success; a plugin that fails has refused."""
        for plugin in self._pre_enqueue:
            try:
                status = plugin.pre_enqueue(pod)
            except Exception as error:
                logger.exception("PreEnqueue plugin %s failed for pod %s", plugin.name, pod.key)
                return Status(Code.ERROR, (str(PluginFailed("PreEnqueue", plugin.name, error)),), plugin.name)
            if not status.success:
                return status.by(plugin.name)
        return SUCCESS

    def sort_key(self, queued: QueuedPod) -> tuple[float, ...]:
        return self._sort.sort_key(queued)

    def post_filter(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome
    ) -> PostFilterResult | None:
        """Run PostFilter until a plugin succeeds, or says that nothing helps; ``None`` when there is no such plugin."""
        result: PostFilterResult | None = None
        reasons: list[str] = []
        nominated: str | None = None
        for plugin in self._post_filter:
            try:
                result = plugin.post_filter(state, pod, nodes, outcome, self)
            except Exception as error:
                raise PluginFailed("PostFilter", plugin.name, error) from error
            if result.status.success or result.status.code is Code.UNSCHEDULABLE_AND_UNRESOLVABLE:
                return result
            if not result.status.rejected:
                raise PluginFailed("PostFilter", plugin.name, result.status.message)
            reasons += result.status.reasons
            nominated = nominated if result.nominated_node_name is None else result.nominated_node_name
        if result is None:
            return None
        return PostFilterResult(Status(Code.UNSCHEDULABLE, tuple(reasons)), nominated)

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> list[PluginScore]:
        """Run Score and normalise; plugins to which the nodes make no difference are left out."""
        scores = []
        for plugin in self._score:
            if plugin.name in state.skip_score:
                continue
            try:
                found = plugin.score(state, pod, nodes)
                if found is not None:
                    raw = found if isinstance(rows, slice) else found[rows]
                    normalized = plugin.normalize(state, pod, raw)
                    scores.append(PluginScore(plugin.name, self._weights[plugin.name], raw, normalized))
            except Exception as error:
                raise PluginFailed("Score", plugin.name, error) from error
        return scores

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> None:
        """Run PreScore on the nodes that passed, before :meth:`score`."""
        for plugin in self._pre_score:
            try:
                status = plugin.pre_score(state, pod, nodes, rows)
            except Exception as error:
                raise PluginFailed("PreScore", plugin.name, error) from error
            if status.code is Code.SKIP:
                state.skip_score.add(plugin.name)
            elif not status.success:
                raise PluginFailed("PreScore", plugin.name, status.message)
