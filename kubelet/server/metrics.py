"""``/metrics`` and what is below it: the node's counters in Prometheus' text format."""

from aiohttp import web

from kubelet.server.served import ServedNode


async def metrics(node: ServedNode, request: web.Request) -> web.StreamResponse:
    # Loading prometheus_client takes longer than most of what a start has to do.
    from kubelet.server.exposition import page

    return _text(page(node))


async def resource_metrics(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """``/metrics/resource``: what the node, its pods and containers use."""
    from kubelet.server.resource_metrics import resource_page

    return _text(resource_page(node.meter.read(node)))


async def cadvisor_metrics(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """``/metrics/cadvisor``: what containers use, as cAdvisor calls it."""
    from kubelet.server.resource_metrics import cadvisor_page

    return _text(cadvisor_page(node.meter.read(node)))


async def probe_metrics(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """``/metrics/probes``: how the probes of containers have ended."""
    from kubelet.server.resource_metrics import probes_page

    return _text(probes_page(node.probes.counts()))


def _text(page: bytes) -> web.Response:
    from kubelet.server.exposition import CONTENT_TYPE

    return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})
