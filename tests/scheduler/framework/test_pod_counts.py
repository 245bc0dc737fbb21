"""Counts of the pods that somebody selects."""

from apimachinery.selectors import Selector
from apimachinery.types.base import LabelSelector
from scheduler.framework import pod_counts
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_selection import (
    NamespacedSelector,
    PodSelection,
    parsed_selector,
    pod_selection,
    selector_key,
)
from tests.scheduler.builders import PodBuilder, labelled, make_node, make_pod, table


def parsed(labels: dict[str, str]) -> Selector | None:
    return parsed_selector(selector_key(LabelSelector.model_validate(labelled(**labels))))


def selecting(*, live: bool = False, by_labels: dict[str, str] | None = None, **labels: str) -> PodSelection:
    """Pods of the namespace ``default``, or of those with certain labels."""
    named = frozenset({"default"}) if by_labels is None else frozenset[str]()
    where = None if by_labels is None else parsed(by_labels)
    return pod_selection((NamespacedSelector(named, where, parsed(labels)),), live=live)


def pods(nodes: NodeTable, selection: PodSelection) -> list[int]:
    vector = nodes.pods.vector(selection, nodes.count)
    return [0] * nodes.count if vector is None else vector.tolist()


def web(node: str, name: str = "pod") -> PodBuilder:
    return make_pod(name).labels(app="web").node(node)


def test_equal_selections_are_one() -> None:
    assert selecting(app="web") is selecting(app="web")
    assert selecting(app="web") is not selecting(app="web", live=True)
    assert make_pod().labels(app="web").info().labels is make_pod("other").labels(app="web").info().labels


def test_pods_that_were_there_before_anybody_asked() -> None:
    nodes = table(make_node("a"), make_node("b"), pods=(web("a"), web("a", "other"), make_pod("db").node("b")))
    assert pods(nodes, selecting(app="web")) == [2, 0]


def test_pods_that_come_and_go_after() -> None:
    nodes = table(make_node("a"), make_node("b"))
    assert pods(nodes, selecting(app="web")) == [0, 0]
    nodes.add_pod("b", web("b").info())
    assert pods(nodes, selecting(app="web")) == [0, 1]
    nodes.remove_pod("b", web("b").info())
    assert pods(nodes, selecting(app="web")) == [0, 0]
    nodes.add_pod("a", web("a").info())
    assert pods(nodes, selecting(app="web")) == [1, 0]


def test_pods_that_are_being_deleted() -> None:
    nodes = table(make_node("a"), pods=(web("a"), web("a", "going").deleting()))
    assert (pods(nodes, selecting(app="web")), pods(nodes, selecting(app="web", live=True))) == ([2], [1])


def test_labels_of_namespaces_decide_as_they_are_now() -> None:
    nodes, selection = (
        table(make_node("a"), pods=(web("a").namespace("team"),)),
        selecting(app="web", by_labels={"x": "y"}),
    )
    assert pods(nodes, selection) == [0]
    nodes.pods.set_namespace("team", {"x": "y"})
    assert pods(nodes, selection) == [1]
    assert nodes.pods.set_namespace("team", {"x": "y"}) is False
    nodes.pods.remove_namespace("team")
    assert pods(nodes, selection) == [0]


def test_only_so_many_selections_are_counted_all_the_time() -> None:
    nodes = table(make_node("a"), pods=(web("a"),))
    first = selecting(app="web")
    pods(nodes, first)
    others = [selecting(app=f"other-{number}") for number in range(pod_counts._SELECTIONS_KEPT)]
    for other in others:
        pods(nodes, other)
    assert first not in nodes.pods._asked
    nodes.add_pod("a", web("a", "second").info())
    assert pods(nodes, first) == [2]
