"""One watch for all nodes of a process: objects are handed to the node that they concern."""

from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

from apimachinery.types.base import Object
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import NODES, PODS, Resource

T = TypeVar("T", bound=Object)

Handler = Callable[[T | None, T | None], None]

_BY_NODE = "node"


class Feed(Generic[T]):
    """Hands the changes of one informer to whoever has attached to the name that ``node_of`` gives an object.

    A process of one node asks the API server for that node's objects only; one of many opens a single watch for
    all, and does not look at what is other processes'.
    """

    def __init__(
        self,
        client: Client,
        resource: Resource[T],
        node_of: Callable[[T], str],
        selector: str,
        *,
        spec_by_generation: bool = False,
    ) -> None:
        self._node_of = node_of
        self._informer = Informer(
            client,
            resource,
            field_selector=selector,
            indexes={_BY_NODE: lambda found: (node_of(found),)},
            spec_by_generation=spec_by_generation,
        )
        self._informer.on_change(self._on_change)
        self._handlers: dict[str, list[Handler[T]]] = defaultdict(list)

    def attach(self, node: str, handler: Handler[T]) -> Callable[[], None]:
        """Have ``handler`` called with what concerns a node: at once with what is there, then with every change.

        Returns what ends that.
        """
        handlers = self._handlers[node]
        handlers.append(handler)
        for known in self._informer.cache.by_index(_BY_NODE, node):
            handler(None, known)
        return lambda: handlers.remove(handler)

    def of(self, node: str) -> list[T]:
        """Return what is known of a node."""
        return self._informer.cache.by_index(_BY_NODE, node)

    async def wait_synced(self) -> None:
        """Return once the first list has been handed out."""
        await self._informer.wait_synced()

    async def run(self) -> None:
        """List and watch until cancelled."""
        await self._informer.run()

    def _on_change(self, old: T | None, new: T | None) -> None:
        concerned = new or old
        assert concerned is not None
        for handler in list(self._handlers.get(self._node_of(concerned), ())):
            handler(old, new)


def node_feed(client: Client, names: list[str]) -> Feed[Node]:
    """Return the feed of the Node objects of these nodes."""
    selector = f"metadata.name={names[0]}" if len(names) == 1 else ""
    return Feed(client, NODES, lambda node: node.metadata.name, selector)


def pod_feed(client: Client, names: list[str]) -> Feed[Pod]:
    """Return the feed of the pods that are bound to these nodes."""
    selector = f"spec.nodeName={names[0]}" if len(names) == 1 else "spec.nodeName!="
    # Most events of a bound pod are echoes of what the kubelet itself has written into its status.
    return Feed(client, PODS, lambda pod: pod.spec.node_name, selector, spec_by_generation=True)
