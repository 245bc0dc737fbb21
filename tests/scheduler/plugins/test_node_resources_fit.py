import pytest

from scheduler.plugins.node_resources_fit import NodeResourcesFit
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, SOFT, rejected, scores

BOX = make_node("a").capacity(cpu="2", memory="2Gi", ephemeral_storage="10Gi", gpu="1", pods="10")
Verdict = set[tuple[str, object]]


def verdict(pod: PodBuilder, node: NodeBuilder = BOX, *others: PodBuilder) -> Verdict:
    found = rejected(NodeResourcesFit(), pod, table(node, pods=tuple(other.node("a") for other in others)))
    return set(found.get("a", []))


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(make_pod(), set(), id="nothing asked"),
        pytest.param(make_pod().requests(cpu="2", memory="2Gi"), set(), id="exactly all of it"),
        pytest.param(make_pod().requests(cpu="2001m"), {("Insufficient cpu", HARD)}, id="a little more cpu"),
        pytest.param(make_pod().requests(memory="2147483649"), {("Insufficient memory", HARD)}, id="one byte more"),
        pytest.param(
            make_pod().requests(ephemeral_storage="11Gi"), {("Insufficient ephemeral-storage", HARD)}, id="disk"
        ),
        pytest.param(make_pod().requests(gpu="1"), set(), id="an extended resource"),
        pytest.param(make_pod().requests(gpu="2"), {("Insufficient example.com/gpu", HARD)}, id="more than there is"),
        pytest.param(make_pod().requests(fpga="1"), {("Insufficient fpga", HARD)}, id="what no node has"),
        pytest.param(make_pod().requests(fpga="0"), set(), id="none of what no node has"),
        pytest.param(
            make_pod().requests(cpu="3", memory="3Gi"),
            {("Insufficient cpu", HARD), ("Insufficient memory", HARD)},
            id="every reason is told",
        ),
        pytest.param(make_pod().requests(cpu="1").requests(cpu="1500m"), {("Insufficient cpu", HARD)}, id="a sum"),
        pytest.param(make_pod().requests(cpu="1").init(cpu="2"), set(), id="init containers run before, not beside"),
        pytest.param(make_pod().requests(cpu="1").init(cpu="3"), {("Insufficient cpu", HARD)}, id="init alone"),
        pytest.param(make_pod().requests(cpu="1").init(cpu="2").init(cpu="2"), set(), id="init one after another"),
        pytest.param(
            make_pod().requests(cpu="1").init(sidecar=True, cpu="1500m"),
            {("Insufficient cpu", HARD)},
            id="a sidecar runs beside",
        ),
        pytest.param(
            make_pod().init(sidecar=True, cpu="500m").init(cpu="1501m").requests(cpu="1"),
            {("Insufficient cpu", HARD)},
            id="init containers run beside the sidecars before them",
        ),
        pytest.param(
            make_pod().init(cpu="2").init(sidecar=True, cpu="500m").requests(cpu="1"),
            set(),
            id="… not beside those after them",
        ),
        pytest.param(
            make_pod().requests(cpu="1500m").overhead(cpu="501m"), {("Insufficient cpu", HARD)}, id="overhead"
        ),
    ],
)
def test_filter_an_empty_node(pod: PodBuilder, expected: Verdict) -> None:
    assert verdict(pod) == expected


@pytest.mark.parametrize(
    ("pod", "other", "expected"),
    [
        pytest.param(make_pod().requests(cpu="1"), make_pod("o").requests(cpu="1"), set(), id="side by side"),
        pytest.param(
            make_pod().requests(cpu="1"), make_pod("o").requests(cpu="1001m"), {("Insufficient cpu", SOFT)}, id="taken"
        ),
        pytest.param(make_pod(), make_pod("o").requests(cpu="5"), set(), id="nothing asked of an overfull node"),
        pytest.param(
            make_pod().requests(cpu="0", memory="1Gi"),
            make_pod("o").requests(cpu="5"),
            set(),
            id="zero is not asked for either",
        ),
        pytest.param(
            make_pod().requests(gpu="1"),
            make_pod("o").requests(gpu="1"),
            {("Insufficient example.com/gpu", SOFT)},
            id="gpu",
        ),
        pytest.param(
            make_pod().requests(fpga="1"), make_pod("o").requests(fpga="1"), {("Insufficient fpga", HARD)}, id="unknown"
        ),
        pytest.param(
            make_pod().requests(cpu="1"),
            make_pod("o").requests(cpu="1").init(cpu="2"),
            {("Insufficient cpu", SOFT)},
            id="another pod's init containers count as long as it lives",
        ),
    ],
)
def test_filter_beside_another_pod(pod: PodBuilder, other: PodBuilder, expected: Verdict) -> None:
    assert verdict(pod, BOX, other) == expected


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        pytest.param("2", set(), id="room for one more"),
        pytest.param("1", {("Too many pods", SOFT)}, id="full"),
        pytest.param("0", {("Too many pods", SOFT)}, id="none at all"),
    ],
)
def test_filter_by_number_of_pods(pods: str, expected: Verdict) -> None:
    node = make_node("a").capacity(cpu="2", memory="2Gi", pods=pods)
    assert verdict(make_pod(), node, make_pod("o")) == expected


def test_a_node_that_has_not_reported_takes_nothing() -> None:
    assert verdict(make_pod().requests(cpu="1"), make_node("a").capacity()) == {
        ("Too many pods", SOFT),
        ("Insufficient cpu", HARD),
    }


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        # cpu: (4000 - 1000) / 4000 = 75 %; memory: (8 - 2) / 8 = 75 %
        pytest.param(make_pod().requests(cpu="1", memory="2Gi"), 75, id="least allocated"),
        # cpu: 97 %; memory: (8192 - 200) / 8192 = 97 %
        pytest.param(make_pod(), 97, id="100m and 200Mi for a container that requests nothing"),
        pytest.param(make_pod().requests(cpu="0", memory="0"), 100, id="a request of zero is a request"),
        pytest.param(make_pod().requests(cpu="5", memory="0"), 50, id="more than there is counts as all of it"),
        pytest.param(make_pod().requests(cpu="1").requests(cpu="1"), 72, id="two containers, defaults for each"),
    ],
)
def test_score(pod: PodBuilder, expected: int) -> None:
    assert scores(NodeResourcesFit(), pod, table(make_node("a"))) == {"a": expected}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(make_node("a").capacity(cpu="2", pods="1"), 50, id="cpu only"),
        pytest.param(make_node("a").capacity(pods="1"), 0, id="neither"),
    ],
)
def test_score_by_what_there_is(node: NodeBuilder, expected: int) -> None:
    nodes = table(node, make_node("b").capacity(cpu="2", memory="4Gi", pods="1"))
    pod = make_pod().requests(cpu="1", memory="1Gi")
    assert scores(NodeResourcesFit(), pod, nodes) == {"a": expected, "b": 62}


def test_score_follows_pods_that_come_and_go() -> None:
    plugin, other = NodeResourcesFit(), make_pod("o").requests(cpu="2", memory="4Gi").node("b")
    nodes, pod = table(make_node("a"), make_node("b")), make_pod().requests(cpu="1", memory="2Gi")
    assert scores(plugin, pod, nodes) == {"a": 75, "b": 75}
    nodes.add_pod("b", other.info())
    assert scores(plugin, pod, nodes) == {"a": 75, "b": 25}
    nodes.remove_pod("b", other.info())
    nodes.remove_node("a")
    assert scores(plugin, pod, nodes) == {"b": 75}
