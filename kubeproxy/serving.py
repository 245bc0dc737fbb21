"""The proxy with what surrounds it: its client, the name server, its own HTTP server."""

import asyncio
import contextlib

from apimachinery.clock import Clock
from apimachinery.tasks import guard
from componentbase import sockets
from componentbase.health import serve_health
from kubeclient.client import Client
from kubeproxy.dns.server import NameServer
from kubeproxy.dns.settings import Settings as DNSSettings
from kubeproxy.proxier import Proxier
from kubeproxy.settings import Settings

NAME = "kube-proxy"


async def serve(
    server: str,
    settings: Settings,
    names: DNSSettings | None,
    healthz: tuple[str, int] | None,
    *,
    clock: Clock | None = None,
) -> None:
    """Run the proxy until cancelled.

    Beside it are a name server, if ``names`` has settings for one, and an HTTP server, if ``healthz`` has a place.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(server, user_agent=NAME, clock=clock))
        proxier = Proxier(client, settings)
        name_server = NameServer(client, proxier.services, proxier.slices, names) if names is not None else None
        if healthz is not None:
            listener = sockets.bind(*healthz, option="--healthz-bind-address")
            checks = {"informer-sync": lambda: proxier.synced}
            await stack.enter_async_context(serve_health(listener, ready=checks))
        await client.wait_for_server()
        # Each part of the process is a task of its own; the first that ends takes the others along.
        async with asyncio.TaskGroup() as parts:
            parts.create_task(guard(proxier.run(), "proxier"), name="proxier")
            if name_server is not None:
                parts.create_task(guard(name_server.run(), "name server"), name="name-server")
