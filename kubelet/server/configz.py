"""``/configz``: what the node runs with, as a KubeletConfiguration (``kubelet.config.k8s.io/v1beta1``)."""

from typing import Any

from aiohttp import web

from apimachinery.duration import go_duration
from kubelet.server.served import ServedNode
from kubelet.settings import Settings


async def configz(node: ServedNode, request: web.Request) -> web.StreamResponse:
    return web.json_response({"kubeletconfig": configuration(node.settings)})


def configuration(settings: Settings) -> dict[str, Any]:
    """Return the settings under the names that upstream's configuration has for them."""
    return {
        "address": settings.address or "0.0.0.0",
        "port": settings.port,
        "healthzBindAddress": settings.healthz_bind_address,
        "healthzPort": settings.healthz_port,
        "nodeStatusUpdateFrequency": go_duration(settings.node_status_update_frequency),
        "nodeStatusReportFrequency": go_duration(settings.node_status_report_frequency),
        "nodeLeaseDurationSeconds": settings.lease_duration,
        "clusterDNS": list(settings.cluster_dns),
        "clusterDomain": settings.cluster_domain,
        "resolvConf": settings.resolv_conf,
        "maxPods": settings.max_pods,
        "registerWithTaints": [
            {"key": t.key, "value": t.value, "effect": t.effect} for t in settings.register_with_taints
        ],
    }
