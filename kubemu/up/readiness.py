"""When a cluster is ready: all its nodes are."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apimachinery.clock import Clock
from apimachinery.tasks import cancel_and_wait
from apimachinery.types.core import Node
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import NODES

if TYPE_CHECKING:
    from kubelet.settings import Settings as NodeSettings


async def wait_for_nodes(server: str, nodes: "Sequence[NodeSettings]", clock: Clock) -> None:
    """Return once the API server shows all these nodes as Ready."""
    async with Client(server, clock=clock) as client:
        await wait_ready(client, frozenset(node.node_name for node in nodes))


async def wait_ready(client: Client, nodes: frozenset[str]) -> None:
    """Return once all these nodes are Ready."""
    waiting = set(nodes)
    done = asyncio.Event()
    informer = Informer(client, NODES)

    def see(old: Node | None, new: Node | None) -> None:
        if new is not None and any(
            condition.type == "Ready" and condition.status == "True" for condition in new.status.conditions
        ):
            waiting.discard(new.metadata.name)
            if not waiting:
                done.set()

    informer.on_change(see)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(informer.run(), name="nodes-readiness")
        await done.wait()
        await cancel_and_wait(watching)
