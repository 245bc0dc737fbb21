"""Preemption: API server and scheduler as processes; who ends the victims is a kubelet, or the test in its place."""

from collections.abc import AsyncIterator

import orjson
import pytest

from apimachinery.errors import NotFound
from apimachinery.types.pod import DISRUPTION_TARGET, Pod
from kubeclient.client import Client
from kubeclient.resources import PODS
from tests.live.addresses import own_range
from tests.live.node import NodeRig, start_kubelet
from tests.live.processes import Cluster
from tests.live.scheduling import NAMESPACE, Rig
from tests.live.waiting import eventually
from tests.scheduler.builders import make_node, make_pod

CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"


@pytest.fixture
async def rig(bare_cluster: Cluster) -> AsyncIterator[Rig]:
    async with Client(bare_cluster.url) as client:
        for name, value, policy in (("high", 1000, "PreemptLowerPriority"), ("polite", 1000, "Never")):
            body = {"metadata": {"name": name}, "value": value, "preemptionPolicy": policy}
            await client.request("POST", CLASSES, body=orjson.dumps(body))
        yield Rig(bare_cluster, client)


async def until_going(rig: Rig, name: str) -> Pod:
    async def going() -> Pod:
        pod = await rig.pod(name)
        assert pod.deleting
        return pod

    return await eventually(going)


async def until_gone(rig: Rig, name: str) -> None:
    async def gone() -> bool:
        try:
            await rig.pod(name)
        except NotFound:
            return True
        return False

    await eventually(gone)


async def test_a_less_important_pod_makes_room(rig: Rig) -> None:
    """The victim is told why and has its time; the pod gets the node that it was promised once the victim is gone."""
    await rig.create_node(make_node("only").capacity(cpu="2", memory="8Gi", pods="10"))
    await rig.create_pod(make_pod("small").requests(cpu="500m"))
    await rig.create_pod(make_pod("big").requests(cpu="1500m"))
    for name in ("small", "big"):
        await rig.until_on(name, "only")
    await rig.create_pod(make_pod("polite").requests(cpu="1").priority_class("polite"))
    await rig.until_refused(
        "polite",
        "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.",
    )
    await rig.create_pod(make_pod("vital").requests(cpu="1").priority_class("high"))
    victim = await until_going(rig, "big")
    assert victim.metadata.deletion_grace_period_seconds == 30
    condition = victim.condition(DISRUPTION_TARGET)
    assert condition is not None
    assert (condition.status, condition.reason, condition.message) == (
        "True",
        "PreemptionByScheduler",
        "default-scheduler: preempting to accommodate a higher priority pod",
    )
    vital = await rig.until_refused("vital", "0/1 nodes are available: 1 Insufficient cpu.")
    assert vital.status.nominated_node_name == "only"
    event = await rig.until_event("big", "Preempted")
    assert (event.type, event.message) == ("Normal", f"Preempted by pod {vital.metadata.uid} on node only")
    await rig.client.delete(PODS, "big", namespace=NAMESPACE, grace_period_seconds=0)
    await rig.until_on("vital", "only")
    assert not (await rig.pod("small")).deleting


async def test_nothing_is_lost_where_preemption_does_not_help(rig: Rig) -> None:
    await rig.create_node(make_node("tainted").taint("dedicated"))
    await rig.create_node(make_node("equal").capacity(cpu="1", memory="8Gi", pods="10"))
    await rig.create_node(make_node("tiny").capacity(cpu="100m", memory="8Gi", pods="10"))
    await rig.create_pod(make_pod("there").requests(cpu="1").priority_class("high"))
    await rig.until_on("there", "equal")
    await rig.create_pod(make_pod("vital").requests(cpu="1").priority_class("high"))
    await rig.until_refused(
        "vital",
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: 0/3 nodes are "
        "available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
    )
    assert not (await rig.pod("there")).deleting


@pytest.mark.slow
async def test_the_kubelet_ends_the_victim_and_starts_the_pod(rig: Rig) -> None:
    start_kubelet(rig.cluster, "node-1", "--max-pods", "1")
    await NodeRig(rig.client, "node-1").until_node_ready(own_range(28))
    await rig.create_pod(make_pod("low").grace(2))
    await rig.until_on("low", "node-1")
    await rig.create_pod(make_pod("vital").priority_class("high"))
    await until_gone(rig, "low")
    await rig.until_on("vital", "node-1")

    async def running() -> bool:
        return (await rig.pod("vital")).status.phase == "Running"

    await eventually(running)
