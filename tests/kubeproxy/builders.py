"""Services, slices and nodes for tests, with only what a test says about them."""

from typing import Any

from apimachinery.types.core import Node
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeproxy.node_map import NodeMap, node_map

CLUSTER_IP = "127.70.0.10"


def service(*ports: dict[str, Any], name: str = "web", **more: Any) -> Service:
    """Return a Service at :data:`CLUSTER_IP`.

    What is said more is its spec's, but for ``labels``, ``annotations`` and ``ingress``.
    """
    metadata: dict[str, Any] = {"name": name, "namespace": "default"}
    metadata |= {field: more.pop(field, {}) for field in ("labels", "annotations")}
    ingress = more.pop("ingress", [])
    spec = {"clusterIP": CLUSTER_IP, "ports": list(ports) or [{"port": 80}], **more}
    return Service.model_validate({
        "metadata": metadata,
        "spec": spec,
        "status": {"loadBalancer": {"ingress": ingress}},
    })


def endpoint(
    ip: str, *, node: str = "", for_nodes: tuple[str, ...] = (), for_zones: tuple[str, ...] = (), **conditions: bool
) -> dict[str, Any]:
    hints = {"forNodes": [{"name": name} for name in for_nodes], "forZones": [{"name": name} for name in for_zones]}
    return {"addresses": [ip], "nodeName": node or None, "conditions": conditions, "hints": hints}


def slice_of(
    *endpoints: dict[str, Any],
    ports: tuple[dict[str, Any], ...] = ({"port": 8080},),
    kind: str = "IPv4",
    service: str = "web",
    name: str = "",
) -> EndpointSlice:
    """Return a slice; an endpoint that says nothing of itself is ready."""
    return EndpointSlice.model_validate({
        "metadata": {
            "name": name or f"{service}-1",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": kind,
        "endpoints": list(endpoints),
        "ports": list(ports),
    })


def node(name: str, address: str, cidr: str, zone: str = "") -> Node:
    return Node.model_validate({
        "metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone} if zone else {}},
        "spec": {"podCIDR": cidr},
        "status": {"addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}]},
    })


NODES: NodeMap = node_map([
    node("b", "127.150.1.1", "127.150.1.0/24", "east"),
    node("a", "127.150.0.1", "127.150.0.0/24"),
])
