"""The order in which plugins are asked, with plugins made for the purpose."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from kubeclient.client import Client
from scheduler.framework.arrays import IntArray, Rows
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.faults import PluginFailed
from scheduler.framework.interface import (
    BindPlugin,
    EnabledPlugin,
    FilterPlugin,
    Handle,
    Plugin,
    PluginsRunner,
    PostFilterPlugin,
    PostFilterResult,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreFilterResult,
    PreScorePlugin,
    Profile,
    Rejection,
    ScorePlugin,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.runtime import Framework
from scheduler.framework.status import SKIP, SUCCESS, Code, Status
from scheduler.plugins.priority_sort import PrioritySort
from tests.scheduler.builders import make_node, make_pod, table


class Refuses(FilterPlugin):
    """Rejects the nodes whose names contain a letter."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = 0

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        self.asked += 1
        marked = np.array([self.name in name for name in nodes.names])
        return [Rejection(f"no {self.name}", marked, Code.UNSCHEDULABLE)]


class Limits(PreFilterPlugin):
    def __init__(self, name: str, result: PreFilterResult) -> None:
        self.name = name
        self.result = result

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        return self.result


class Doubles(ScorePlugin):
    name = "Doubles"

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        return np.arange(nodes.count, dtype=np.int64)

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        return scores * 2


class Binds(BindPlugin):
    def __init__(self, name: str, status: Status) -> None:
        self.name = name
        self.status = status

    async def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        return self.status


DEFAULT_BINDER = Binds("Binder", SUCCESS)


def framework(*plugins: Plugin, weight: int = 1) -> Framework:
    by_name = {plugin.name: plugin for plugin in (PrioritySort(), *plugins, DEFAULT_BINDER)}
    profile = Profile("test", tuple(EnabledPlugin(name, weight) for name in by_name))
    registry = {name: lambda args, handle, plugin=plugin: plugin for name, plugin in by_name.items()}
    return Framework(profile, registry, Handle(Client("http://127.0.0.1:1")))


NODES = ("a", "b", "ab", "c")


def nodes() -> NodeTable:
    return table(*(make_node(name) for name in NODES))


def test_a_node_is_rejected_by_the_first_that_does() -> None:
    outcome = framework(Refuses("a"), Refuses("b")).find_feasible(CycleState(), make_pod().info(), nodes())
    found = {
        entry.plugins[0]: [name for name, marked in zip(NODES, entry.rejection.nodes, strict=True) if marked]
        for entry in outcome.rejections
    }
    assert found == {"a": ["a", "ab"], "b": ["b"]}
    assert outcome.feasible is not None
    assert outcome.feasible.tolist() == [False, False, False, True]
    assert outcome.rejected_by == {"a", "b"}


def test_nobody_is_asked_about_no_nodes() -> None:
    last = Refuses("never")
    framework(Refuses("a"), Refuses("b"), Refuses("c"), last).find_feasible(CycleState(), make_pod().info(), nodes())
    assert last.asked == 0


def test_pre_filter_ends_it() -> None:
    no, after = Status(Code.UNSCHEDULABLE, ("no",)), Refuses("a")
    outcome = framework(Limits("L", PreFilterResult(no)), after).find_feasible(CycleState(), make_pod().info(), nodes())
    assert (outcome.status.message, outcome.status.plugin) == ("no", "L")
    assert outcome.rejected_by == {"L"}
    assert after.asked == 0


def test_pre_filters_leave_what_both_allow() -> None:
    one = Limits("One", PreFilterResult(node_names=frozenset({"a", "b"})))
    two = Limits("Two", PreFilterResult(node_names=frozenset({"b", "c"})))
    outcome = framework(two, one).find_feasible(CycleState(), make_pod().info(), nodes())
    assert outcome.feasible is not None
    assert outcome.feasible.tolist() == [False, True, False, False]
    assert [entry.rejection.reason for entry in outcome.rejections] == ["node(s) didn't satisfy plugin(s) [One Two]"]
    assert outcome.rejected_by == {"One", "Two"}


