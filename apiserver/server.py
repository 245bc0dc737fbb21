"""The application behind a socket, from start to a clean end."""

import asyncio
import contextlib
import logging
import random
import socket
import sys
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
from apiserver.http import CONNECTION, CYCLE
from apiserver.kubernetes_service import KubernetesService
from apiserver.namespace_contents import keep_contents
from apiserver.origin import check_bind_address
from apiserver.service_addresses import ServiceAddresses
from apiserver.settings import Settings
from componentbase.sockets import address, bind
from store.memory import MemoryStore

logger = logging.getLogger(__name__)

_KEEP_ALIVE_SECONDS = 75
_LAST_ANSWERS_SECONDS = 1


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the application, which may break it off or make something else of it."""

    _arrived = b""
    """What is being read."""
    _early = b""
    """What came behind a request that asks for another protocol."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # The connection is no key of ASGI's own.
        cast("dict[str, object]", self.scope)[CONNECTION] = self

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        cast("dict[str, object]", self.scope)[CYCLE] = self.cycle

    def data_received(self, data: bytes) -> None:
        self._arrived = data
        super().data_received(data)
        self._arrived = b""

    def _unsupported_upgrade_warning(self) -> None:
        # Whether the request may become something else is seen when it is handled. What the client says until then
        # waits; where nothing comes of it, it is the next request.
        upgrade = sys.exception()
        assert upgrade is not None, "called when the parser has met an upgrade"
        self._early = self._arrived[upgrade.args[0] :]
        self.flow.pause_reading()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if early := self._early:
            self._early = b""
            self.data_received(early)

    def switch(self, head: bytes, successor: asyncio.Protocol) -> None:
        self.cycle.response_started = self.cycle.response_complete = True
        self.transport.write(head)
        self.transport.set_protocol(successor)
        if self._early:
            successor.data_received(self._early)
        self.transport.resume_reading()

    def release(self) -> None:
        self.connection_lost(None)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process's owner decides when to :meth:`stop`."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Have :meth:`serve` end once requests under way are answered, or out of time."""
        self.should_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        # uvicorn's own looks ten times a second whether it is to end.
        await self.on_tick(0)
        await self._stopped.wait()

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
        kubernetes = KubernetesService(api.context, api.services, host, port)
        service = group.create_task(guard(kubernetes.run(), "kubernetes service"), name="kubernetes service")
        addresses: asyncio.Task[None] | None = None
        try:
            await create_system_objects(api.context, api.services, host, port)
            follower = ServiceAddresses(api.context, api.services)
            addresses = group.create_task(guard(follower.run(), "service addresses"), name="service addresses")
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
            service.cancel()
            if addresses is not None:
                addresses.cancel()
            definitions.cancel()
            api.context.watches.close_all()
            server.stop()
            await asyncio.wait([serving])
