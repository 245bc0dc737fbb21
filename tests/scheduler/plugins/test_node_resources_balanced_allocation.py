import pytest

from scheduler.config.args import NodeResourcesBalancedAllocationArgs, ResourceSpec
from scheduler.plugins.node_resources_balanced_allocation import NodeResourcesBalancedAllocation
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import scores


@pytest.mark.parametrize(
    ("node", "pod", "expected"),
    [
        pytest.param(make_node("a"), make_pod().requests(cpu="1", memory="2Gi"), 100, id="in equal measure"),
        pytest.param(make_node("a"), make_pod().requests(cpu="4"), 50, id="all cpu, no memory"),
        pytest.param(make_node("a"), make_pod().requests(memory="4Gi"), 75, id="half the memory, no cpu"),
        pytest.param(make_node("a"), make_pod().requests(cpu="8", memory="8Gi"), 100, id="no more than all counts"),
        pytest.param(
            make_node("a").capacity(cpu="4", pods="1"), make_pod().requests(cpu="3"), 100, id="nothing to compare with"
        ),
    ],
)
def test_score(node: NodeBuilder, pod: PodBuilder, expected: int) -> None:
    found = scores(NodeResourcesBalancedAllocation(), pod, table(node, make_node("other")))
    assert found is not None
    assert found["a"] == expected


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(make_pod(), id="nothing asked"),
        pytest.param(make_pod().requests(cpu="0", memory="0"), id="zero asked"),
        pytest.param(make_pod().requests(gpu="1"), id="something else asked"),
    ],
)
def test_pods_that_ask_for_neither_are_not_scored(pod: PodBuilder) -> None:
    assert scores(NodeResourcesBalancedAllocation(), pod, table(make_node("a"))) is None


def test_real_requests_count_not_the_defaults() -> None:
    nodes = table(make_node("a"), pods=(make_pod("idle").node("a"),))
    pod = make_pod().requests(cpu="1", memory="2Gi")
    assert scores(NodeResourcesBalancedAllocation(), pod, nodes) == {"a": 100}


def three() -> NodeResourcesBalancedAllocation:
    names = ("cpu", "memory", "example.com/gpu")
    return NodeResourcesBalancedAllocation(
        NodeResourcesBalancedAllocationArgs(resources=tuple(ResourceSpec(name=name) for name in names))
    )


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        # Of 4 cpu, 8Gi and 2 gpu.
        pytest.param(make_pod().requests(cpu="2", memory="4Gi", gpu="1"), 100, id="all three in equal measure"),
        pytest.param(make_pod().requests(cpu="4"), 50, id="an extended resource that is not asked for plays no part"),
        # The fractions 0, 0 and 1 have a standard deviation of 0.4714.
        pytest.param(make_pod().requests(gpu="2"), 52, id="all of one of three"),
    ],
)
def test_other_resources(pod: PodBuilder, expected: int) -> None:
    node = make_node("a").capacity(cpu="4", memory="8Gi", gpu="2", pods="10")
    assert scores(three(), pod, table(node)) == {"a": expected}
