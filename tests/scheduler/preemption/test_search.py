"""Which nodes are tried, and what is said of the others."""

import pytest

from scheduler.preemption.search import Found
from tests.scheduler.builders import HOST, PodBuilder, labelled, make_node, make_pod, near
from tests.scheduler.preemption.world import Preempting, budget

FULL = {"cpu": "2", "memory": "8Gi", "pods": "10"}


def vital(cpu: str = "1") -> PodBuilder:
    return make_pod("vital").priority(100).requests(cpu=cpu)


def search(cluster: Preempting, pod: PodBuilder, **args: int) -> Found:
    info = pod.info()
    state, outcome = cluster.filtered(info)
    return cluster.searcher(**args).search(state, info, cluster.nodes, outcome, cluster.framework)


def full_nodes(count: int, *, priority: int = 0, labels: str = "low") -> Preempting:
    """So many nodes, each with one pod that has all of it."""
    nodes = [make_node(f"n{number}").capacity(**FULL).labels(**{HOST: f"n{number}"}) for number in range(count)]
    pods = [
        make_pod(f"p{number}").node(f"n{number}").requests(cpu="2").priority(priority).labels(app=labels)
        for number in range(count)
    ]
    return Preempting(*nodes, pods=tuple(pods))


def test_each_node_is_told_its_reason() -> None:
    cluster = Preempting(
        make_node("tainted").taint("dedicated"),
        make_node("tiny").capacity(cpu="500m", memory="8Gi", pods="10"),
        make_node("peers").capacity(**FULL),
        make_node("few").capacity(**FULL),
        make_node("gone").capacity(cpu="1", memory="8Gi", pods="10").cordoned(),
        pods=(
            make_pod("peer").node("peers").requests(cpu="2").priority(100),
            make_pod("other").node("few").requests(cpu="1500m").priority(100),
            make_pod("low").node("few").requests(cpu="250m"),
        ),
    )
    found = search(cluster, vital())
    assert not found.candidates
    assert found.message(5) == (
        "0/5 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, "
        "3 Preemption is not helpful for scheduling."
    )


@pytest.mark.parametrize(
    ("args", "tried"),
    [
        pytest.param({}, 20, id="a hundred are enough, of which there are not so many"),
        pytest.param({"min_candidate_nodes_absolute": 5}, 5, id="five are enough"),
        pytest.param(
            {"min_candidate_nodes_absolute": 1, "min_candidate_nodes_percentage": 50}, 10, id="half of them are enough"
        ),
    ],
)
def test_enough_candidates(args: dict[str, int], tried: int) -> None:
    assert len(search(full_nodes(20), vital(), **args).candidates) == tried


def test_goes_on_until_a_candidate_breaks_no_budget() -> None:
    cluster = full_nodes(10, labels="guarded")
    cluster.add(make_pod("free").node("n7").priority(-1))
    cluster.remove(make_pod("p7"))
    cluster.add(make_pod("other").node("n7").requests(cpu="2").labels(app="other"))
    cluster.show_budget(budget("b", 0, app="guarded"))
    found = search(cluster, vital(), min_candidate_nodes_absolute=1, min_candidate_nodes_percentage=1)
    assert [entry.node_name for entry in found.candidates if not entry.violations] == ["n7"]


def test_where_it_begins_is_up_to_the_seed() -> None:
    begun = {search(full_nodes(20), vital(), min_candidate_nodes_absolute=1).candidates[0].node_name for _ in range(3)}
    assert len(begun) == 1


def test_rules_that_see_other_nodes_are_tried_one_node_at_a_time() -> None:
    cluster = full_nodes(4, labels="web")
    apart = vital().affinity(near(HOST, labelled(app="web")), anti=True)
    found = search(cluster, apart)
    assert sorted(entry.node_name for entry in found.candidates) == ["n0", "n1", "n2", "n3"]
    assert all(len(entry.victims) == 1 for entry in found.candidates)


def test_results_are_remembered_until_something_changes() -> None:
    cluster = full_nodes(3)
    searcher, pod = cluster.searcher(), vital()

    def victims() -> dict[str, list[str]]:
        info = pod.info()
        state, outcome = cluster.filtered(info)
        found = searcher.search(state, info, cluster.nodes, outcome, cluster.framework)
        return {entry.node_name: [victim.pod.name for victim in entry.victims] for entry in found.candidates}

    everybody = {"n0": ["p0"], "n1": ["p1"], "n2": ["p2"]}
    assert victims() == victims() == everybody
    cluster.add(make_pod("more").node("n1").priority(-5).requests(cpu="1500m"))
    assert victims() == everybody | {"n1": ["p1", "more"]}
    cluster.handle.nominator.nominate(make_pod("peer").priority(100).requests(cpu="1500m").info(), "n2")
    assert victims() == {"n0": ["p0"], "n1": ["p1", "more"]}
    cluster.handle.nominator.forget("uid-peer")
    cluster.cache.remove_node("n0")
    assert victims() == {"n1": ["p1", "more"], "n2": ["p2"]}
    cluster.show_budget(budget("b", 0, app="low"))
    assert victims() == {"n1": ["p1", "more"], "n2": ["p2"]}
