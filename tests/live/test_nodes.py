"""Nodes: many of them in one process, their names, what becomes of them when things go wrong."""

import itertools
import signal
import textwrap
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest

from apimachinery.clock import ScaledClock
from apimachinery.types.core import Node
from kubeclient.client import Client
from kubeclient.resources import LEASES, NODES, PODS
from tests.live import Cluster, component, eventually
from tests.live.addresses import address, own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet, termination_message

RANGE = own_range(16)
"""Of this module alone: other clusters on the machine have nodes in the default range."""


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    async with Client(cluster.url) as opened:
        yield opened


async def ready_nodes(client: Client, count: int) -> list[Node]:
    async def ready() -> list[Node]:
        nodes = (await client.list(NODES)).items
        found = [
            node for node in nodes if any(c.type == "Ready" and c.status == "True" for c in node.status.conditions)
        ]
        assert len(found) == count, f"{len(found)} of {len(nodes)} nodes are ready"
        return found

    return await eventually(ready, timeout=60)


async def run_a_pod_each(client: Client, names: list[str]) -> set[str]:
    """Bind a pod to every node; return the addresses of all, once they run."""
    for name in names:
        spec = {"nodeName": name, "containers": [{"name": "c", "image": "pause"}]}
        await client.create(PODS, {"metadata": {"name": f"on-{name}"}, "spec": spec}, namespace=NAMESPACE)

    async def running() -> set[str]:
        pods = (await client.list(PODS, namespace=NAMESPACE)).items
        assert {pod.status.phase for pod in pods} == {"Running"}
        return {pod.status.pod_ip for pod in pods}

    return await eventually(running, timeout=60)


async def test_shapes(cluster: Cluster, client: Client, tmp_path: Path) -> None:
    """S5, S14: nodes of several kinds in one process, each with its own range; pods run on each."""
    shapes = tmp_path / "shapes.yaml"
    shapes.write_text(
        textwrap.dedent("""
            nodes:
            - {name: "small-{index}", count: 2, cpu: 1, zones: [a, b]}
            - name: gpu
              extendedResources: {nvidia.com/gpu: 4}
              taints: [{key: gpu, effect: PreferNoSchedule}]
              images: ["nginx:1.27"]
        """)
    )
    cluster.start("controller_manager", "--cluster-cidr", RANGE)
    cluster.start("kubelet", "--node-shapes", str(shapes))
    nodes = {node.metadata.name: node for node in await ready_nodes(client, 3)}
    first_three = itertools.islice(ip_network(RANGE).subnets(new_prefix=24), 3)
    assert {node.spec.pod_cidr for node in nodes.values()} >= set(map(str, first_three))
    assert nodes["small-1"].metadata.labels["topology.kubernetes.io/zone"] == "b"
    assert nodes["small-1"].status.capacity["cpu"] == "1"
    assert nodes["gpu"].status.allocatable["nvidia.com/gpu"] == "4"
    assert nodes["gpu"].spec.taints[0].key == "gpu"
    assert [image.names for image in nodes["gpu"].status.images] == [["docker.io/library/nginx:1.27"]]
    assert len(await run_a_pod_each(client, list(nodes))) == 3
    leases = {lease.metadata.name for lease in (await client.list(LEASES, namespace="kube-node-lease")).items}
    assert leases == set(nodes)


@pytest.mark.slow
async def test_a_hundred_nodes_in_one_process(cluster: Cluster, client: Client) -> None:
    """S5, S6: every one becomes Ready and runs a pod with an address of its own."""
    cluster.start("controller_manager", "--cluster-cidr", RANGE)
    cluster.start("kubelet", "--nodes", "100", "--name-prefix", "n-")
    nodes = await ready_nodes(client, 100)
    assert {node.metadata.name for node in nodes} == {f"n-{number}" for number in range(100)}
    assert len(await run_a_pod_each(client, [node.metadata.name for node in nodes])) == 100


async def test_a_taken_name_is_refused_until_its_holder_is_gone(cluster: Cluster, client: Client) -> None:
    rig = NodeRig(client, "node-1")
    first = start_kubelet(cluster, "node-1")
    await rig.until_node_ready(own_range(28))
    second = component("kubelet", "--server", cluster.url, "--node-name", "node-1")
    assert second.wait(20) == 1
    assert "another kubelet runs node node-1" in second.output()
    assert "Traceback" not in second.output()
    await rig.create("web", {"name": "c", "image": "pause"})
    await rig.until_ready("web")
    first.kill()
    start_kubelet(cluster, "node-1")
    await rig.until_ready("web", restarts=1)


async def test_a_deleted_node_comes_back(cluster: Cluster, client: Client) -> None:
    """Registered again, with its lease; its pods run on."""
    rig = NodeRig(client, "node-1")
    start_kubelet(cluster, "node-1")
    cidr = own_range(28)
    before = await rig.until_node_ready(cidr)
    await rig.create("web", {"name": "c", "image": "pause"})
    pod = await rig.until_ready("web")
    await client.delete(NODES, "node-1")
    after = await rig.until_node_ready(cidr)
    assert after.metadata.uid != before.metadata.uid
    assert (await rig.until_ready("web")).status == pod.status


@pytest.mark.slow
async def test_another_range_starts_all_pods_anew(cluster: Cluster, client: Client) -> None:
    """S5: pods have addresses from the range that their node has now."""
    rig = NodeRig(client, "node-1")
    start_kubelet(cluster, "node-1")
    old, new = own_range(28), own_range(28)
    await rig.until_node_ready(old)
    await rig.create("web", {"name": "c", "image": "pause"})
    before = await rig.until_ready("web")
    await client.delete(NODES, "node-1")
    await rig.until_node_ready(new)
    after = await rig.until_ready("web", restarts=1)
    assert ip_address(before.status.pod_ip) in ip_network(old)
    assert ip_address(after.status.pod_ip) in ip_network(new)
    assert after.status.host_ip == address(new, 1)


