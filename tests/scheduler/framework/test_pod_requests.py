"""What pods on nodes count as, while and after they are resized."""

import pytest

from scheduler.framework.pod_requests import pod_requests
from tests.scheduler.builders import PodBuilder, make_pod


def on_node() -> PodBuilder:
    return make_pod().node("a").requests(cpu="2", memory="1Gi")


GI = 2**30


@pytest.mark.parametrize(
    ("pod", "cpu", "memory"),
    [
        pytest.param(on_node(), 2000, GI, id="no status yet"),
        pytest.param(on_node().has(cpu="2", memory="1Gi"), 2000, GI, id="as asked"),
        pytest.param(on_node().has(cpu="1", memory="1Gi"), 2000, GI, id="to grow: what is asked counts"),
        pytest.param(on_node().has(cpu="3", memory="2Gi"), 3000, 2 * GI, id="to shrink: what it has counts"),
        pytest.param(on_node().has(cpu="3", memory="512Mi"), 3000, GI, id="of each resource the larger"),
        pytest.param(
            on_node().has(cpu="1", memory="1Gi", allocated={"cpu": "4", "memory": "1Gi"}),
            4000,
            GI,
            id="what it was allocated counts",
        ),
        pytest.param(
            on_node().has(cpu="1", memory="1Gi").condition("PodResizePending", "Infeasible"),
            1000,
            GI,
            id="what its node can never give does not count",
        ),
        pytest.param(
            on_node().has(cpu="1", memory="1Gi").condition("PodResizePending", "Deferred"),
            2000,
            GI,
            id="what its node may give later counts",
        ),
        pytest.param(
            make_pod().requests(cpu="2", memory="1Gi").has(cpu="3", memory="1Gi"), 2000, GI, id="without a node"
        ),
    ],
)
def test_resized_pods(pod: PodBuilder, cpu: int, memory: int) -> None:
    assert dict(pod_requests(pod.obj()).amounts) == {"cpu": cpu, "memory": memory}


def test_other_containers_keep_what_they_ask() -> None:
    pod = on_node().requests(cpu="1", memory="1Gi").has(1, cpu="3", memory="1Gi")
    assert dict(pod_requests(pod.obj()).amounts) == {"cpu": 5000, "memory": 2 * GI}
