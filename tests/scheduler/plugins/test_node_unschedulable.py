import pytest

from scheduler.framework.hints import QueueingHint
from scheduler.plugins.node_unschedulable import NodeUnschedulable, uncordoned
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, fits, rejected

KEY = "node.kubernetes.io/unschedulable"


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(make_pod(), ["free"], id="cordoned nodes take no pods"),
        pytest.param(make_pod().tolerates(KEY, "Exists", effect="NoSchedule"), ["free", "cordoned"], id="tolerated"),
        pytest.param(make_pod().tolerates("", "Exists"), ["free", "cordoned"], id="everything is tolerated"),
        pytest.param(make_pod().tolerates(KEY, "Exists", effect="NoExecute"), ["free"], id="another effect"),
        pytest.param(make_pod().tolerates("other", "Exists"), ["free"], id="another key"),
    ],
)
def test_filter(pod: PodBuilder, expected: list[str]) -> None:
    assert fits(NodeUnschedulable(), pod, table(make_node("free"), make_node("cordoned").cordoned())) == expected


def test_reason() -> None:
    verdict = rejected(NodeUnschedulable(), make_pod(), table(make_node("a").cordoned()))
    assert verdict == {"a": [("node(s) were unschedulable", HARD)]}


def test_uncordoning() -> None:
    nodes = table(make_node("a").cordoned(), make_node("b"))
    nodes.update_node(make_node("a").info())
    assert fits(NodeUnschedulable(), make_pod(), nodes) == ["a", "b"]


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        pytest.param(None, make_node(), "QUEUE", id="a new node"),
        pytest.param(None, make_node().cordoned(), "SKIP", id="a new node that is cordoned"),
        pytest.param(make_node().cordoned(), make_node(), "QUEUE", id="uncordoned"),
        pytest.param(make_node(), make_node(), "SKIP", id="took pods before"),
    ],
)
def test_which_nodes_wake_a_pod(old: NodeBuilder | None, new: NodeBuilder, hint: str) -> None:
    assert uncordoned(make_pod().info(), old.info() if old else None, new.info()) is QueueingHint[hint]


def test_who_tolerates_cordoned_nodes_is_woken_by_any() -> None:
    pod = make_pod().tolerates(KEY, "Exists").info()
    assert uncordoned(pod, None, make_node().cordoned().info()) is QueueingHint.QUEUE