def test_scores_are_of_the_rows_asked_for() -> None:
    (score,) = framework(Doubles(), weight=5).score(CycleState(), make_pod().info(), nodes(), np.array([1, 3]))
    assert (score.raw.tolist(), score.normalized.tolist(), score.weight) == ([1, 3], [2, 6], 5)


async def test_the_first_binder_that_does_not_skip_decides() -> None:
    skips, fails = Binds("Skips", Status(Code.SKIP)), Binds("Fails", Status(Code.ERROR, ("lost",)))
    status = await framework(skips, fails).bind(CycleState(), make_pod().info(), "a")
    assert (status.code, status.message, status.plugin) == (Code.ERROR, "lost", "Fails")


def test_plugins_that_name_no_events_wait_for_none() -> None:
    assert framework(Refuses("a")).interests == {}


class Raises(PreEnqueuePlugin, PostFilterPlugin, PreScorePlugin, ScorePlugin):
    """Fails wherever it is asked."""

    name = "Raises"

    def pre_enqueue(self, pod: PodInfo) -> Status:
        raise ValueError("broken")

    def post_filter(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, runner: PluginsRunner
    ) -> PostFilterResult:
        raise ValueError("broken")

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> Status:
        raise ValueError("broken")

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        raise ValueError("broken")


@pytest.mark.parametrize(
    ("ask", "point"),
    [
        pytest.param(
            lambda found: found.post_filter(CycleState(), make_pod().info(), nodes(), FilterOutcome()),
            "PostFilter",
            id="post-filter",
        ),
        pytest.param(
            lambda found: found.pre_score(CycleState(), make_pod().info(), nodes(), slice(0, 4)),
            "PreScore",
            id="pre-score",
        ),
        pytest.param(
            lambda found: found.score(CycleState(), make_pod().info(), nodes(), slice(0, 4)), "Score", id="score"
        ),
    ],
)
def test_a_plugin_that_raises_is_named(ask: Callable[[Framework], object], point: str) -> None:
    with pytest.raises(PluginFailed, match=f'running {point} plugin "Raises": broken'):
        ask(framework(Raises()))


def test_a_pre_enqueue_plugin_that_raises_has_refused() -> None:
    status = framework(Raises()).pre_enqueue(make_pod().info())
    assert (status.code, status.plugin) == (Code.ERROR, "Raises")


class Skips(PreScorePlugin, ScorePlugin):
    name = "Skips"

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: NodeTable, rows: Rows) -> Status:
        return SKIP

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        raise AssertionError("was to be skipped")


def test_pre_score_can_leave_a_plugin_out() -> None:
    found, state, pod = framework(Skips(), Doubles()), CycleState(), make_pod().info()
    found.pre_score(state, pod, nodes(), slice(0, 4))
    assert [entry.plugin for entry in found.score(state, pod, nodes(), slice(0, 4))] == ["Doubles"]


class Offers(PostFilterPlugin):
    def __init__(self, name: str, result: PostFilterResult) -> None:
        self.name = name
        self.result = result

    def post_filter(
        self, state: CycleState, pod: PodInfo, nodes: NodeTable, outcome: FilterOutcome, runner: PluginsRunner
    ) -> PostFilterResult:
        return self.result


NO = Status(Code.UNSCHEDULABLE, ("no victims",))
NEVER = Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, ("never",))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param([], None, id="no such plugin"),
        pytest.param(
            [PostFilterResult(NO), PostFilterResult(SUCCESS, "a")],
            PostFilterResult(SUCCESS, "a"),
            id="a success",
        ),
        pytest.param(
            [PostFilterResult(NEVER), PostFilterResult(SUCCESS, "a")], PostFilterResult(NEVER), id="nothing helps"
        ),
        pytest.param(
            [PostFilterResult(NO, ""), PostFilterResult(NO)],
            PostFilterResult(Status(Code.UNSCHEDULABLE, ("no victims", "no victims")), ""),
            id="all reasons, and the promise that was taken back",
        ),
    ],
)
def test_post_filter(results: list[PostFilterResult], expected: PostFilterResult | None) -> None:
    plugins = [Offers(f"p{number}", result) for number, result in enumerate(results)]
    outcome = framework(*plugins).post_filter(CycleState(), make_pod().info(), nodes(), FilterOutcome())
    assert outcome == expected
