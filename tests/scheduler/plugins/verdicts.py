"""Shortcuts for looking at one plugin's answers."""

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import FilterPlugin, PreFilterPlugin, PreScorePlugin, ScorePlugin
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import Code
from tests.scheduler.builders import PodBuilder

HARD, SOFT = Code.UNSCHEDULABLE_AND_UNRESOLVABLE, Code.UNSCHEDULABLE


def rejected(plugin: FilterPlugin, pod: PodBuilder, nodes: NodeTable) -> dict[str, list[tuple[str, Code]]]:
    """The nodes that a filter turns down, each with its reasons and their codes."""
    found: dict[str, list[tuple[str, Code]]] = {}
    state, info = CycleState(), pod.info()
    if isinstance(plugin, PreFilterPlugin) and plugin.pre_filter(state, info, nodes).status.code is Code.SKIP:
        return found
    for rejection in plugin.filter(state, info, nodes):
        for name, marked in zip(nodes.names, rejection.nodes, strict=True):
            if marked:
                found.setdefault(name, []).append((rejection.reason, rejection.code))
    return found


def fits(plugin: FilterPlugin, pod: PodBuilder, nodes: NodeTable) -> list[str]:
    """The nodes that a filter lets pass."""
    turned_down = rejected(plugin, pod, nodes)
    return [name for name in nodes.names if name not in turned_down]


def scores(plugin: ScorePlugin, pod: PodBuilder, nodes: NodeTable) -> dict[str, int] | None:
    """Every node's normalised score, ``None`` when the plugin does not score the pod."""
    state, info, rows = CycleState(), pod.info(), slice(0, nodes.count)
    if isinstance(plugin, PreScorePlugin) and plugin.pre_score(state, info, nodes, rows).code is Code.SKIP:
        return None
    raw = plugin.score(state, info, nodes)
    if raw is None:
        return None
    return dict(zip(nodes.names, plugin.normalize(state, info, raw).tolist(), strict=True))
