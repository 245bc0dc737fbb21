"""DefaultPreemption: what it decides in a cycle."""

import pytest

from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from tests.controller_manager.builders import volume
from tests.scheduler.builders import PodBuilder, make_node, make_pod
from tests.scheduler.preemption.world import Preempting
from tests.scheduler.storage.world import bound

FULL = {"cpu": "2", "memory": "8Gi", "pods": "10"}


def vital() -> PodBuilder:
    return make_pod("vital").priority(100).requests(cpu="1")


def cluster(*pods: PodBuilder) -> Preempting:
    return Preempting(make_node("a").capacity(**FULL), make_node("b").taint("dedicated"), pods=pods)


def test_promises_the_node_whose_pods_have_to_go() -> None:
    cycle = cluster(low()).cycle(vital())
    assert cycle.decision.message == "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s)."
    assert cycle.post_filter is not None
    assert cycle.post_filter.status.success
    assert cycle.post_filter.nominated_node_name == "a"
    assert cycle.post_filter.effect is not None


def test_the_node_that_loses_least_is_chosen() -> None:
    found = Preempting(
        make_node("a").capacity(**FULL),
        make_node("b").capacity(**FULL),
        make_node("c").capacity(**FULL),
        pods=(
            make_pod("mid").node("a").requests(cpu="2").priority(50),
            make_pod("one").node("b").requests(cpu="1500m").priority(1),
            make_pod("two").node("b").requests(cpu="500m").priority(1),
            make_pod("three").node("c").requests(cpu="1").priority(2),
            make_pod("four").node("c").requests(cpu="1").priority(3),
        ),
    )
    result = found.cycle(vital()).post_filter
    assert result is not None
    assert result.nominated_node_name == "b"


def test_a_promise_is_taken_back_when_nothing_helps() -> None:
    result = cluster(make_pod("peer").node("a").requests(cpu="2").priority(100)).cycle(vital()).post_filter
    assert result is not None
    assert (result.nominated_node_name, result.effect) == ("", None)
    assert result.status.message == (
        "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, "
        "1 Preemption is not helpful for scheduling."
    )


def test_a_pod_that_must_not_preempt() -> None:
    result = cluster(low()).cycle(vital().preempts_nobody()).post_filter
    assert result is not None
    assert (result.nominated_node_name, result.effect) == (None, None)
    assert result.status.message == "preemption: not eligible due to preemptionPolicy=Never."


def low() -> PodBuilder:
    return make_pod("low").node("a").requests(cpu="2")


def going(reason: str) -> PodBuilder:
    return low().deleting().condition("DisruptionTarget", reason)


@pytest.mark.parametrize(
    ("there", "promised", "waits"),
    [
        pytest.param(going("PreemptionByScheduler"), "a", True, id="its victim is going"),
        pytest.param(going("EvictionByEvictionAPI"), "a", False, id="a pod is going for another reason"),
        pytest.param(low().deleting(), "a", False, id="a pod is going for no reason"),
        pytest.param(going("PreemptionByScheduler"), "", False, id="no node was promised"),
        pytest.param(going("PreemptionByScheduler"), "b", False, id="the promised node can never take it"),
        pytest.param(going("PreemptionByScheduler"), "gone", False, id="the promised node is gone"),
    ],
)
def test_waits_for_victims(there: PodBuilder, promised: str, waits: bool) -> None:
    found = cluster(there)
    if promised:
        found.handle.nominator.nominate(vital().info(), promised)
    result = found.cycle(vital()).post_filter
    assert result is not None
    waiting = "preemption: not eligible due to a terminating pod on the nominated node."
    assert (result.status.message == waiting) is waits
    assert result.status.success is not waits


def test_victims_that_were_asked_to_go_are_waited_for_before_that_is_shown() -> None:
    found = cluster(low())
    first = found.cycle(vital()).post_filter
    assert first is not None
    found.handle.nominator.nominate(vital().info(), "a")
    second = found.cycle(vital()).post_filter
    assert second is not None
    assert not second.status.success
    # The victim is gone, and another has taken its place.
    found.remove(low())
    found.add(make_pod("next").node("a").requests(cpu="2"))
    third = found.cycle(vital()).post_filter
    assert third is not None
    assert third.status.success


def test_whoever_has_a_claim_for_one_pod_goes_from_its_node() -> None:
    """The claim is taken on every node; only where its holder is does somebody's going help."""
    found = Preempting(
        make_node("a"),
        make_node("b"),
        pods=(make_pod("holder").node("b").claim("one"), make_pod("other").node("a"), make_pod("third").node("b")),
    )
    informers = found.handle.informers
    for resource, obj in (
        (PERSISTENT_VOLUME_CLAIMS, bound("one", modes=("ReadWriteOncePod",))),
        (PERSISTENT_VOLUMES, volume(claim="one")),
    ):
        informers.of(resource)._apply(obj.key, obj)
    cycle = found.cycle(vital().claim("one"))
    assert cycle.decision.message.startswith(
        "0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim"
    )
    assert cycle.post_filter is not None
    assert cycle.post_filter.nominated_node_name == "b"
    assert [pod.name for pod in found.handle.pods_on("b")] == ["holder", "third"]
