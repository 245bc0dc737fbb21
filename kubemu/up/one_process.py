"""A whole cluster in this process, on one event loop. Its parts talk over real HTTP all the same.

Modules are imported when their part is due: the API server's first, so that it answers while the others are read, the
scheduler's and the proxy's when the nodes are ready, who can do without them.
"""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from apimachinery.clock import Clock
from apimachinery.tasks import cancel_and_wait, guard
from kubemu.up.addresses import Addresses
from kubemu.up.plan import HOST, PORTS, placed_nodes
from kubemu.up.settings import Settings

if TYPE_CHECKING:
    from kubelet.settings import Settings as NodeSettings


@contextlib.asynccontextmanager
async def one_process(
    settings: Settings, addresses: Addresses, nodes: "Sequence[NodeSettings]", clock: Clock
) -> AsyncIterator[str]:
    """Run a cluster for as long as the block does; yield the API server's URL once the nodes are ready.

    At the end the API server goes last. A part that ends by itself takes the block down with its error.
    """
    async with asyncio.TaskGroup() as group:
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        server = group.create_task(
            guard(_api_server(settings, addresses, clock, listening), "API server"), name="apiserver"
        )
        try:
            url = await listening
            async with asyncio.TaskGroup() as clients:
                running = [
                    clients.create_task(guard(_controllers(settings, addresses, clock, url), "controllers")),
                    clients.create_task(
                        guard(_kubelets(settings, placed_nodes(nodes, addresses), clock, url), "kubelets")
                    ),
                ]
                await _wait_ready(url, nodes, clock)
                running += [
                    clients.create_task(guard(_scheduler(settings, addresses, clock, url), "scheduler")),
                    clients.create_task(guard(_proxy(addresses, clock, url), "proxy")),
                ]
                yield url
                await cancel_and_wait(*running)
        finally:
            server.cancel()
            await asyncio.wait([server])


async def _api_server(settings: Settings, addresses: Addresses, clock: Clock, listening: asyncio.Future[str]) -> None:
    from apiserver.server import serve
    from apiserver.settings import Settings as ServerSettings

    options = ServerSettings(
        bind_address=HOST, port=settings.port, service_cluster_ip_range=addresses.services, seed=settings.seed
    )
    await serve(options, clock=clock, on_ready=listening.set_result)


async def _controllers(settings: Settings, addresses: Addresses, clock: Clock, url: str) -> None:
    from controller_manager.serving import serve
    from controller_manager.settings import Settings as ControllerSettings

    options = ControllerSettings(
        cluster_cidr=addresses.pods_cidr, load_balancer_cidr=addresses.load_balancers, seed=settings.seed
    )
    await serve(url, options, addresses.servers, PORTS["controller-manager"], clock=clock)


async def _kubelets(settings: Settings, nodes: "Sequence[NodeSettings]", clock: Clock, url: str) -> None:
    from kubelet.serving import known_images, serve

    images = known_images(nodes[0].unpullable_images, settings.image_files)
    await serve(url, nodes, images, follow_objects=True, clock=clock)


async def _scheduler(settings: Settings, addresses: Addresses, clock: Clock, url: str) -> None:
    # In a thread: the loop has clients to answer by now.
    await asyncio.to_thread(importlib.import_module, "scheduler.serving")
    from scheduler.serving import serve
    from scheduler.settings import Settings as SchedulerSettings

    await serve(url, SchedulerSettings(seed=settings.seed), addresses.servers, PORTS["scheduler"], clock=clock)


async def _proxy(addresses: Addresses, clock: Clock, url: str) -> None:
    await asyncio.to_thread(importlib.import_module, "kubeproxy.serving")
    from kubeproxy.dns.settings import Settings as NameServerSettings
    from kubeproxy.serving import serve
    from kubeproxy.settings import Settings as ProxySettings

    names = NameServerSettings(address=addresses.dns)
    await serve(url, ProxySettings(), names, (addresses.servers, PORTS["proxy"]), clock=clock)


async def _wait_ready(url: str, nodes: "Sequence[NodeSettings]", clock: Clock) -> None:
    from kubeclient.client import Client
    from kubemu.up.readiness import wait_ready

    async with Client(url, clock=clock) as client:
        await wait_ready(client, frozenset(node.node_name for node in nodes))
