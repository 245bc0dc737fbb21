"""A node that dies, as a user meets it: what is said of it and its pods, and where these go."""

import signal
from collections.abc import AsyncIterator

import pytest

from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import ENDPOINT_SLICES, EVENTS, NODES, PODS, REPLICASETS, SERVICES
from tests.live import Cluster, eventually
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, start_kubelet

RANGE = own_range(18)
"""Of this module alone: other clusters on the machine have nodes in the default range."""

TIMES = (
    "--node-monitor-period=200ms",
    "--node-monitor-grace-period=2s",
    "--node-eviction-rate=10",
    "--reschedule-bare-pods=true",
)
TOLERATIONS = [
    {"key": f"node.kubernetes.io/{state}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}
    for state in ("unreachable", "not-ready")
]
SPEC = {"containers": [{"name": "c", "image": "pause"}], "tolerations": TOLERATIONS, "terminationGracePeriodSeconds": 1}


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    async with Client(cluster.url) as opened:
        yield opened


def _ready(node: Node) -> str:
    return next((entry.status for entry in node.status.conditions if entry.type == "Ready"), "")


async def _pods(client: Client, *, node: str = "") -> dict[str, Pod]:
    found = (await client.list(PODS, namespace=NAMESPACE)).items
    return {pod.metadata.name: pod for pod in found if not node or pod.spec.node_name == node}


async def _until_node(client: Client, name: str, ready: str) -> Node:
    async def so() -> Node:
        node = await client.get(NODES, name)
        assert _ready(node) == ready, node.status.conditions
        return node

    return await eventually(so)


@pytest.mark.slow
async def test_a_node_dies_and_comes_back(cluster: Cluster, client: Client) -> None:
    """S7, S18: its pods are Unknown, then others stand for them elsewhere; what is left goes when it is back."""
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", RANGE, *TIMES)
    kubelets = {name: start_kubelet(cluster, name, "--node-lease-duration=1s") for name in ("n1", "n2")}
    await eventually(lambda: _registered(client, 2))
    for name in kubelets:
        await _until_node(client, name, "True")
    selector = {"matchLabels": {"app": "web"}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": SPEC}
    body = {"metadata": {"name": "web"}, "spec": {"replicas": 2, "selector": selector, "template": template}}
    await client.create(SERVICES, _service(), namespace=NAMESPACE)
    await client.create(REPLICASETS, body, namespace=NAMESPACE)
    bare = {"metadata": {"name": "bare", "labels": {"bare": "yes"}}, "spec": {**SPEC, "nodeName": "n1"}}
    await client.create(PODS, bare, namespace=NAMESPACE)

    async def settled() -> bool:
        pods = await _pods(client)
        assert len(pods) == 3
        assert all(pod.ready for pod in pods.values()), pods
        return {pod.spec.node_name for pod in pods.values()} == {"n1", "n2"} and await _led_to(client) == 2

    await eventually(settled)
    lost = await _pods(client, node="n1")
    kubelets["n1"].kill()

    node = await _until_node(client, "n1", "Unknown")
    by_type = {entry.type: (entry.status, entry.reason, entry.message) for entry in node.status.conditions}
    for kind in ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure"):
        assert by_type[kind] == ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")

    async def unknown() -> bool:
        now = await _pods(client, node="n1")
        assert now.keys() == lost.keys()
        for name, pod in now.items():
            assert (pod.status.phase, pod.status.reason, pod.ready) == ("Unknown", "NodeLost", False)
            assert pod.status.message == f"Node n1 which was running pod {name} is unresponsive"
        taints = {(taint.key, taint.effect) for taint in (await client.get(NODES, "n1")).spec.taints}
        assert taints == {("node.kubernetes.io/unreachable", effect) for effect in ("NoSchedule", "NoExecute")}
        return True

    await eventually(unknown)

    async def elsewhere() -> bool:
        dead, alive = await _pods(client, node="n1"), await _pods(client, node="n2")
        assert all(pod.deleting for pod in dead.values())
        assert len(alive) == 3
        assert all(pod.ready for pod in alive.values())
        assert {pod.metadata.annotations.get("kubemu.io/replaces") for pod in alive.values()} == {None, "bare"}
        return await _led_to(client) == 2

    await eventually(elsewhere)
    events = (await client.list(EVENTS, namespace=NAMESPACE)).items
    assert f"Marking for deletion Pod {NAMESPACE}/bare" in {entry.message for entry in events}
    condition = (await client.get(PODS, "bare", namespace=NAMESPACE)).condition("DisruptionTarget")
    assert condition is not None
    assert (condition.status, condition.reason) == ("True", "DeletionByTaintManager")

    start_kubelet(cluster, "n1", "--node-lease-duration=1s")
    await _until_node(client, "n1", "True")

    async def clean() -> bool:
        assert not await _pods(client, node="n1")
        return not (await client.get(NODES, "n1")).spec.taints

    await eventually(clean)


@pytest.mark.slow
async def test_a_node_that_was_only_cut_off(cluster: Cluster, client: Client) -> None:
    """S7: a kubelet that can be reached again says of its pods what is true, though nothing about them has changed."""
    cluster.start("controller_manager", "--cluster-cidr", RANGE, *TIMES)
    kubelet = start_kubelet(cluster, "n1", "--node-lease-duration=1s")
    await eventually(lambda: _registered(client, 1))
    await _until_node(client, "n1", "True")
    pod = {"metadata": {"name": "web"}, "spec": {"nodeName": "n1", "containers": SPEC["containers"]}}
    await client.create(PODS, pod, namespace=NAMESPACE)

    async def phase(name: str, *, ready: bool) -> Pod:
        found = await client.get(PODS, "web", namespace=NAMESPACE)
        assert (found.status.phase, found.ready) == (name, ready), found.status
        return found

    before = await eventually(lambda: phase("Running", ready=True))
    kubelet.send_signal(signal.SIGSTOP)
    try:
        await eventually(lambda: phase("Unknown", ready=False))
        # No node is left that is ready: more likely the nodes are fine, and pods stay.
        taints = {(taint.key, taint.effect) for taint in (await client.get(NODES, "n1")).spec.taints}
        assert ("node.kubernetes.io/unreachable", "NoExecute") not in taints
    finally:
        kubelet.send_signal(signal.SIGCONT)
    after = await eventually(lambda: phase("Running", ready=True))
    assert (after.status.reason, after.status.message) == ("", "")
    assert after.status.container_statuses == before.status.container_statuses
    await _until_node(client, "n1", "True")


async def _registered(client: Client, count: int) -> bool:
    return len((await client.list(NODES)).items) == count


def _service() -> dict[str, object]:
    return {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}


async def _led_to(client: Client) -> int:
    """Return how many ready endpoints the Service has."""
    selector = "kubernetes.io/service-name=web"
    slices = (await client.list(ENDPOINT_SLICES, namespace=NAMESPACE, label_selector=selector)).items
    return sum(bool(end.conditions.ready) for found in slices for end in found.endpoints)
