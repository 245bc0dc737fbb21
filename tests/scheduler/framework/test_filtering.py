"""PreFilter and Filter: skipping, failing, and nodes that were promised to others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from kubeclient.client import Client
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.faults import PluginFailed
from scheduler.framework.filtering import FilterPoints
from scheduler.framework.interface import (
    ALL_NODES,
    SKIP_FILTER,
    FilterPlugin,
    Handle,
    Plugin,
    PreFilterExtensions,
    PreFilterPlugin,
    PreFilterResult,
    Rejection,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.nominator import Nominator
from scheduler.framework.outcome import FilterOutcome
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.runtime import Framework
from scheduler.framework.status import Code, Status
from scheduler.plugins.node_resources_fit import NodeResourcesFit
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from tests.scheduler.builders import HOST, PodBuilder, labelled, make_node, make_pod, near, table
from tests.scheduler.framework.tables import point_table


@dataclass
class Count:
    pods: int

    def clone(self) -> "Count":
        return Count(self.pods)


class Lonely(PreFilterExtensions, FilterPlugin):
    """Rejects all nodes once more than ``most`` pods are anywhere: a rule that looks across nodes."""

    name = "Lonely"
    key: StateKey[Count] = StateKey("Lonely")

    def __init__(self, most: int, answer: PreFilterResult = ALL_NODES) -> None:
        self.most = most
        self.answer = answer
        self.filtered = 0

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        state.write(self.key, Count(0))
        return self.answer

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        count = state.read(self.key)
        assert count is not None
        count.pods += 1

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        count = state.read(self.key)
        assert count is not None
        count.pods -= 1

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        self.filtered += 1
        count = state.read(self.key)
        assert count is not None
        marked = np.full(nodes.count, count.pods > self.most)
        return [Rejection("too many", marked, Code.UNSCHEDULABLE)]


class Says(PreFilterPlugin):
    def __init__(self, name: str, result: PreFilterResult | Exception) -> None:
        self.name = name
        self.result = result
        self.asked = 0

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        self.asked += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def points(*plugins: Plugin, promised: dict[str, list[PodBuilder]] | None = None) -> FilterPoints:
    nominator = Nominator()
    for node, pods in (promised or {}).items():
        for pod in pods:
            nominator.nominate(pod.info(), node)
    return FilterPoints(point_table(*plugins), nominator)


def nodes() -> NodeTable:
    return table(*(make_node(name).capacity(cpu="2", memory="8Gi", pods="10") for name in ("a", "b", "c")))


def left(outcome: FilterOutcome, found: NodeTable) -> list[str]:
    mask = outcome.feasible_mask(found.count)
    return [name for name, feasible in zip(found.names, mask, strict=True) if feasible]


def promised(name: str, cpu: str, priority: int = 0) -> PodBuilder:
    return make_pod(name).requests(cpu=cpu).priority(priority)


class TestNominatedPods:
    @pytest.mark.parametrize(
        ("promises", "expected"),
        [
            pytest.param({"a": [promised("p", "2")]}, ["b", "c"], id="no room beside it"),
            pytest.param({"a": [promised("p", "1")]}, ["a", "b", "c"], id="room for both"),
            pytest.param({"a": [promised("p", "1"), promised("q", "1")]}, ["b", "c"], id="two on one node"),
            pytest.param({"a": [promised("p", "2")], "c": [promised("q", "2")]}, ["b"], id="two nodes"),
            pytest.param({"a": [promised("p", "2", -1)]}, ["a", "b", "c"], id="of a lower priority"),
            pytest.param({"gone": [promised("p", "2")]}, ["a", "b", "c"], id="a node that is not there"),
        ],
    )
    def test_they_take_up_room(self, promises: dict[str, list[PodBuilder]], expected: list[str]) -> None:
        found = nodes()
        outcome = points(NodeResourcesFit(), promised=promises).find_feasible(
            CycleState(), make_pod("new").requests(cpu="1").info(), found
        )
        assert left(outcome, found) == expected
        for name in found.names:
            row = found.row(name)
            assert row is not None
            assert found.resources.free_slots[row] == 10

    def test_a_rule_across_nodes_sees_them_node_by_node(self) -> None:
        """Each node is judged with its own promises, as upstream, not with all of the cluster's."""
        found = nodes()
        promises = {"a": [promised("p", "1")], "b": [promised("q", "1"), promised("r", "1")]}
        outcome = points(Lonely(most=1), promised=promises).find_feasible(CycleState(), make_pod().info(), found)
        assert left(outcome, found) == ["a", "c"]

    def test_the_cycles_own_state_is_as_before(self) -> None:
        state = CycleState()
        lonely = Lonely(most=0)
        points(lonely, promised={"a": [promised("p", "1")]}).find_feasible(state, make_pod().info(), nodes())
        assert state.read(Lonely.key) == Count(0)


