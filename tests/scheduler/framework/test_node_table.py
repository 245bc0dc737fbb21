"""Rows that come, go and move; what plugins read of them is tested with the plugins, churn with the cache."""

from apimachinery.selectors import Operator, Requirement
from scheduler.framework.node_table import NodeTable
from tests.scheduler.builders import make_node, make_pod, table


def test_names_by_row() -> None:
    nodes = table(make_node("a"), make_node("b"))
    names = nodes.names
    assert names == ("a", "b")
    assert nodes.names is names
    assert (nodes.row("b"), nodes.row("z")) == (1, None)
    assert nodes.name_mask(["b", "z"]).tolist() == [False, True]


def test_the_last_row_takes_the_place_of_a_removed_one() -> None:
    nodes = table(make_node("a").labels(k="a"), make_node("b").labels(k="b"), make_node("c").labels(k="c").cordoned())
    nodes.remove_node("a")
    assert nodes.names == ("c", "b")
    assert nodes.labels.mask(Requirement("k", Operator.IN, frozenset({"c"})), nodes.count).tolist() == [True, False]
    assert nodes.unschedulable is not None
    assert nodes.unschedulable.tolist() == [True, False]
    nodes.remove_node("c")
    assert nodes.unschedulable is None


def test_grows_past_its_first_size() -> None:
    nodes = NodeTable()
    for number in range(100):
        nodes.add_node(make_node(f"n{number}").labels(k=str(number)).taint("t", str(number % 2)).info())
        nodes.add_pod(f"n{number}", make_pod(f"p{number}").requests(cpu="1").host_port(80).controller("web").info())
    column = nodes.resources.column("cpu")
    replicas = nodes.replicas.vector("web", nodes.count)
    assert column is not None
    assert replicas is not None
    assert set(column.free[:100].tolist()) == {3000}
    assert set(replicas.tolist()) == {1}
    assert nodes.labels.mask(Requirement("k", Operator.IN, frozenset({"42"})), 100).nonzero()[0].tolist() == [42]
    assert nodes.taints.sets.held == 3


def test_a_vector_of_replicas_follows_the_rows() -> None:
    nodes = table(make_node("a"), make_node("b"), pods=(make_pod().controller("web").node("b"),))
    nodes.replicas.vector("web", 2)
    nodes.remove_node("a")
    vector = nodes.replicas.vector("web", 1)
    assert vector is not None
    assert vector.tolist() == [1]


def test_labels_that_nobody_has_any_longer_match_nothing() -> None:
    nodes = table(make_node("a").labels(k="v"))
    nodes.update_node(make_node("a").info())
    exists = Requirement("k", Operator.EXISTS)
    absent = Requirement("k", Operator.DOES_NOT_EXIST)
    assert nodes.labels.mask(exists, 1).tolist() == [False]
    assert nodes.labels.mask(absent, 1).tolist() == [True]
