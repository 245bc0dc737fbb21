"""Who has to go from one node."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.framework.cycle_state import CycleState
from scheduler.preemption.trials import ByCounting, BySimulation, Trial
from scheduler.preemption.victims import Candidate
from tests.scheduler import strategies
from tests.scheduler.builders import HOST, NodeBuilder, PodBuilder, labelled, make_node, make_pod, near
from tests.scheduler.preemption.world import Preempting, budget

NODE = make_node("n").capacity(cpu="4", memory="8Gi", pods="5")


def by_counting(cluster: Preempting, pod: PodBuilder) -> Trial:
    info = pod.info()
    state, _ = cluster.filtered(info)
    plugins, _ = cluster.framework.looks_at_pods(state)
    demands = [demand for plugin in plugins for demand in plugin.demands(state, info, cluster.nodes)]
    return ByCounting(info, demands, cluster.nodes, cluster.tenants, cluster.handle.nominator)


def by_simulation(cluster: Preempting, pod: PodBuilder) -> Trial:
    info = pod.info()
    state, _ = cluster.filtered(info)
    return BySimulation(state, info, cluster.nodes, cluster.tenants, cluster.framework, None)


def proposed(cluster: Preempting, pod: PodBuilder) -> Trial:
    info = pod.info()
    state, _ = cluster.filtered(info)
    proposer = by_counting(cluster, pod)
    return BySimulation(state, info, cluster.nodes, cluster.tenants, cluster.framework, proposer)


WAYS = [
    pytest.param(by_counting, id="counted"),
    pytest.param(by_simulation, id="simulated"),
    pytest.param(proposed, id="proposed"),
]
Way = Callable[[Preempting, PodBuilder], Trial]


def low(name: str, cpu: str, priority: int = 0, started: int | None = None) -> PodBuilder:
    pod = make_pod(name).node("n").requests(cpu=cpu).priority(priority).labels(app=name)
    return pod if started is None else pod.started(started)


def going(found: object) -> tuple[list[str], int] | object:
    """The names of the victims and how many are protected, or the reasons."""
    if isinstance(found, Candidate):
        return [victim.pod.name for victim in found.victims], found.violations
    return found


def vital(cpu: str) -> PodBuilder:
    return make_pod("vital").priority(100).requests(cpu=cpu)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("pods", "pod", "expected"),
    [
        pytest.param(
            [low("big", "3"), low("small", "1")], vital("2"), (["big"], 0), id="whoever cannot stay, and no more"
        ),
        pytest.param(
            [low("one", "2", 5), low("two", "2", 1)], vital("2"), (["two"], 0), id="the more important one stays"
        ),
        pytest.param(
            [low("old", "2", 0, 10), low("young", "2", 0, 20)],
            vital("2"),
            (["young"], 0),
            id="of equals the older stays",
        ),
        pytest.param(
            [low("old", "2", 0, 10), low("new", "2")], vital("2"), (["new"], 0), id="one not started counts as youngest"
        ),
        pytest.param([low("a", "1"), low("b", "3")], vital("4"), (["a", "b"], 0), id="all of them"),
        pytest.param([low("a", "2"), low("peer", "2", 100)], vital("3"), ("Insufficient cpu",), id="not enough"),
        pytest.param(
            [low(f"p{n}", "100m") for n in range(5)],
            vital("1"),
            (["p4"], 0),
            id="for a slot",
        ),
        pytest.param(
            [low(f"p{n}", "100m", 100) for n in range(5)],
            vital("9"),
            ("Too many pods", "Insufficient cpu"),
            id="every reason is told",
        ),
        pytest.param(
            [make_pod("web").node("n").host_port(80).labels(app="w"), low("other", "1")],
            vital("1").host_port(80),
            (["web"], 0),
            id="for a port",
        ),
    ],
)
def test_victims(way: Way, pods: list[PodBuilder], pod: PodBuilder, expected: object) -> None:
    cluster = Preempting(NODE, pods=tuple(pods))
    assert going(way(cluster, pod).try_node(0)) == expected


@pytest.mark.parametrize("way", WAYS)
def test_protected_ones_stay_before_more_important_ones(way: Way) -> None:
    cluster = Preempting(NODE, pods=(low("guarded", "2", 1), low("important", "2", 50)))
    cluster.show_budget(budget("b", 0, app="guarded"))
    assert going(way(cluster, vital("2")).try_node(0)) == (["important"], 0)
    assert going(way(cluster, vital("4")).try_node(0)) == (["important", "guarded"], 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        pytest.param(100, (["b", "a"], 0), id="a peer's promise is kept"),
        pytest.param(200, (["b", "a"], 0), id="a more important one's too"),
        pytest.param(50, (["a"], 0), id="a less important one's is not"),
    ],
)
def test_promises(way: Way, priority: int, expected: object) -> None:
    cluster = Preempting(NODE, pods=(low("a", "2", 1), low("b", "2", 2)))
    cluster.handle.nominator.nominate(make_pod("promised").priority(priority).requests(cpu="2").info(), "n")
    assert going(way(cluster, vital("2")).try_node(0)) == expected


def test_anti_affinity_is_simulated() -> None:
    """Who keeps the pod away goes, whatever room there is; who does not stays."""
    apart = vital("1").affinity(near(HOST, labelled(app="web")), anti=True)
    node = make_node("n").labels(**{HOST: "n"})
    cluster = Preempting(node, pods=(low("web", "1"), low("other", "1", 1)))
    before = [sorted(pod.uid for pod in cluster.cache.pods_on("n")), cluster.nodes.resources.free_slots[0]]
    assert going(proposed(cluster, apart).try_node(0)) == (["web"], 0)
    assert [sorted(pod.uid for pod in cluster.cache.pods_on("n")), cluster.nodes.resources.free_slots[0]] == before


@st.composite
def full_nodes(draw: st.DrawFn) -> tuple[NodeBuilder, list[PodBuilder]]:
    node = make_node("n").capacity(**draw(strategies.capacities))
    pods = []
    for number in range(draw(st.integers(1, 6))):
        pod = make_pod(f"p{number}").node("n").requests(**draw(strategies.requests)).priority(draw(st.integers(0, 3)))
        pods.append(pod.started(draw(st.integers(1, 3))))
    return node, pods


@settings(max_examples=60, deadline=None)
@given(full_nodes(), strategies.requests, st.integers(1, 3), st.integers(0, 2))
def test_arithmetic_agrees_with_simulation(
    cluster: tuple[NodeBuilder, list[PodBuilder]], wanted: dict[str, str], priority: int, promised: int
) -> None:
    node, pods = cluster
    found = Preempting(node, pods=tuple(pods))
    for number in range(promised):
        claim = make_pod(f"c{number}").priority(number + 1).requests(cpu="250m")
        found.handle.nominator.nominate(claim.info(), "n")
    pod = make_pod("vital").priority(priority).requests(**wanted)
    _, outcome = found.filtered(pod.info())
    if outcome.feasible_mask(1)[0] or outcome.unresolvable(1)[0]:
        return
    counted, simulated = by_counting(found, pod).try_node(0), by_simulation(found, pod).try_node(0)
    if isinstance(counted, Candidate) or isinstance(simulated, Candidate):
        assert going(counted) == going(simulated)


def test_a_simulation_leaves_nothing_behind_when_a_plugin_fails() -> None:
    cluster = Preempting(NODE, pods=(low("a", "2"), low("b", "2")))

    class Broken(Exception):
        pass

    def fail(state: CycleState, *args: object) -> None:
        raise Broken

    runner = cluster.framework
    runner.filter_with_nominated = fail  # type: ignore[method-assign, assignment]
    info = vital("1").info()
    trial = BySimulation(CycleState(), info, cluster.nodes, cluster.tenants, runner, None)
    with pytest.raises(Broken):
        trial.try_node(0)
    assert cluster.nodes.resources.free_slots[0] == 3
