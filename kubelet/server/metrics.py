"""``/metrics``: the node's counters in Prometheus' text format."""

from aiohttp import web

from kubelet.server.served import ServedNode


async def metrics(node: ServedNode, request: web.Request) -> web.StreamResponse:
    # Loading prometheus_client takes longer than most of what a start has to do.
    from kubelet.server.exposition import CONTENT_TYPE, page

    return web.Response(body=page(node), headers={"Content-Type": CONTENT_TYPE})