class TestPreFilter:
    def test_skip_leaves_the_filter_out(self) -> None:
        lonely = Lonely(most=-1, answer=SKIP_FILTER)
        found = nodes()
        outcome = points(lonely, promised={"a": [promised("p", "1")]}).find_feasible(
            CycleState(), make_pod().info(), found
        )
        assert (left(outcome, found), lonely.filtered) == (["a", "b", "c"], 0)

    @pytest.mark.parametrize(
        ("code", "asked"),
        [
            pytest.param(Code.UNSCHEDULABLE, 1, id="preemption may follow"),
            pytest.param(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, 0, id="nothing helps"),
        ],
    )
    def test_a_rejection(self, code: Code, asked: int) -> None:
        after = Says("After", ALL_NODES)
        outcome = points(Says("No", PreFilterResult(Status(code, ("no",)))), after).find_feasible(
            CycleState(), make_pod().info(), nodes()
        )
        assert (outcome.status, after.asked) == (Status(code, ("no",), "No"), asked)
        assert outcome.rejected_by == {"No"}
        assert outcome.unresolvable(3).all() == (code is Code.UNSCHEDULABLE_AND_UNRESOLVABLE)

    def test_plugins_that_have_no_node_in_common(self) -> None:
        one = Says("One", PreFilterResult(node_names=frozenset({"a"})))
        two = Says("Two", PreFilterResult(node_names=frozenset({"b"})))
        outcome = points(two, one).find_feasible(CycleState(), make_pod().info(), nodes())
        assert outcome.status.message == "node(s) didn't satisfy plugin(s) [One Two] simultaneously"
        assert outcome.rejected_by == {"One", "Two"}


def fails(state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
    raise KeyError("gpu")


class Fails(FilterPlugin):
    name = "Fails"

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        return fails(state, pod, nodes)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        pytest.param(Fails, "running Filter plugin \"Fails\": 'gpu'", id="filter raises"),
        pytest.param(
            lambda: Says("Bad", ValueError("oops")), 'running PreFilter plugin "Bad": oops', id="pre-filter raises"
        ),
        pytest.param(
            lambda: Says("Bad", PreFilterResult(Status(Code.ERROR, ("lost",)))),
            'running PreFilter plugin "Bad": lost',
            id="pre-filter met an error",
        ),
    ],
)
def test_a_plugin_that_fails_is_named(make: Callable[[], Plugin], text: str) -> None:
    with pytest.raises(PluginFailed) as caught:
        points(make()).find_feasible(CycleState(), make_pod().info(), nodes())
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("promised", "pod", "reasons"),
    [
        pytest.param(make_pod("p").requests(cpu="3"), make_pod().requests(cpu="1"), set(), id="room for both"),
        pytest.param(
            make_pod("p").requests(cpu="3"), make_pod().requests(cpu="2"), {"Insufficient cpu"}, id="not enough cpu"
        ),
        pytest.param(
            make_pod("p").requests(cpu="3", memory="8Gi"),
            make_pod().requests(cpu="2", memory="1Gi"),
            {"Insufficient cpu", "Insufficient memory"},
            id="not enough of two things",
        ),
        pytest.param(
            make_pod("p").requests(gpu="1"), make_pod().requests(cpu="4"), set(), id="what the pod does not want"
        ),
        pytest.param(
            make_pod("p").host_port(80),
            make_pod().host_port(80),
            {"node(s) didn't have free ports for the requested pod ports"},
            id="a port",
        ),
        pytest.param(
            make_pod("p").host_port(80, ip="127.0.0.1"), make_pod().host_port(80, ip="127.0.0.2"), set(), id="another"
        ),
        pytest.param(
            make_pod("p").labels(app="web"),
            make_pod().affinity(near(HOST, labelled(app="web")), anti=True),
            {"node(s) didn't match pod anti-affinity rules"},
            id="a pod to stay away from",
        ),
        pytest.param(
            make_pod("p").priority(-1).requests(cpu="4"), make_pod().requests(cpu="4"), set(), id="a less important pod"
        ),
    ],
)
def test_promises_are_kept_by_the_rules_of_every_plugin(
    promised: PodBuilder, pod: PodBuilder, reasons: set[str]
) -> None:
    """Where plugins count, by arithmetic, and otherwise with the promised pod put on the node for a while."""
    handle = Handle(Client("http://127.0.0.1:1"))
    profile = Framework(default_profile(), in_tree_registry(), handle)
    handle.nominator.nominate(promised.info(), "n")
    nodes = table(make_node("n").capacity(cpu="4", memory="8Gi", pods="10", gpu="1").labels(**{HOST: "n"}))
    outcome = profile.find_feasible(CycleState(), pod.info(), nodes)
    assert {entry.rejection.reason for entry in outcome.rejections} == reasons
    assert outcome.feasible_mask(1).tolist() == [not reasons]
    assert not outcome.unresolvable(1).any()
