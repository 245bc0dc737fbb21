"""One HTTP server for all nodes of a process."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from apimachinery.errors import NotFound, StatusError
from componentbase import sockets
from kubelet.server.served import Handler, ServedNode

WILDCARDS = frozenset({"0.0.0.0", "::"})
_SHUTDOWN_SECONDS = 0.3


class KubeletServer:
    """Serves nodes for as long as each of them runs; use as ``async with KubeletServer(...) as server``.

    ``port`` is that of all nodes, 0 serves nothing. ``address`` empty means a listener on each node's own address;
    any other is listened on once, for all nodes: ``0.0.0.0`` lets requests to every node's address come in there.
    """

    def __init__(self, port: int, address: str = "") -> None:
        self._port = port
        self._address = address
        self._nodes: dict[str, ServedNode] = {}
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            # Who follows a log and leaves must not be waited for until there is something to tell.
            handler_cancellation=True,
        )

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        if self._port and self._address:
            await self._listen(self._address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _listen(self, address: str) -> web.SockSite:
        listener = sockets.bind(address, self._port)
        site = web.SockSite(self._runner, listener)
        await site.start()
        return site

    async def serve(self, node: ServedNode) -> None:
        """Serve a node until cancelled; raise ``FatalError`` when its port is taken."""
        site = await self._listen(node.address) if self._port and not self._address else None
        self._nodes[node.address] = node
        try:
            await asyncio.Event().wait()
        finally:
            if self._nodes.get(node.address) is node:
                del self._nodes[node.address]
            if site is not None:
                await site.stop()

    def _node_of(self, request: web.Request) -> ServedNode:
        """Return the node whose address a request came in on; where that is nobody's, the only node there is."""
        transport = request.transport
        local = transport.get_extra_info("sockname")[0] if transport is not None else ""
        node = self._nodes.get(local)
        if node is None and len(self._nodes) == 1 and self._address not in {"", *WILDCARDS}:
            (node,) = self._nodes.values()
        if node is None:
            raise NotFound(f"no node has the address {local}", name=local, kind="nodes")
        return node

    def _for_node(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(self._node_of(request), request)
            except StatusError as error:
                return web.json_response(error.to_status(), status=error.code)

        return handle

    def _application(self) -> web.Application:
        app = web.Application()
        for path in ("/healthz", "/livez", "/readyz"):
            app.router.add_get(path, _ok)
        for path, name in _PAGES.items():
            app.router.add_get(path, self._for_node(_late(name)))
        app.router.add_post("/debug/kill/{namespace}/{pod}/{container}", self._for_node(_late("kill.kill")))
        for path, name in _STREAMS.items():
            handler = self._for_node(_late(name))
            # SPDY clients post, a WebSocket begins with GET.
            app.router.add_get(path, handler, allow_head=False)
            app.router.add_post(path, handler)
        return app


async def _ok(request: web.Request) -> web.StreamResponse:
    return web.Response(text="ok")


def _late(name: str) -> Handler:
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
