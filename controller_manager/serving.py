"""The controllers with what surrounds them: their client and their own HTTP server."""

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import orjson

from apimachinery.clock import Clock
from apimachinery.errors import FatalError
from componentbase import sockets
from componentbase.health import serve_health
from controller_manager.manager import Manager
from controller_manager.registry import controllers, enabled
from controller_manager.settings import Settings
from kubeclient.client import Client
from kubeclient.leader_election import Election, candidate, readiness

if TYPE_CHECKING:
    from aiohttp import web

    from componentbase.health import Handler

NAME = "kube-controller-manager"

STATISTICS_PATH = "/debug/controllers"

CONNECTIONS = 96
"""Enough that bursts of pods do not hold up the other controllers or the events about them."""


def build(client: Client, settings: Settings) -> Manager:
    """Return a manager of the controllers that ``settings`` enable."""
    chosen = {name: constructor for name, constructor in controllers().items() if enabled(name, settings.controllers)}
    if not chosen:
        raise FatalError("no controller is left to run: see --controllers")
    return Manager(client, settings, chosen)


async def serve(
    server: str,
    settings: Settings,
    bind_address: str,
    secure_port: int,
    *,
    election: Election | None = None,
    clock: Clock | None = None,
) -> None:
    """Run the controllers until cancelled, with their HTTP server beside them (none when ``secure_port`` is 0).

    With an ``election`` they run from when this process has won it.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = Client(server, user_agent=NAME, clock=clock, connections=CONNECTIONS)
        await stack.enter_async_context(client)
        manager = build(client, settings)
        elector = await stack.enter_async_context(candidate(client, election, NAME))
        if secure_port:
            listener = sockets.bind(bind_address, secure_port, option="--secure-port")
            pages = {STATISTICS_PATH: statistics_page(manager)}
            checks = readiness(elector, lambda: manager.synced)
            await stack.enter_async_context(serve_health(listener, ready=checks, pages=pages))
        await client.wait_for_server()
        await (elector.run(manager.run) if elector is not None else manager.run())


def statistics_page(manager: Manager) -> "Handler":
    """Return the page that shows each controller's figures as JSON."""

    async def page(request: "web.Request") -> "web.Response":
        from aiohttp import web

        figures = {name: dataclasses.asdict(entry) for name, entry in manager.statistics().items()}
        return web.Response(body=orjson.dumps(figures), content_type="application/json")

    return page
