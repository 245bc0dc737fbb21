"""A live cluster with kubelets, whose nodes the test gives their ranges of pod addresses."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from apimachinery.errors import NotFound
from apimachinery.types.core import Event, Node
from apimachinery.types.pod import ContainerStatus, Pod
from kubeclient.client import Client
from kubeclient.resources import EVENTS, NODES, PODS
from tests.live.processes import Cluster, Process, component
from tests.live.waiting import eventually

NAMESPACE = "default"


def start_kubelet(cluster: Cluster, node: str, *args: str, server: str = "") -> Process:
    """Start a kubelet that ends with the cluster."""
    cluster.components.append(component("kubelet", "--server", server or cluster.url, "--node-name", node, *args))
    return cluster.components[-1]


def one_node(node: str) -> Iterator[Cluster]:
    """A cluster with one kubelet, for a fixture that several tests share; it ends with the fixture."""
    cluster = Cluster()
    start_kubelet(cluster, node)
    yield cluster
    cluster.stop()


@asynccontextmanager
async def ready_node(cluster: Cluster, node: str, cidr: str) -> AsyncIterator["NodeRig"]:
    """Open a node of a cluster, which has its range of pod addresses and is ready."""
    async with Client(cluster.url) as client:
        rig = NodeRig(client, node)
        await rig.until_node_ready(cidr)
        yield rig


class NodeRig:
    """Pods of one namespace, bound to a node by hand."""

    def __init__(self, client: Client, node: str, namespace: str = NAMESPACE) -> None:
        self.client = client
        self.node = node
        self.namespace = namespace

    async def until_node_ready(self, cidr: str) -> Node:
        """Give the node its range and wait until it is ready."""

        async def ready() -> Node:
            try:
                node = await self.client.get(NODES, self.node)
            except NotFound:
                raise AssertionError("not registered") from None
            if not node.spec.pod_cidr:
                await self.client.patch(NODES, self.node, {"spec": {"podCIDR": cidr, "podCIDRs": [cidr]}})
            found = {condition.type: condition.status for condition in node.status.conditions}
            assert found.get("Ready") == "True", node.status.conditions
            return node

        return await eventually(ready)

    async def create(self, name: str, *containers: dict[str, Any], node: str = "", **spec: Any) -> Pod:
        pod = {
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"nodeName": node or self.node, "containers": list(containers), **spec},
        }
        return await self.client.create(PODS, pod, namespace=self.namespace)

    async def get(self, name: str) -> Pod:
        return await self.client.get(PODS, name, namespace=self.namespace)

    async def until_ready(self, name: str, *, restarts: int = 0) -> Pod:
        async def ready() -> Pod:
            pod = await self.get(name)
            assert pod.ready, pod.status
            assert pod.status.container_statuses[0].restart_count == restarts, pod.status
            return pod

        return await eventually(ready)

    async def until_phase(self, name: str, phase: str) -> Pod:
        async def there() -> Pod:
            pod = await self.get(name)
            assert pod.status.phase == phase, pod.status
            return pod

        return await eventually(there)

    async def until_waiting(self, name: str, reason: str) -> ContainerStatus:
        async def there() -> ContainerStatus:
            (status,) = (await self.get(name)).status.container_statuses or [None]
            assert status is not None
            assert status.state.waiting is not None, status.state
            assert status.state.waiting.reason == reason, status.state
            return status

        return await eventually(there)

    async def until_gone(self, name: str) -> None:
        async def gone() -> bool:
            try:
                await self.get(name)
            except NotFound:
                return True
            return False

        await eventually(gone)

    async def until_event(self, name: str, reason: str) -> Event:
        selector = f"involvedObject.name={name},reason={reason}"

        async def noted() -> Event:
            found = await self.client.list(EVENTS, namespace=self.namespace, field_selector=selector)
            assert found.items, f"no event {reason} about {name}"
            return found.items[0]

        return await eventually(noted)

    async def output(self, name: str, script: str, **spec: Any) -> str:
        """Run a shell script in a pod to its end, and return what it leaves as its termination message."""
        container = {"name": "sh", "image": "busybox", "command": ["sh", "-c", script], **spec.pop("container", {})}
        await self.create(name, container, restartPolicy="Never", **spec)
        return termination_message(await self.until_phase(name, "Succeeded"))


def termination_message(pod: Pod) -> str:
    terminated = pod.status.container_statuses[0].state.terminated
    assert terminated is not None, pod.status
    return terminated.message
