import pytest

from scheduler.framework.hints import QueueingHint
from scheduler.plugins.taint_toleration import TaintToleration, tolerable
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, fits, rejected, scores


@pytest.mark.parametrize(
    ("node", "pod", "expected"),
    [
        pytest.param(make_node(), make_pod(), True, id="no taint"),
        pytest.param(make_node().taint("k", "v"), make_pod(), False, id="untolerated"),
        pytest.param(make_node().taint("k", "v", "NoExecute"), make_pod(), False, id="untolerated, NoExecute"),
        pytest.param(make_node().taint("k", "v", "PreferNoSchedule"), make_pod(), True, id="PreferNoSchedule only"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("k", "Equal", "v"), True, id="equal"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("k", "Equal", "w"), False, id="other value"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("j", "Equal", "v"), False, id="other key"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("k", "Exists"), True, id="any value"),
        pytest.param(make_node().taint("k", ""), make_pod().tolerates("k", "Equal", ""), True, id="empty value"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("", "Exists"), True, id="no key: everything"),
        pytest.param(
            make_node().taint("k", "v", "NoExecute"),
            make_pod().tolerates("", "Exists", effect="NoSchedule"),
            False,
            id="no key, but another effect",
        ),
        pytest.param(
            make_node().taint("k", "v", "NoExecute"),
            make_pod().tolerates("k", "Exists", effect=""),
            True,
            id="no effect: every effect",
        ),
        pytest.param(
            make_node().taint("k", "v").taint("j", "w"),
            make_pod().tolerates("k", "Exists"),
            False,
            id="one of two tolerated",
        ),
        pytest.param(
            make_node().taint("k", "v").taint("j", "w"),
            make_pod().tolerates("k", "Exists").tolerates("j", "Equal", "w"),
            True,
            id="both tolerated",
        ),
        pytest.param(make_node().taint("k", "900"), make_pod().tolerates("k", "Gt", "750"), True, id="greater"),
        pytest.param(make_node().taint("k", "750"), make_pod().tolerates("k", "Gt", "750"), False, id="not greater"),
        pytest.param(make_node().taint("k", "9"), make_pod().tolerates("k", "Lt", "10"), True, id="less, as numbers"),
        pytest.param(make_node().taint("k", "10"), make_pod().tolerates("k", "Lt", "10"), False, id="not less"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("k", "Gt", "1"), False, id="no number"),
        pytest.param(make_node().taint("k", "v"), make_pod().tolerates("k", "Unheard"), False, id="unknown operator"),
    ],
)
def test_filter(node: NodeBuilder, pod: PodBuilder, expected: bool) -> None:
    assert bool(fits(TaintToleration(), pod, table(node))) is expected


def test_reason_tells_no_taint() -> None:
    """As upstream since v1.34.2: taints of nodes may be none of the pod owner's business."""
    verdict = rejected(TaintToleration(), make_pod(), table(make_node("a").taint("secret", "x")))
    assert verdict == {"a": [("node(s) had untolerated taint(s)", HARD)]}


def test_each_node_by_its_own_taints() -> None:
    nodes = table(make_node("a").taint("x"), make_node("b"), make_node("c").taint("y"))
    assert fits(TaintToleration(), make_pod().tolerates("y", "Exists"), nodes) == ["b", "c"]


def test_changed_taints_count_at_once() -> None:
    plugin, nodes = TaintToleration(), table(make_node("a"), make_node("b").taint("x"))
    assert fits(plugin, make_pod(), nodes) == ["a"]
    nodes.update_node(make_node("a").taint("y").info())
    nodes.update_node(make_node("b").info())
    assert fits(plugin, make_pod(), nodes) == ["b"]


def test_score_prefers_fewer_unwelcome_taints() -> None:
    nodes = table(
        make_node("none"),
        make_node("one").taint("x", effect="PreferNoSchedule"),
        make_node("two").taint("x", effect="PreferNoSchedule").taint("y", effect="PreferNoSchedule"),
    )
    assert scores(TaintToleration(), make_pod(), nodes) == {"none": 100, "one": 50, "two": 0}


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(make_pod().tolerates("x", "Exists", effect="PreferNoSchedule"), id="this effect"),
        pytest.param(make_pod().tolerates("x", "Exists"), id="every effect"),
    ],
)
def test_score_ignores_tolerated_taints(pod: PodBuilder) -> None:
    nodes = table(make_node("a"), make_node("b").taint("x", effect="PreferNoSchedule"))
    assert scores(TaintToleration(), pod, nodes) is None


def test_score_does_not_count_a_toleration_of_another_effect() -> None:
    nodes = table(make_node("a"), make_node("b").taint("x", effect="PreferNoSchedule"))
    pod = make_pod().tolerates("x", "Exists", effect="NoSchedule")
    assert scores(TaintToleration(), pod, nodes) == {"a": 100, "b": 0}


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        pytest.param(None, make_node(), "QUEUE", id="a new node without taints"),
        pytest.param(None, make_node().taint("k", "v"), "SKIP", id="a new node with an untolerated one"),
        pytest.param(make_node().taint("k", "v"), make_node(), "QUEUE", id="untolerated no longer"),
        pytest.param(make_node(), make_node().taint("t"), "SKIP", id="tolerated before and after"),
    ],
)
def test_which_nodes_wake_a_pod(old: NodeBuilder | None, new: NodeBuilder, hint: str) -> None:
    pod = make_pod().tolerates("t", "Exists").info()
    assert tolerable(pod, old.info() if old else None, new.info()) is QueueingHint[hint]
