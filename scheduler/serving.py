"""The scheduler with what surrounds it: its client and its own HTTP server."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from apimachinery.clock import Clock
from apimachinery.errors import FatalError
from apimachinery.tasks import guard
from componentbase import sockets
from componentbase.health import serve_health
from kubeclient.client import Client
from kubeclient.leader_election import Election, candidate, readiness
from scheduler.debug import DECISIONS_PATH, decisions_page
from scheduler.framework.interface import Profile
from scheduler.out_of_tree import out_of_tree_registry
from scheduler.plugins.registry import in_tree_registry
from scheduler.publishing import publish
from scheduler.scheduler import Scheduler
from scheduler.settings import Settings

if TYPE_CHECKING:
    from aiohttp import web

    from componentbase.health import Handler

NAME = "scheduler"

LEASE = "kube-scheduler"
"""The Lease that the scheduler at work holds, and who says so in an event."""

# Besides bindings, events and conditions want connections.
_SPARE_CONNECTIONS = 16


async def serve(
    server: str,
    settings: Settings,
    bind_address: str,
    secure_port: int,
    *,
    profiles: Sequence[Profile] = (),
    election: Election | None = None,
    clock: Clock | None = None,
) -> None:
    """Run the scheduler until cancelled, with its HTTP server beside it (none when ``secure_port`` is 0).

    Without ``profiles`` it has the default one. Plugins of users are those of installed distributions. With an
    ``election`` it runs from when this process has won it. Raises :class:`~apimachinery.errors.FatalError` for a
    profile that cannot be put together.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = Client(server, user_agent=NAME, clock=clock, connections=settings.parallel_binds + _SPARE_CONNECTIONS)
        await stack.enter_async_context(client)
        registry = {**in_tree_registry(), **out_of_tree_registry()}
        try:
            scheduler = Scheduler(client, settings, profiles=profiles, registry=registry)
        except ValueError as error:
            raise FatalError(f"initializing profiles: {error}") from error
        elector = await stack.enter_async_context(candidate(client, election, LEASE))
        work = scheduler.run
        if secure_port:
            listener = sockets.bind(bind_address, secure_port, option="--secure-port")
            pages = {
                DECISIONS_PATH: decisions_page(scheduler.decisions, scheduler.queue, scheduler.interests),
                "/metrics": metrics_page(scheduler),
            }
            checks = readiness(elector, lambda: scheduler.synced)
            work = partial(_published, scheduler, client, *listener.getsockname()[:2])
            await stack.enter_async_context(serve_health(listener, ready=checks, pages=pages))
        await client.wait_for_server()
        await (elector.run(work) if elector is not None else work())


async def _published(scheduler: Scheduler, client: Client, address: str, port: int) -> None:
    """Schedule, with the pages of this process behind the scheduler's Service."""
    async with asyncio.TaskGroup() as group:
        group.create_task(guard(publish(client, address, port), "publisher of the scheduler's Service"))
        await scheduler.run()


def metrics_page(scheduler: Scheduler) -> "Handler":
    """Return the handler of ``/metrics``: what is counted, in Prometheus' text format."""

    async def show(request: "web.Request") -> "web.Response":
        # Loading prometheus_client takes longer than most of what a start has to do.
        from aiohttp import web

        from scheduler.exposition import CONTENT_TYPE, page

        return web.Response(body=page(scheduler), headers={"Content-Type": CONTENT_TYPE})

    return show
