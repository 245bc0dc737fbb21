"""A component's HTTP server that costs next to nothing until somebody asks it something.

aiohttp takes longer to import than most components' own modules, and more memory: nobody looks at the pages of most
clusters. So it is imported, and the application made, with the first connection; that one waits for it, and no other.
"""

import asyncio
import importlib
import socket
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from aiohttp import web

_SHUTDOWN_SECONDS = 0.3


async def asked(listener: socket.socket) -> None:
    """Return once somebody has connected to a listening socket; who that is waits to be accepted."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not arrived.done():
            arrived.set_result(None)

    loop.add_reader(listener, tell)
    try:
        await arrived
    finally:
        loop.remove_reader(listener)


class LateServer:
    """Serves what ``application`` makes, on any number of sockets; use as ``async with LateServer(...) as server``."""

    def __init__(self, application: "Callable[[], web.Application]") -> None:
        self._application = application
        self._starting = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def serve(self, listener: socket.socket) -> None:
        """Answer who connects to a listening socket, until cancelled. Whoever made the socket closes it."""
        await asked(listener)
        runner = await self._started()
        from aiohttp import web

        site = web.SockSite(runner, listener)
        await site.start()
        try:
            await asyncio.Event().wait()
        finally:
            await site.stop()

    async def _started(self) -> "web.AppRunner":
        async with self._starting:
            if self._runner is None:
                # In a thread, since the loop has others to serve.
                await asyncio.to_thread(importlib.import_module, "aiohttp.web")
                from aiohttp import web

                runner = web.AppRunner(
                    self._application(),
                    access_log=None,
                    shutdown_timeout=_SHUTDOWN_SECONDS,
                    # Who follows a log and leaves must not be waited for until there is something to tell.
                    handler_cancellation=True,
                )
                await runner.setup()
                self._runner = runner
            return self._runner
