"""A cluster of which each component is a process of its own, kept running by this one."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from apimachinery.clock import Clock, RealClock
from apimachinery.tasks import cancel_and_wait, guard
from kubemu.up.addresses import Addresses
from kubemu.up.plan import api_server_arguments, client_arguments
from kubemu.up.readiness import wait_for_nodes
from kubemu.up.settings import Settings
from kubemu.up.supervisor import Supervised

if TYPE_CHECKING:
    from kubelet.settings import Settings as NodeSettings


@contextlib.asynccontextmanager
async def separate(
    settings: Settings, addresses: Addresses, nodes: "Sequence[NodeSettings]", clock: Clock, time_scale: str
) -> AsyncIterator[str]:
    """Run a cluster for as long as the block does; yield the API server's URL once the nodes are ready.

    ``time_scale`` is what has the components agree with ``clock``. At the end the API server goes last.
    """
    gc.enable()
    real, verbose = RealClock(), bool(settings.verbosity)
    async with asyncio.TaskGroup() as group:
        port = settings.port
        server = Supervised(
            "apiserver",
            lambda: api_server_arguments(settings, addresses, time_scale, port),
            real,
            essential=True,
            verbose=verbose,
        )
        serving = group.create_task(guard(server.run(), "apiserver"), name="apiserver")
        try:
            url = await server.url
            # Should it be started again, its clients find it where it was.
            port = urlsplit(url).port or port
            async with asyncio.TaskGroup() as clients:
                running = []
                for module, arguments in client_arguments(settings, addresses, time_scale, url).items():
                    one = Supervised(module, partial(list, arguments), real, verbose=verbose)
                    running.append(clients.create_task(guard(one.run(), module), name=module))
                await wait_for_nodes(url, nodes, clock)
                yield url
                await cancel_and_wait(*running)
        finally:
            serving.cancel()
            await asyncio.wait([serving])
