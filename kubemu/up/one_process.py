"""A whole cluster in this process, on one event loop. Its parts talk over real HTTP all the same.

Importing takes most of the time until a cluster is ready, so modules are imported when their part is due: the API
server's first, then the kubelets'. Nodes are ready without a controller, a scheduler or a proxy. The modules of these
are imported after that, in a thread, since the loop has clients to answer by then; what clients have asked for
meanwhile is found and done.
"""

import asyncio
import contextlib
import gc
import importlib
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from apimachinery.clock import Clock
from apimachinery.tasks import cancel_and_wait, guard
from kubemu.up.addresses import Addresses
from kubemu.up.plan import HOST, component_urls, placed_nodes, scheduler_configuration
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
                placed = placed_nodes(nodes, addresses)
                kubelets = clients.create_task(guard(_kubelets(settings, placed, clock, url), "kubelets"))
                from kubemu.up.readiness import wait_for_nodes

                await wait_for_nodes(url, nodes, clock)
                others = clients.create_task(_others(settings, addresses, clock, url))
                yield url
                await cancel_and_wait(kubelets, others)
        finally:
            server.cancel()
            await asyncio.wait([server])


async def _api_server(settings: Settings, addresses: Addresses, clock: Clock, listening: asyncio.Future[str]) -> None:
    from apiserver.server import serve
    from apiserver.settings import Settings as ServerSettings

    urls = component_urls(addresses)
    options = ServerSettings(
        bind_address=HOST,
        port=settings.port,
        scheduler_url=urls["scheduler"],
        controller_manager_url=urls["controller-manager"],
        service_cluster_ip_range=addresses.services,
        enable_reset=True,
        seed=settings.seed,
    )
    await serve(options, clock=clock, on_ready=listening.set_result)


async def _others(settings: Settings, addresses: Addresses, clock: Clock, url: str) -> None:
    async with asyncio.TaskGroup() as parts:
        for module, run in (
            # A new node is not to be scheduled to before a controller has taken a taint from it.
            ("controller_manager.serving", partial(_controllers, settings)),
            ("scheduler.serving", partial(_scheduler, settings)),
            ("kubeproxy.serving", _proxy),
        ):
            await asyncio.to_thread(importlib.import_module, module)
            parts.create_task(guard(run(addresses, clock, url), module), name=module)
        # All that has been made until now is here to stay.
        gc.freeze()
        gc.enable()


async def _controllers(settings: Settings, addresses: Addresses, clock: Clock, url: str) -> None:
    from controller_manager.serving import serve
    from controller_manager.settings import Settings as ControllerSettings

    options = ControllerSettings(
        cluster_cidr=addresses.pods_cidr, load_balancer_cidr=addresses.load_balancers, seed=settings.seed
    )
    await serve(url, options, addresses.servers, addresses.ports.controller_manager, clock=clock)


async def _kubelets(settings: Settings, nodes: "Sequence[NodeSettings]", clock: Clock, url: str) -> None:
    from kubelet.serving import known_images, serve

    images = known_images(nodes[0].unpullable_images, settings.image_files)
    await serve(url, nodes, images, follow_objects=True, clock=clock)


async def _scheduler(settings: Settings, addresses: Addresses, clock: Clock, url: str) -> None:
    from scheduler.serving import serve
    from scheduler.settings import Settings as SchedulerSettings

    options, configuration = SchedulerSettings(seed=settings.seed), scheduler_configuration(settings)
    profiles = configuration.profiles if configuration is not None else ()
    options = configuration.applied_to(options) if configuration is not None else options
    await serve(url, options, addresses.servers, addresses.ports.scheduler, profiles=profiles, clock=clock)


async def _proxy(addresses: Addresses, clock: Clock, url: str) -> None:
    from kubeproxy.dns.settings import Settings as NameServerSettings
    from kubeproxy.serving import serve
    from kubeproxy.settings import Settings as ProxySettings

    names = NameServerSettings(address=addresses.dns)
    await serve(url, ProxySettings(), names, (addresses.servers, addresses.ports.proxy), clock=clock)
