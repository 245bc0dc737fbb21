"""What a kubelet's HTTP server answers, and who does it."""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from apimachinery.errors import StatusError
from kubelet.server.served import ServedNode

if TYPE_CHECKING:
    from kubelet.server.served import Handler


def application(node_of: Callable[[web.Request], ServedNode]) -> web.Application:
    """Return the application; ``node_of`` tells which node a request is for, or raises an error to answer with."""

    def for_node(name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        handler = _late(name)

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(node_of(request), request)
            except StatusError as error:
                return web.json_response(error.to_status(), status=error.code)

        return handle

    app = web.Application()
    for path in ("/healthz", "/livez", "/readyz"):
        app.router.add_get(path, _ok)
    for path, name in _PAGES.items():
        app.router.add_get(path, for_node(name))
    app.router.add_post("/debug/kill/{namespace}/{pod}/{container}", for_node("kill.kill"))
    for path, name in _STREAMS.items():
        handler = for_node(name)
        # SPDY clients post, a WebSocket begins with GET.
        app.router.add_get(path, handler, allow_head=False)
        app.router.add_post(path, handler)
    return app


async def _ok(request: web.Request) -> web.StreamResponse:
    return web.Response(text="ok")


def _late(name: str) -> "Handler":
    """Return a handler, ``module.function`` beside this one, that is imported with its first request.

    A kubelet that is only seen through the API server is never asked for most of them.
    """
    module, _, function = name.partition(".")

    async def handle(node: ServedNode, request: web.Request) -> web.StreamResponse:
        handler: Handler = getattr(importlib.import_module(f"kubelet.server.{module}"), function)
        return await handler(node, request)

    return handle


_PAGES: Mapping[str, str] = {
    "/pods": "pods.pods",
    "/pods/": "pods.pods",
    "/runningpods/": "pods.running_pods",
    "/configz": "configz.configz",
    "/metrics": "metrics.metrics",
    "/metrics/cadvisor": "metrics.cadvisor_metrics",
    "/metrics/probes": "metrics.probe_metrics",
    "/metrics/resource": "metrics.resource_metrics",
    "/stats/summary": "summary.summary",
    "/containerLogs/{namespace}/{pod}/{container}": "container_logs.container_logs",
}

_STREAMS: Mapping[str, str] = {
    "/exec/{namespace}/{pod}/{container}": "streams.exec_in_container",
    "/attach/{namespace}/{pod}/{container}": "streams.attach_to_container",
    "/portForward/{namespace}/{pod}": "streams.port_forward",
}
