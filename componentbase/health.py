"""The small HTTP server that a component has beside its work: health checks and debug pages.

Paths and answers are upstream's: ``/livez`` and ``/healthz`` say ``ok`` while the event loop turns, ``/readyz``
only once every named check holds, and lists the checks with ``?verbose`` or when one fails.
"""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from apimachinery.tasks import beside
from componentbase.late_server import LateServer
from componentbase.readiness import Check, readiness_report

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serve_health(
    listener: socket.socket,
    *,
    ready: Mapping[str, Check],
    pages: "Mapping[str, Handler] | None" = None,
) -> AsyncIterator[None]:
    """Serve on ``listener`` for as long as the block runs; the socket is closed at its end.

    ``pages`` adds GET routes, their paths in aiohttp's syntax (``/debug/decisions/{namespace}/{pod}``).
    """
    with listener:
        async with (
            LateServer(lambda: _application(ready, pages or {})) as server,
            beside(partial(server.serve, listener), "health server"),
        ):
            yield


def _application(ready: Mapping[str, Check], pages: "Mapping[str, Handler]") -> "web.Application":
    from aiohttp import web

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
    for path, handler in pages.items():
        app.router.add_get(path, handler)
    return app
