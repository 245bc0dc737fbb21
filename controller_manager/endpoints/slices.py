"""The endpoints that a Service should have (``k8s.io/endpointslice``, v0.36)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apimachinery.labels import MANAGED_BY_LABEL, SERVICE_NAME_LABEL, ZONE
from apimachinery.types.base import ObjectMeta, OwnerReference
from apimachinery.types.core import Node, ObjectReference
from apimachinery.types.discovery import (
    IPV4,
    IPV6,
    Endpoint,
    EndpointConditions,
    EndpointHints,
    EndpointPort,
    EndpointSlice,
    ForNode,
    ForZone,
)
from apimachinery.types.pod import Pod
from apimachinery.types.service import Service
from controller_manager.endpoints.membership import (
    HEADLESS_LABEL,
    addresses,
    find_port,
    has_endpoint,
    hostname,
    is_headless,
)

MANAGER = "endpointslice-controller.k8s.io"


_RESERVED_LABELS = {SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL}
_CLOSE_ZONE = {"PreferClose", "PreferSameZone"}
_CLOSE_NODE = "PreferSameNode"

PortsKey = tuple[tuple[str, str, int, str], ...]
"""Ports in an order of their own: what the endpoints of one slice have in common."""

EndpointKey = tuple[object, ...]
"""What makes two endpoints the same one, whatever else is said of them."""


@dataclass(slots=True)
class Group:
    """Endpoints that have the same ports."""

    ports: list[EndpointPort]
    endpoints: dict[EndpointKey, Endpoint] = field(default_factory=dict)

    def add(self, endpoint: Endpoint) -> None:
        self.endpoints[endpoint_key(endpoint)] = endpoint


def ports_key(ports: Iterable[EndpointPort]) -> PortsKey:
    return tuple(
        sorted((port.name or "", port.protocol or "TCP", port.port or 0, port.app_protocol or "") for port in ports)
    )


def endpoint_key(endpoint: Endpoint) -> EndpointKey:
    target = endpoint.target_ref
    return (
        tuple(endpoint.addresses),
        endpoint.hostname,
        (target.kind, target.namespace, target.name) if target is not None else None,
    )


def address_types(service: Service) -> list[str]:
    """Return the families for which the Service has slices."""
    if service.spec.ip_families:
        return service.spec.ip_families
    if is_headless(service):
        return [IPV4, IPV6]
    return [IPV6 if ":" in service.spec.cluster_ip else IPV4]


def desired_groups(
    service: Service, pods: Iterable[Pod], node_of: Callable[[str], Node | None], address_type: str
) -> dict[PortsKey, Group]:
    """Return what ``pods``, those that the Service selects, amount to.

    A pod whose node is not known is left out, unless the Service publishes pods that are not ready.
    """
    groups: dict[PortsKey, Group] = {}
    for pod in pods:
        if not has_endpoint(pod, terminating=True):
            continue
        node = node_of(pod.spec.node_name)
        if node is None and not service.spec.publish_not_ready_addresses:
            continue
        ports = pod_ports(service, pod)
        group = groups.setdefault(ports_key(ports), Group(ports))
        endpoint = pod_endpoint(service, pod, node, address_type)
        if endpoint.addresses:
            group.add(endpoint)
    return groups


def pod_ports(service: Service, pod: Pod) -> list[EndpointPort]:
    """Return the ports that the Service has on the pod; one that the pod does not have is left out."""
    found = ((port, find_port(pod, port)) for port in service.spec.ports)
    return [
        EndpointPort(name=port.name, port=number, protocol=port.protocol, app_protocol=port.app_protocol)
        for port, number in found
        if number is not None
    ]


def pod_endpoint(service: Service, pod: Pod, node: Node | None, address_type: str) -> Endpoint:
    """Return what is said of one pod. It serves as long as it is ready, but takes nothing new once it is to go."""
    serving, terminating = pod.ready, pod.deleting
    ready = service.spec.publish_not_ready_addresses or (serving and not terminating)
    zone = node.metadata.labels.get(ZONE) if node is not None else None
    meta = pod.metadata
    return Endpoint(
        addresses=addresses(pod, address_type),
        conditions=EndpointConditions(ready=ready, serving=serving, terminating=terminating),
        hostname=hostname(service, pod) or None,
        target_ref=ObjectReference(kind=Pod.KIND, namespace=meta.namespace, name=meta.name, uid=meta.uid),
        node_name=pod.spec.node_name or None,
        zone=zone or None,
        hints=_hints(service.spec.traffic_distribution, zone, pod.spec.node_name) if ready else None,
    )


def _hints(distribution: str, zone: str | None, node: str) -> EndpointHints | None:
    zones = [ForZone(name=zone)] if zone else []
    if distribution == _CLOSE_NODE:
        return EndpointHints(for_zones=zones, for_nodes=[ForNode(name=node)])
    return EndpointHints(for_zones=zones) if zones and distribution in _CLOSE_ZONE else None


def blank_slice(service: Service, address_type: str) -> EndpointSlice:
    """Return a slice of the Service without endpoints, as it would be created."""
    meta = service.metadata
    labels = {key: value for key, value in meta.labels.items() if key not in _RESERVED_LABELS}
    if is_headless(service):
        labels[HEADLESS_LABEL] = ""
    labels |= {SERVICE_NAME_LABEL: meta.name, MANAGED_BY_LABEL: MANAGER}
    owner = OwnerReference(
        api_version=service.API_VERSION,
        kind=service.KIND,
        name=meta.name,
        uid=meta.uid,
        controller=True,
        block_owner_deletion=True,
    )
    return EndpointSlice(
        metadata=ObjectMeta(
            generate_name=f"{meta.name}-", namespace=meta.namespace, labels=labels, owner_references=[owner]
        ),
        address_type=address_type,
    )
