"""What the two controllers of endpoints read, and what wakes them."""

from apimachinery.labels import ZONE
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from apimachinery.types.service import Service
from controller_manager.controller import Context
from controller_manager.endpoints.membership import selects, services_to_wake
from controller_manager.indexes import NODE_INDEX, by_node
from controller_manager.ownership import NAMESPACE_INDEX, index_by_namespace
from kubeclient.resources import NODES, PODS, SERVICES


class Sources:
    """Puts the keys of Services into the controller's queue when they or their pods change.

    ``batch_period`` is for how many seconds changes of pods are collected first. With ``nodes`` the nodes of pods
    matter too.
    """

    def __init__(self, context: Context, batch_period: float, *, nodes: bool = False) -> None:
        self._queue = context.queue
        self._batch_period = batch_period
        services = context.informers.informer(SERVICES, {NAMESPACE_INDEX: index_by_namespace})
        pods = context.informers.informer(PODS, {NAMESPACE_INDEX: index_by_namespace, NODE_INDEX: by_node})
        services.on_change(self._service_changed)
        pods.on_change(self._pod_changed)
        self._services = services.cache
        self._pods = pods.cache
        self._nodes = None
        if nodes:
            informer = context.informers.informer(NODES)
            informer.on_change(self._node_changed)
            self._nodes = informer.cache

    def service(self, key: str) -> Service | None:
        return self._services.get(key)

    def node(self, name: str) -> Node | None:
        return self._nodes.get(name) if self._nodes is not None else None

    def pods(self, service: Service) -> list[Pod]:
        """Return the pods that the Service selects, whatever state they are in."""
        found = self._pods.by_index(NAMESPACE_INDEX, service.metadata.namespace)
        return [pod for pod in found if selects(service, pod)]

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        found = new or old
        assert found is not None
        self._queue.add(found.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        pod = new or old
        assert pod is not None
        services = self._services.by_index(NAMESPACE_INDEX, pod.metadata.namespace)
        if not services:
            return
        for key in services_to_wake(services, old, new):
            self._queue.add_after(key, self._batch_period)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        """Pods are led to only while their node is known, and with its zone."""
        if old is not None and new is not None and _zone(old) == _zone(new):
            return
        node = new or old
        assert node is not None
        for pod in self._pods.by_index(NODE_INDEX, node.metadata.name):
            self._pod_changed(None, pod)


def _zone(node: Node) -> str:
    return node.metadata.labels.get(ZONE, "")