async def test_a_status_is_delivered_when_the_api_server_is_back(cluster: Cluster, client: Client) -> None:
    """S15: what happens in more than a minute, as the kubelet's clock has it, is told once somebody listens."""
    rig = NodeRig(client, "node-1")
    start_kubelet(cluster, "node-1", "--time-scale", "40")
    cidr = own_range(28)
    await rig.until_node_ready(cidr)
    ending = {
        "name": "c",
        "image": "busybox",
        "command": ["sh", "-c", "trap 'echo last words > /dev/termination-log; exit 0' TERM; sleep 1000000 & wait"],
    }
    await rig.create("web", ending, restartPolicy="Never")
    await rig.until_phase("web", "Running")
    kubelet_clock = ScaledClock(40)
    cluster.server.process.send_signal(signal.SIGSTOP)
    kubelet = f"http://{address(cidr, 1)}:10250"
    began = kubelet_clock.monotonic()
    try:
        async with httpx.AsyncClient(trust_env=False, base_url=kubelet) as http:
            assert (await http.post("/debug/kill/default/web/c?signal=TERM")).is_success

            async def ended() -> bool:
                (pod,) = (await http.get("/pods")).json()["items"]
                return bool(pod["status"]["phase"] == "Succeeded")

            assert await eventually(ended), "the kubelet knows, and cannot say it"
        await kubelet_clock.sleep(began + 70 - kubelet_clock.monotonic())
    finally:
        cluster.server.process.send_signal(signal.SIGCONT)
    pod = await rig.until_phase("web", "Succeeded")
    assert termination_message(pod).strip() == "last words"


@pytest.mark.slow
async def test_a_node_that_is_not_registered(cluster: Cluster, client: Client) -> None:
    """--register-node=false: somebody else makes the Node, and the kubelet then keeps its status."""
    rig = NodeRig(client, "node-1")
    start_kubelet(cluster, "node-1", "--register-node=false")

    async def alive() -> bool:
        return any((await client.list(LEASES, namespace="kube-node-lease")).items)

    await eventually(alive)
    assert not (await client.list(NODES)).items
    await client.create(NODES, {"metadata": {"name": "node-1"}})
    await rig.until_node_ready(own_range(28))


async def test_what_a_node_has_no_room_for(cluster: Cluster, client: Client) -> None:
    """S7: reserved and kept back, then refused by the node itself when it is bound all the same."""
    rig = NodeRig(client, "node-1")
    start_kubelet(cluster, "node-1", "--cpu", "2", "--system-reserved", "cpu=500m")
    node = await rig.until_node_ready(own_range(28))
    assert (node.status.capacity["cpu"], node.status.allocatable["cpu"]) == ("2", "1500m")
    assert (node.status.capacity["memory"], node.status.allocatable["memory"]) == ("8Gi", "8092Mi")
    await rig.create("big", {"name": "c", "image": "pause", "resources": {"requests": {"cpu": "2"}}})
    pod = await rig.until_phase("big", "Failed")
    assert pod.status.reason == "OutOfcpu"
    assert pod.status.message == (
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 0, capacity: 1500"
    )
    assert not pod.status.container_statuses
    await client.delete(PODS, "big", namespace=NAMESPACE)
    await rig.until_gone("big")


async def test_a_node_short_of_memory(cluster: Cluster, client: Client) -> None:
    """S7: the pod that uses most is evicted, and the node says that it is under pressure."""
    rig = NodeRig(client, "node-1")
    start_kubelet(cluster, "node-1", "--memory", "1Gi", "--node-status-update-frequency", "1s")
    await rig.until_node_ready(own_range(28))
    await rig.create("small", {"name": "c", "image": "pause"})
    await rig.until_ready("small")
    hog = {"metadata": {"name": "hog", "annotations": {"kubemu.io/memory": "1000Mi"}}}
    spec = {"nodeName": "node-1", "containers": [{"name": "c", "image": "pause"}]}
    await client.create(PODS, {**hog, "spec": spec}, namespace=NAMESPACE)
    pod = await rig.until_phase("hog", "Failed")
    assert pod.status.reason == "Evicted"
    assert pod.status.message.startswith("The node was low on resource: memory. Threshold quantity: 100Mi, available: ")

    async def pressed() -> bool:
        found = (await client.get(NODES, "node-1")).status.conditions
        return ("MemoryPressure", "True") in {(entry.type, entry.status) for entry in found}

    await eventually(pressed)
    assert (await rig.get("small")).status.phase == "Running"
    await rig.create("late", {"name": "c", "image": "pause"})
    late = await rig.until_phase("late", "Failed")
    assert (late.status.reason, late.status.message) == (
        "Evicted",
        "Pod was rejected: The node had condition: [MemoryPressure]. ",
    )


async def test_graceful_shutdown(cluster: Cluster, client: Client) -> None:
    """S7: at SIGTERM the node says so and its pods end, with their grace period."""
    rig = NodeRig(client, "node-1")
    kubelet = start_kubelet(
        cluster, "node-1", "--shutdown-grace-period", "5s", "--shutdown-grace-period-critical-pods", "1s"
    )
    await rig.until_node_ready(own_range(28))
    await rig.create("web", {"name": "c", "image": "pause"})
    await rig.until_ready("web")
    assert kubelet.stop() == 0
    pod = await rig.get("web")
    assert (pod.status.phase, pod.status.reason) == ("Failed", "Terminated")
    conditions = {entry.type: entry for entry in (await client.get(NODES, "node-1")).status.conditions}
    assert (conditions["Ready"].status, conditions["Ready"].message) == ("False", "node is shutting down")
