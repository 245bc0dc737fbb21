from typing import Any

import orjson
import pytest

from scheduler.config.args import NodeResourcesFitArgs
from scheduler.config.load import parse
from scheduler.framework.hints import QueueingHint
from scheduler.plugins.node_resources_fit import NodeResourcesFit, pod_left
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
        pytest.param(
            make_pod().requests(cpu="1").pod_level(cpu="2001m"),
            {("Insufficient cpu", HARD)},
            id="what the pod as a whole asks counts, not its containers",
        ),
        pytest.param(
            make_pod().requests(cpu="2").pod_level(cpu="2").overhead(cpu="1m"),
            {("Insufficient cpu", HARD)},
            id="overhead comes on top of that",
        ),
        pytest.param(
            make_pod().requests(memory="3Gi").pod_level(cpu="1"),
            {("Insufficient memory", HARD)},
            id="what it does not name is still its containers' sum",
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


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param({}, ["Insufficient example.com/gpu"], id="none"),
        pytest.param({"ignoredResources": ["example.com/gpu"]}, [], id="by name"),
        pytest.param({"ignoredResourceGroups": ["example.com"]}, [], id="by group"),
        pytest.param({"ignoredResources": ["example.com/fpga"]}, ["Insufficient example.com/gpu"], id="another"),
    ],
)
def test_ignored_resources(args: dict[str, Any], expected: list[str]) -> None:
    plugin = NodeResourcesFit(NodeResourcesFitArgs.model_validate_json(orjson.dumps(args)))
    found = rejected(plugin, make_pod().requests(gpu="2"), table(BOX))
    assert [reason for reason, _ in found.get("a", [])] == expected


def test_native_resources_cannot_be_ignored() -> None:
    plugin = NodeResourcesFit(NodeResourcesFitArgs(ignored_resources=("cpu",)))
    assert rejected(plugin, make_pod().requests(cpu="5"), table(BOX)) == {"a": [("Insufficient cpu", HARD)]}


def shape(*corners: tuple[int, int]) -> dict[str, Any]:
    points = [{"utilization": utilization, "score": score} for utilization, score in corners]
    return {"type": "RequestedToCapacityRatio", "requestedToCapacityRatio": {"shape": points}}


CPU_ONLY = [{"name": "cpu", "weight": 1}]
GPU_HEAVY = [{"name": "cpu", "weight": 1}, {"name": "example.com/gpu", "weight": 3}]


@pytest.mark.parametrize(
    ("strategy", "pod", "expected"),
    [
        # What is asked, of 2 cpu, 2Gi and 1 gpu: 1 cpu and 512Mi are half and a quarter.
        pytest.param({"type": "LeastAllocated"}, make_pod().requests(cpu="1", memory="512Mi"), 62, id="least"),
        pytest.param(
            {"type": "LeastAllocated", "resources": CPU_ONLY}, make_pod().requests(cpu="1"), 50, id="least of cpu"
        ),
        pytest.param({"type": "MostAllocated"}, make_pod().requests(cpu="1", memory="512Mi"), 37, id="most"),
        pytest.param(
            {"type": "MostAllocated"}, make_pod().requests(cpu="4", memory="4Gi"), 100, id="more than there is is all"
        ),
        pytest.param(
            {"type": "MostAllocated", "resources": GPU_HEAVY},
            make_pod().requests(cpu="1", gpu="1"),
            87,
            id="weighted: (50 + 3 · 100) / 4",
        ),
        pytest.param(
            {"type": "MostAllocated", "resources": GPU_HEAVY},
            make_pod().requests(cpu="1"),
            50,
            id="an extended resource that is not asked for plays no part",
        ),
        pytest.param(
            {"type": "LeastAllocated", "resources": [{"name": "example.com/none", "weight": 1}]},
            make_pod().requests(cpu="1"),
            0,
            id="a resource that no node has",
        ),
        pytest.param(
            {"type": "MostAllocated", "resources": [{"name": "ephemeral-storage", "weight": 1}]},
            make_pod().requests(ephemeral_storage="1Gi"),
            10,
            id="disk",
        ),
        pytest.param(
            shape((0, 0), (100, 10)) | {"resources": CPU_ONLY}, make_pod().requests(cpu="1"), 50, id="a rising line"
        ),
        pytest.param(
            shape((0, 10), (100, 0)) | {"resources": CPU_ONLY},
            make_pod().requests(cpu="500m"),
            75,
            id="a falling line",
        ),
        pytest.param(
            shape((40, 2), (60, 8)) | {"resources": CPU_ONLY}, make_pod().requests(cpu="1"), 50, id="between corners"
        ),
        pytest.param(
            shape((40, 2), (60, 8)) | {"resources": CPU_ONLY}, make_pod().requests(cpu="2"), 80, id="past the last one"
        ),
        pytest.param(
            shape((0, 0), (100, 10)),
            make_pod().requests(cpu="1", memory="0"),
            50,
            id="a score of nothing has no weight",
        ),
        pytest.param(
            shape((0, 0), (100, 10)),
            make_pod().requests(cpu="1", memory="522190848"),
            37,
            id="rounded to the nearest: (50 + 24) / 2",
        ),
    ],
)
def test_scoring_strategies(strategy: dict[str, Any], pod: PodBuilder, expected: int) -> None:
    args = parse_args(scoringStrategy=strategy)
    assert scores(NodeResourcesFit(args), pod, table(BOX)) == {"a": expected}


