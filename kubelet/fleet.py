"""The nodes of one process, which may be one or hundreds, and what they share."""

import asyncio
import logging
from collections.abc import Sequence

from apimachinery.tasks import guard
from kubeclient.client import Client
from kubelet.config_sources import ConfigSources
from kubelet.feed import node_feed, pod_feed
from kubelet.instance import Instance
from kubelet.kubelet import Kubelet, OpenRuntime, Shared
from kubelet.leases import Leases
from kubelet.server.server import KubeletServer
from kubelet.service_links import ServiceLinks
from kubelet.settings import Settings
from kubelet.status_manager import StatusManager

logger = logging.getLogger(__name__)


class Fleet:
    """Runs a kubelet for each of ``nodes``; ``run()`` does the work until cancelled.

    One watch of nodes, one of pods, one of each ConfigMap and Secret in use, one pool of connections, one writer of
    statuses and one of leases serve all of them; a node that has nothing to do is a handful of waiting tasks.
    """

    def __init__(
        self, client: Client, nodes: Sequence[Settings], open_runtime: OpenRuntime, *, instance: Instance
    ) -> None:
        names = [settings.node_name for settings in nodes]
        node_objects = node_feed(client, names)
        self._shared = Shared(
            client=client,
            nodes=node_objects,
            pods=pod_feed(client, names),
            leases=Leases(client, names, node_objects, duration=nodes[0].lease_duration, instance=instance),
            statuses=StatusManager(client, client.clock),
            sources=ConfigSources(client, nodes[0].rng("config sources")),
            open_runtime=open_runtime,
            server=KubeletServer(nodes[0].port, nodes[0].address),
            links=ServiceLinks(client),
        )
        self.kubelets = [Kubelet(self._shared, settings) for settings in nodes]

    async def run_to_shutdown(self) -> None:
        """Work until cancelled, then end the pods of nodes that have been given a time for that."""
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.run(), name="fleet")
            try:
                await asyncio.wait({running})
            finally:
                # The nodes are still at work here: they have to see their pods through.
                if not running.done():
                    await asyncio.gather(*(kubelet.shut_down() for kubelet in self.kubelets))
                    running.cancel()

    async def run(self) -> None:
        """Work until cancelled. Raises :class:`~kubelet.leases.NameTaken` when another kubelet runs a node."""
        shared = self._shared
        async with shared.server, asyncio.TaskGroup() as group:
            group.create_task(guard(shared.statuses.run(), "status manager"), name="status-manager")
            group.create_task(guard(shared.sources.run(), "config sources"), name="config-sources")
            # Static pods may be run before there is an API server; nothing of these nodes is written there before
            # their names are known to be free.
            for kubelet in self.kubelets:
                group.create_task(guard(kubelet.run(), "kubelet"), name="kubelet")
            await shared.client.wait_for_server()
            await shared.leases.claim()
            group.create_task(guard(shared.nodes.run(), "node informer"), name="node-informer")
            group.create_task(guard(shared.pods.run(), "pod informer"), name="pod-informer")
            group.create_task(guard(shared.links.run(), "service informer"), name="service-informer")
            await shared.nodes.wait_synced()
            group.create_task(guard(shared.leases.run(), "leases"), name="leases")
