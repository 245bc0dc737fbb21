"""What less important pods have of nodes."""

import numpy as np

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.demands import Demand
from scheduler.plugins.node_resources_fit import NodeResourcesFit
from scheduler.preemption.reclaimable import Reclaimable
from tests.scheduler.builders import make_node, make_pod
from tests.scheduler.preemption.world import Preempting


def cpu(cluster: Preempting) -> Demand:
    pod = make_pod().requests(cpu="1").info()
    return next(entry for entry in NodeResourcesFit().demands(CycleState(), pod, cluster.nodes) if entry.key == "cpu")


def test_sums_follow_pods_and_nodes() -> None:
    cluster = Preempting(
        make_node("a"),
        make_node("b"),
        pods=(
            make_pod("low").node("a").priority(1).requests(cpu="500m"),
            make_pod("mid").node("a").priority(5).requests(cpu="1"),
            make_pod("high").node("b").priority(9).requests(cpu="2"),
        ),
    )
    sums = Reclaimable(cluster.cache.pods_on)
    assert sums.pods(cluster.nodes, 5).tolist() == [1, 0]
    assert sums.amounts(cluster.nodes, 5, cpu(cluster)).tolist() == [500, 0]
    assert sums.amounts(cluster.nodes, 10, cpu(cluster)).tolist() == [1500, 2000]
    cluster.add(make_pod("more").node("b").requests(cpu="250m"))
    cluster.remove(make_pod("low"))
    assert sums.pods(cluster.nodes, 5).tolist() == [0, 1]
    assert sums.amounts(cluster.nodes, 5, cpu(cluster)).tolist() == [0, 250]
    cluster.cache.set_node(make_node("c").info())
    cluster.cache.remove_node("a")
    assert np.array_equal(sums.amounts(cluster.nodes, 10, cpu(cluster)), [0, 2250])
