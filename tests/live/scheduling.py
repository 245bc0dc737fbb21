"""A cluster of bare nodes with a scheduler, and how tests look at what it does."""

from apimachinery.types.core import Event, Node
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import EVENTS, NODES, PODS
from tests.live.processes import Cluster, free_port
from tests.live.waiting import eventually
from tests.scheduler.builders import NodeBuilder, PodBuilder

NAMESPACE = "default"


class Rig:
    """A cluster with a scheduler, and a client of it."""

    def __init__(self, cluster: Cluster, client: Client, *options: str) -> None:
        self.cluster = cluster
        self.client = client
        self.port = free_port()
        self.scheduler = cluster.start("scheduler", "--seed", "1", "--secure-port", str(self.port), *options)

    @property
    def pages(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def create_node(self, node: NodeBuilder) -> Node:
        return await self.client.create(NODES, node.obj())

    async def create_pod(self, pod: PodBuilder) -> Pod:
        obj = pod.obj()
        obj.metadata.uid = ""
        for container in [*obj.spec.containers, *obj.spec.init_containers]:
            container.image = "registry.k8s.io/pause:3.10"
        return await self.client.create(PODS, obj)

    async def pod(self, name: str) -> Pod:
        return await self.client.get(PODS, name, namespace=NAMESPACE)

    async def until_on(self, name: str, node: str) -> Pod:
        async def bound() -> Pod:
            pod = await self.pod(name)
            assert pod.spec.node_name == node, pod.status.conditions
            return pod

        return await eventually(bound)

    async def until_refused(self, name: str, message: str) -> Pod:
        async def refused() -> Pod:
            pod = await self.pod(name)
            condition = pod.condition("PodScheduled")
            assert condition is not None
            assert (condition.status, condition.reason, condition.message) == ("False", "Unschedulable", message)
            return pod

        return await eventually(refused)

    async def until_said(self, name: str, beginning: str) -> Pod:
        """Wait until the pod is said to have no node, for these reasons; what may be said of preemption comes after."""

        async def said() -> Pod:
            pod = await self.pod(name)
            condition = pod.condition("PodScheduled")
            assert condition is not None
            assert condition.message.startswith(beginning), condition.message
            return pod

        return await eventually(said)

    async def until_event(self, pod: str, reason: str) -> Event:
        async def noted() -> Event | None:
            selector = f"involvedObject.name={pod},reason={reason}"
            found = await self.client.list(EVENTS, namespace=NAMESPACE, field_selector=selector)
            return found.items[0] if found.items else None

        event = await eventually(noted)
        assert event is not None
        return event
