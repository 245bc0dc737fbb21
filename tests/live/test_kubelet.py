"""The kubelet as a process, against the API server as a process."""

from collections.abc import AsyncIterator

import httpx
import pytest

from kubeclient.client import Client
from kubeclient.resources import EVENTS, LEASES, PODS
from tests.live import Cluster, Process, component, eventually
from tests.live.addresses import address, own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet

NODE = "node-1"
CIDR = own_range(28)


class Rig(NodeRig):
    """A cluster of the test's own with one kubelet."""

    def __init__(self, cluster: Cluster, client: Client) -> None:
        super().__init__(client, NODE)
        self.cluster = cluster
        self.kubelet = self.start_kubelet()

    def start_kubelet(self) -> Process:
        return start_kubelet(self.cluster, NODE, "--node-labels", "disk=ssd", "--cpu", "2000m")


@pytest.fixture
async def rig(cluster: Cluster) -> AsyncIterator[Rig]:
    async with Client(cluster.url) as client:
        yield Rig(cluster, client)


WEB = {
    "name": "web",
    "image": "nginx",
    "ports": [{"containerPort": 80}],
    "readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 1},
}


async def test_a_node_and_its_pods(rig: Rig) -> None:
    """S5, S14, S15, S16, S30, S33: registered, made ready, and a pod from POST to Ready to gone."""
    node = await rig.until_node_ready(CIDR)
    assert node.metadata.labels["disk"] == "ssd"
    assert node.metadata.labels["kubernetes.io/hostname"] == NODE
    assert node.status.capacity == {"cpu": "2", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    assert {entry.type: entry.address for entry in node.status.addresses}["InternalIP"] == address(CIDR, 1)
    lease = await rig.client.get(LEASES, NODE, namespace="kube-node-lease")
    assert (lease.spec.holder_identity, lease.spec.lease_duration_seconds) == (NODE, 40)
    await rig.create("web", WEB)
    pod = await rig.until_ready("web")
    assert (pod.status.phase, pod.status.host_ip) == ("Running", address(CIDR, 1))
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"http://{address(CIDR, 1)}:10248/readyz")).text == "ok"

    async def reasons() -> bool:
        events = (await rig.client.list(EVENTS, namespace=NAMESPACE)).items
        return {event.reason for event in events} >= {"Pulling", "Pulled", "Created", "Started"}

    await eventually(reasons)
    await rig.client.delete(PODS, "web", namespace=NAMESPACE)
    await rig.until_gone("web")


async def test_a_restarted_kubelet_starts_its_pods_once(rig: Rig) -> None:
    """S5, S17: what the killed process ran is started anew, once."""
    await rig.until_node_ready(CIDR)
    await rig.create("web", WEB)
    before = await rig.until_ready("web")
    rig.kubelet.kill()
    rig.start_kubelet()
    after = await rig.until_ready("web", restarts=1)
    assert after.metadata.uid == before.metadata.uid
    assert after.status.pod_ip != before.status.pod_ip, "an address somebody was shown with is not given out again"
    last = after.status.container_statuses[0].last_state.terminated
    assert last is not None
    assert (last.reason, last.exit_code) == ("ContainerStatusUnknown", 137)


async def test_an_api_server_that_comes_back_empty(rig: Rig) -> None:
    """The node is registered again, with its lease, and takes pods."""
    await rig.until_node_ready(CIDR)
    await rig.create("old", WEB)
    await rig.until_ready("old")
    rig.cluster.restart_apiserver()
    await rig.until_node_ready(CIDR)
    assert await eventually(lambda: rig.client.get(LEASES, NODE, namespace="kube-node-lease"))
    await rig.create("new", WEB)
    await rig.until_ready("new")


async def test_it_ends_at_once_while_the_api_server_is_away(rig: Rig) -> None:
    """Nothing that cannot be delivered holds up SIGTERM."""
    await rig.until_node_ready(CIDR)
    rig.cluster.server.process.stop()
    assert rig.kubelet.stop(timeout=2.0) == 0
    rig.cluster.restart_apiserver()


def test_a_bad_option_is_one_clear_line() -> None:
    process = component("kubelet", "--node-name", "n", "--register-with-taints", "nonsense")
    assert process.wait(20) == 2
    assert "is not of the form key=value:effect" in process.output()
