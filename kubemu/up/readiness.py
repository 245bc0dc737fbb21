"""When a cluster is ready: all its nodes are."""

import asyncio

from apimachinery.tasks import cancel_and_wait
from apimachinery.types.core import Node
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import NODES


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
