"""One HTTP server for all nodes of a process."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from apimachinery.errors import NotFound
from apimachinery.tasks import beside
from componentbase import sockets
from componentbase.late_server import LateServer
from kubelet.server.served import ServedNode

if TYPE_CHECKING:
    from aiohttp import web

WILDCARDS = frozenset({"0.0.0.0", "::"})


class KubeletServer:
    """Serves nodes for as long as each of them runs; use as ``async with KubeletServer(...) as server``.

    ``port`` is that of all nodes, 0 serves nothing. ``address`` empty means a listener on each node's own address;
    any other is listened on once, for all nodes: ``0.0.0.0`` lets requests to every node's address come in there.
    """

    def __init__(self, port: int, address: str = "") -> None:
        self._port = port
        self._address = address
        self._nodes: dict[str, ServedNode] = {}
        self._server = LateServer(self._application)
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._server)
            if self._port and self._address:
                listener = stack.enter_context(sockets.bind(self._address, self._port))
                await stack.enter_async_context(beside(partial(self._server.serve, listener), "kubelet server"))
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.__aexit__(kind, error, trace)

    async def serve(self, node: ServedNode) -> None:
        """Serve a node until cancelled; raise ``FatalError`` when its port is taken."""
        listener = sockets.bind(node.address, self._port) if self._port and not self._address else None
        self._nodes[node.address] = node
        try:
            if listener is None:
                await asyncio.Event().wait()
            else:
                with listener:
                    await self._server.serve(listener)
        finally:
            if self._nodes.get(node.address) is node:
                del self._nodes[node.address]

    def _node_of(self, request: "web.Request") -> ServedNode:
        """Return the node whose address a request came in on; where that is nobody's, the only node there is."""
        transport = request.transport
        local = transport.get_extra_info("sockname")[0] if transport is not None else ""
        node = self._nodes.get(local)
        if node is None and len(self._nodes) == 1 and self._address not in {"", *WILDCARDS}:
            (node,) = self._nodes.values()
        if node is None:
            raise NotFound(f"no node has the address {local}", name=local, kind="nodes")
        return node

    def _application(self) -> "web.Application":
        from kubelet.server.application import application

        return application(self._node_of)
