"""Terms of pods on nodes, looked at from the other side."""

from scheduler.framework.affinity_owners import Role
from scheduler.framework.node_table import NodeTable
from tests.scheduler.builders import ZONE, PodBuilder, labelled, make_node, make_pod, near, table


def shy(app: str) -> PodBuilder:
    """A pod that wants no pod of an app in its zone."""
    return make_pod(f"shy-{app}").affinity(near(ZONE, labelled(app=app)), anti=True)


def about(nodes: NodeTable, app: str) -> list[int]:
    """How many pods in the first node's zone want no such pod, term by term."""
    labels = make_pod().labels(app=app).info().labels
    domains = nodes.topology.domains(ZONE, nodes.count)
    found = []
    for term in nodes.owners.about(Role.REQUIRED_ANTI, labels, nodes.pods):
        sums = nodes.owners.sums(Role.REQUIRED_ANTI, term, domains)
        if sums is not None:
            found.append(int(sums[domains.numbers[0]]))
    return found


def test_terms_that_mean_a_pod() -> None:
    nodes = table(make_node("a").zone("z"), make_node("b").zone("z"))
    assert about(nodes, "web") == []
    for name in ("a", "b"):
        nodes.add_pod(name, shy("web").info())
    nodes.add_pod("a", shy("db").info())
    assert (about(nodes, "web"), about(nodes, "db")) == ([2], [1])


def test_equal_terms_are_one_for_pods_of_one_namespace() -> None:
    one, other, elsewhere = (shy("web").namespace(name).info().affinity for name in ("x", "x", "y"))
    assert one is not None
    assert other is not None
    assert elsewhere is not None
    assert one.required_anti[0] is other.required_anti[0]
    assert one.required_anti[0] is not elsewhere.required_anti[0]


def test_terms_that_come_back() -> None:
    nodes = table(make_node("a").zone("z"))
    for _ in range(3):
        nodes.add_pod("a", shy("web").info())
        assert about(nodes, "web") == [1]
        nodes.remove_pod("a", shy("web").info())
        assert about(nodes, "web") == []


def test_terms_that_nobody_has_any_longer_are_forgotten() -> None:
    nodes = table(make_node("a").zone("z"))
    nodes.add_pod("a", shy("web").info())
    for number in range(500):
        passing = shy(f"app-{number}").info()
        nodes.add_pod("a", passing)
        assert about(nodes, f"app-{number}") == [1]
        nodes.remove_pod("a", passing)
    assert about(nodes, "web") == [1]
    assert len(nodes.owners._terms[Role.REQUIRED_ANTI]._listed) < 200


def test_preferred_terms_count_by_weight() -> None:
    nodes = table(make_node("a").zone("z"))
    for number, weight in enumerate((3, 4)):
        wish = (weight, near(ZONE, labelled(app="web")))
        nodes.add_pod("a", make_pod(str(number)).likes(wish).info())
    (term,) = nodes.owners.about(Role.PREFERRED, make_pod().labels(app="web").info().labels, nodes.pods)
    sums = nodes.owners.sums(Role.PREFERRED, term, nodes.topology.domains(ZONE, 1))
    assert sums is not None
    assert int(sums[0]) == 7
