"""Many pods over many processes: what only shows in numbers."""

import asyncio
from typing import Any

import pytest

from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import EVENTS, NODES, PODS, REPLICASETS
from tests.live.processes import Cluster
from tests.live.waiting import eventually

PODS_WANTED = 500
NODE_COUNT = 5


def replica_set(replicas: int) -> dict[str, Any]:
    labels = {"app": "many"}
    container = {"name": "web", "image": "nginx", "readinessProbe": {"tcpSocket": {"port": 80}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "many"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


@pytest.mark.slow
async def test_five_hundred_pods_become_ready_and_go(cluster: Cluster) -> None:
    """S5, S12, S16, S28: every pod has an address of its own, the nodes share them evenly, and all go again."""
    cluster.start("scheduler")
    cluster.start("controller_manager")
    for number in range(1, NODE_COUNT + 1):
        cluster.start("kubelet", "--node-name", f"node-{number}", "--max-pods", "200")
    async with Client(cluster.url) as client, asyncio.TaskGroup() as group:
        pods = Informer(client, PODS)
        watching = group.create_task(pods.run())

        async def nodes_ready() -> bool:
            nodes = (await client.list(NODES)).items
            return sum(is_ready(node) for node in nodes) == NODE_COUNT

        await eventually(nodes_ready)
        await client.create(REPLICASETS, replica_set(PODS_WANTED), namespace="default")

        async def all_ready() -> bool:
            return sum(pod.ready for pod in pods.cache.objects()) == PODS_WANTED

        await eventually(all_ready, timeout=45)
        ready = pods.cache.objects()
        assert len({pod.status.pod_ip for pod in ready}) == PODS_WANTED
        assert all(pod.status.container_statuses[0].restart_count == 0 for pod in ready)
        assert _spread(ready) <= PODS_WANTED * 0.05
        refused = [event for event in (await client.list(EVENTS)).items if event.reason == "FailedScheduling"]
        assert all("nodes are available" in event.message for event in refused)

        await client.delete(REPLICASETS, "many", namespace="default")

        async def all_gone() -> bool:
            return not pods.cache.objects()

        await eventually(all_gone, timeout=45)
        watching.cancel()


def is_ready(node: Node) -> bool:
    return any(entry.type == "Ready" and entry.status == "True" for entry in node.status.conditions)


def _spread(pods: list[Pod]) -> int:
    """Return by how many pods the fullest node is ahead of the emptiest."""
    counts: dict[str, int] = {}
    for pod in pods:
        counts[pod.spec.node_name] = counts.get(pod.spec.node_name, 0) + 1
    assert len(counts) == NODE_COUNT
    return max(counts.values()) - min(counts.values())
