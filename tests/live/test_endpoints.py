"""Services and the readiness of what is behind them, with a real kubelet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kubeclient.client import Client
from kubeclient.resources import ENDPOINT_SLICES, ENDPOINTS, SERVICES
from tests.live import Cluster, eventually
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet
from tests.live.processes import Kubectl, require_kubectl

RANGE = own_range(18)
"""Of this module alone: other clusters on the machine have nodes in the default range."""


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    async with Client(cluster.url) as opened:
        yield opened


async def told(client: Client) -> tuple[list[tuple[str, bool | None]], list[str], list[str]]:
    """Return addresses and readiness in the slices, then the ready and the other addresses of the Endpoints."""
    slices = (
        await client.list(ENDPOINT_SLICES, namespace=NAMESPACE, label_selector="kubernetes.io/service-name=web")
    ).items
    found = (await client.list(ENDPOINTS, namespace=NAMESPACE, field_selector="metadata.name=web")).items
    subsets = [subset for entry in found for subset in entry.subsets]
    return (
        [(end.addresses[0], end.conditions.ready) for found in slices for end in found.endpoints],
        [address.ip for subset in subsets for address in subset.addresses],
        [address.ip for subset in subsets for address in subset.not_ready_addresses],
    )


@pytest.mark.slow
async def test_endpoints_follow_a_readiness_probe(cluster: Cluster, client: Client, tmp_path: Path) -> None:
    """S30: a pod whose probe fails is out of its Service's endpoints; it is back when the probe succeeds again."""
    require_kubectl()
    kubectl = Kubectl(cluster.url, tmp_path)
    cluster.start("controller_manager", "--cluster-cidr", RANGE)
    start_kubelet(cluster, "node-1")
    rig = NodeRig(client, "node-1")
    ports = [{"port": 80, "targetPort": "http"}]
    body = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": ports}}
    await client.create(SERVICES, body, namespace=NAMESPACE)
    container = {
        "name": "c",
        "image": "busybox",
        "command": ["sh", "-c", "touch /ready; sleep 3600"],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"exec": {"command": ["cat", "/ready"]}, "periodSeconds": 1, "failureThreshold": 1},
    }
    await rig.create("web", container)
    pod = await rig.until_ready("web")
    ip = pod.status.pod_ip

    async def shows(*, ready: bool) -> bool:
        assert await told(client) == ([(ip, ready)], [ip] if ready else [], [] if ready else [ip])
        return True

    await eventually(lambda: shows(ready=True))
    for ready, command in ((False, "rm"), (True, "touch")):
        kubectl.run("exec", "web", "--", command, "/ready")
        await eventually(lambda ready=ready: shows(ready=ready))
