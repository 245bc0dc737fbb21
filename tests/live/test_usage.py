"""What nodes and pods use, as clients see it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from kubeclient.resources import PODS
from tests.live.addresses import own_range
from tests.live.node import NodeRig, one_node, ready_node
from tests.live.processes import Cluster, Kubectl, require_kubectl
from tests.live.waiting import eventually

NODE = "usage-1"
CIDR = own_range(24)
ROOT = "/apis/metrics.k8s.io/v1beta1"


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    yield from one_node(NODE)


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    async with ready_node(nodes, NODE, CIDR) as opened:
        yield opened


async def test_kubectl_top(rig: NodeRig, nodes: Cluster, tmp_path: Path) -> None:
    """``kubectl top`` works with nothing installed; the kubelet's own pages are behind the node's proxy."""
    require_kubectl()
    kubectl = Kubectl(nodes.url, tmp_path)
    web, side = ({"name": name, "image": "busybox", "command": ["sleep", "1000"]} for name in ("web", "side"))
    annotations = {
        "kubemu.io/cpu.web": "250m",
        "kubemu.io/memory.web": "64Mi",
        "kubemu.io/cpu.side": "50m",
        "kubemu.io/memory.side": "16Mi",
    }
    pod = {
        "metadata": {"name": "busy", "labels": {"app": "busy"}, "annotations": annotations},
        "spec": {"nodeName": NODE, "containers": [web, side]},
    }
    await rig.client.create(PODS, pod, namespace="default")
    await rig.until_ready("busy")

    async def top(*args: str) -> list[list[str]]:
        text = await asyncio.to_thread(kubectl.run, "top", *args)
        return [line.split() for line in text.splitlines()]

    async def told() -> list[list[str]]:
        rows = await top("pods")
        assert rows[1:2] == [["busy", "300m", "80Mi"]], rows
        return rows

    assert (await eventually(told))[0] == ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert (await top("pods", "--containers", "--sort-by=cpu"))[1:] == [
        ["busy", "web", "250m", "64Mi"],
        ["busy", "side", "50m", "16Mi"],
    ]
    assert (await top("pods", "-A", "-l", "app=busy", "--no-headers")) == [["default", "busy", "300m", "80Mi"]]
    name, cpu, share, memory, _ = (await top("nodes"))[1]
    assert (name, cpu, share, memory) == (NODE, "320m", "8%", "208Mi")
    async with httpx.AsyncClient(base_url=nodes.url, trust_env=False) as http:
        page = (await http.get(f"/api/v1/nodes/{NODE}/proxy/metrics/resource")).text
        assert (
            'container_memory_working_set_bytes{container="web",namespace="default",pod="busy"} 6.7108864e+07' in page
        )
        shown = (await http.get(f"{ROOT}/namespaces/default/pods/busy")).json()
    assert shown["kind"] == "PodMetrics"
    assert shown["metadata"]["labels"] == {"app": "busy"}
