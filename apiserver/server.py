"""The application behind a socket, from start to a clean end."""

import asyncio
import contextlib
import logging
import random
import socket
from collections.abc import Callable, Iterator
from typing import cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from apimachinery.clock import Clock, RealClock
from apimachinery.errors import FatalError
from apimachinery.tasks import guard
from apiserver.apiextensions.controller import CustomResourceController
from apiserver.app import APIServer, create_app
from apiserver.bootstrap import create_system_objects
from apiserver.http import TRANSPORT
from apiserver.namespace_contents import keep_contents
from apiserver.origin import check_bind_address
from apiserver.settings import Settings
from componentbase.sockets import address, bind
from store.memory import MemoryStore

logger = logging.getLogger(__name__)

_KEEP_ALIVE_SECONDS = 75
_LAST_ANSWERS_SECONDS = 1


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the application, which may have to break it off."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # The connection is no key of ASGI's own.
        cast("dict[str, object]", self.scope)[TRANSPORT] = self.transport


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process's owner decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def first_revision(clock: Clock) -> int:
    """Return where a store that forgets everything at its end starts counting: microseconds since 1970.

    A client that comes back after a restart with a resource version of the time before must be told to list
    again. That needs revisions that no earlier run can have reached, and none writes a million times a second.
    """
    return int(clock.now().timestamp() * 1_000_000)


async def serve(
    settings: Settings, *, clock: Clock | None = None, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve until cancelled; ``on_ready`` is called with the base URL once requests are answered.

    On cancellation open watches end first, then requests under way get a second to finish.
    """
    check_bind_address(settings.bind_address, allow_remote=settings.insecure_allow_remote)
    clock = clock or RealClock()
    store = MemoryStore(history_limit=settings.watch_history, first_revision=first_revision(clock))
    try:
        api = create_app(store, clock=clock, rng=random.Random(settings.seed), settings=settings)
    except ValueError as error:
        raise FatalError(str(error)) from error
    listener = bind(settings.bind_address, settings.port)
    try:
        await _serve(api, listener, on_ready)
    finally:
        await store.close()
        listener.close()


async def _serve(api: APIServer, listener: socket.socket, on_ready: Callable[[str], None] | None) -> None:
    config = uvicorn.Config(
        api.app,
        http=_Protocol,
        loop="none",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
    )
    server = _Server(config)
    host, port = address(listener)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[listener]), name="http")
        deadlines = group.create_task(guard(api.deadlines.run(), "deadlines"), name="deadlines")
        bookmarks = group.create_task(guard(api.context.watches.send_bookmarks(), "bookmarks"), name="bookmarks")
        custom_resources = CustomResourceController(api.context)
        followed = await custom_resources.load()
        definitions = group.create_task(guard(custom_resources.run(followed), "custom resources"), name="definitions")
        contents = group.create_task(guard(keep_contents(api.context), "namespace contents"), name="contents")
        try:
            await create_system_objects(api.context, api.services, host, port)
            api.readiness["poststarthook/bootstrap-namespaces"] = True
            url = f"http://{host}:{port}"
            logger.info("serving on %s", url)
            if on_ready is not None:
                on_ready(url)
            await asyncio.shield(serving)
        finally:
            deadlines.cancel()
            bookmarks.cancel()
            contents.cancel()
            definitions.cancel()
            api.context.watches.close_all()
            server.should_exit = True
            await asyncio.wait([serving])