def parse_args(**fields: Any) -> NodeResourcesFitArgs:
    entry = {"name": "NodeResourcesFit", "args": fields}
    head = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}
    found = parse(orjson.dumps(head | {"profiles": [{"pluginConfig": [entry]}]}).decode()).profiles[0]
    args = found.args["NodeResourcesFit"]
    assert isinstance(args, NodeResourcesFitArgs)
    return args


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        pytest.param(None, make_node().capacity(cpu="1", memory="1Gi", pods="1"), "QUEUE", id="a node that is enough"),
        pytest.param(None, make_node().capacity(cpu="900m", memory="1Gi", pods="1"), "SKIP", id="too small"),
        pytest.param(None, make_node().capacity(cpu="1", memory="1Gi"), "SKIP", id="one that takes no pods"),
        pytest.param(
            make_node().capacity(cpu="1", memory="1Gi", pods="1"),
            make_node().capacity(cpu="2", memory="1Gi", pods="1"),
            "QUEUE",
            id="one that has grown",
        ),
        pytest.param(
            make_node().capacity(cpu="2", memory="1Gi", pods="1"),
            make_node().capacity(cpu="2", memory="2Gi", pods="1"),
            "SKIP",
            id="grown in what is not asked for",
        ),
        pytest.param(
            make_node().capacity(cpu="2", memory="1Gi", pods="1"),
            make_node().capacity(cpu="2", memory="1Gi", pods="2"),
            "QUEUE",
            id="takes more pods",
        ),
    ],
)
def test_which_nodes_wake_a_pod(old: NodeBuilder | None, new: NodeBuilder, hint: str) -> None:
    pod = make_pod().requests(cpu="1").info()
    assert NodeResourcesFit().node_may_fit(pod, old.info() if old else None, new.info()) is QueueingHint[hint]


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        pytest.param(make_pod().requests(memory="1Gi"), None, "QUEUE", id="gone: its slot is free at least"),
        pytest.param(make_pod().requests(cpu="2"), make_pod().requests(cpu="1"), "QUEUE", id="asks for less cpu"),
        pytest.param(
            make_pod().requests(memory="2Gi"), make_pod().requests(memory="1Gi"), "SKIP", id="less of something else"
        ),
    ],
)
def test_which_pods_wake_a_pod(old: PodBuilder, new: PodBuilder | None, hint: str) -> None:
    pod = make_pod().requests(cpu="1").info()
    assert pod_left(pod, old.info(), new.info() if new else None) is QueueingHint[hint]


def test_what_is_ignored_keeps_no_pod_waiting() -> None:
    pod, node = make_pod().requests(gpu="2").info(), make_node().info()
    ignoring = NodeResourcesFit(NodeResourcesFitArgs(ignored_resources=("example.com/gpu",)))
    assert ignoring.node_may_fit(pod, None, node) is QueueingHint.QUEUE
    assert NodeResourcesFit().node_may_fit(pod, None, node) is QueueingHint.SKIP
