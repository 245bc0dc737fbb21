"""The small HTTP server that a component has beside its work: health checks and debug pages.

Paths and answers are upstream's: ``/livez`` and ``/healthz`` say ``ok`` while the event loop turns, ``/readyz``
only once every named check holds, and lists the checks with ``?verbose`` or when one fails.
"""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from componentbase.readiness import Check, readiness_report

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SHUTDOWN_SECONDS = 0.3


@asynccontextmanager
async def serve_health(
    listener: socket.socket,
    *,
    ready: Mapping[str, Check],
    pages: Mapping[str, Handler] | None = None,
) -> AsyncIterator[None]:
    """Serve on ``listener`` for as long as the block runs; the socket is closed at its end.

    ``pages`` adds GET routes, their paths in aiohttp's syntax (``/debug/decisions/{namespace}/{pod}``).
    """

    async def live(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readyz(request: web.Request) -> web.Response:
        passed, page = readiness_report(ready)
        text = page if "verbose" in request.query or not passed else "ok"
        return web.Response(text=text, status=200 if passed else 500)

    app = web.Application()
    app.router.add_get("/healthz", live)
    app.router.add_get("/livez", live)
    app.router.add_get("/readyz", readyz)
    for path, handler in (pages or {}).items():
        app.router.add_get(path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()
        listener.close()
