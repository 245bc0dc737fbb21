"""The Endpoints of a Service, worked out from its pods (``pkg/controller/endpoint``, v1.36)."""

import math
from collections.abc import Iterable, Sequence

from apimachinery.types.core import ObjectReference
from apimachinery.types.discovery import IPV4
from apimachinery.types.pod import Pod
from apimachinery.types.service import EndpointAddress, EndpointSubset, NamedPort, Service
from controller_manager.endpoints.membership import (
    HEADLESS_LABEL,
    addresses,
    find_port,
    has_endpoint,
    hostname,
    is_headless,
)

MANAGED_BY_LABEL = "endpoints.kubernetes.io/managed-by"
MANAGER = "endpoint-controller"

CAPACITY = 1000
"""How many addresses one object has at most."""

_PortKey = tuple[str, int, str, str]


def subsets_of(service: Service, pods: Iterable[Pod]) -> list[EndpointSubset]:
    """Return the addresses of ``pods``, those that the Service selects, by the ports that they have."""
    family = service.spec.ip_families[0] if service.spec.ip_families else IPV4
    unready_too = service.spec.publish_not_ready_addresses
    groups: dict[tuple[_PortKey, ...], EndpointSubset] = {}
    for pod in pods:
        found = addresses(pod, family) if has_endpoint(pod, terminating=unready_too) else []
        ports = sorted(_ports(service, pod), key=_port_key)
        if not found or (not ports and not (is_headless(service) and not service.spec.ports)):
            continue
        subset = groups.setdefault(tuple(map(_port_key, ports)), EndpointSubset(ports=ports))
        shown = subset.addresses if unready_too or pod.ready else subset.not_ready_addresses
        shown.append(_address(service, pod, found[0]))
    for subset in groups.values():
        subset.addresses.sort(key=_address_key)
        subset.not_ready_addresses.sort(key=_address_key)
    return [groups[key] for key in sorted(groups)]


def _ports(service: Service, pod: Pod) -> list[NamedPort]:
    found = ((port, find_port(pod, port)) for port in service.spec.ports)
    return [
        NamedPort(name=port.name, port=number, protocol=port.protocol, app_protocol=port.app_protocol)
        for port, number in found
        if number is not None
    ]


def _port_key(port: NamedPort) -> _PortKey:
    return port.name, port.port, port.protocol, port.app_protocol or ""


def _address(service: Service, pod: Pod, ip: str) -> EndpointAddress:
    meta = pod.metadata
    return EndpointAddress(
        ip=ip,
        hostname=hostname(service, pod),
        node_name=pod.spec.node_name or None,
        target_ref=ObjectReference(kind=Pod.KIND, namespace=meta.namespace, name=meta.name, uid=meta.uid),
    )


def _address_key(address: EndpointAddress) -> tuple[str, str]:
    return address.ip, address.target_ref.uid if address.target_ref is not None else ""


def labels_of(service: Service) -> dict[str, str]:
    """Return the labels of the Service's Endpoints."""
    labels = {key: value for key, value in service.metadata.labels.items() if key != HEADLESS_LABEL}
    if is_headless(service):
        labels[HEADLESS_LABEL] = ""
    return labels | {MANAGED_BY_LABEL: MANAGER}


def truncated(subsets: Sequence[EndpointSubset], capacity: int = CAPACITY) -> tuple[list[EndpointSubset], bool]:
    """Return no more than ``capacity`` addresses, ready ones first, and whether some are missing.

    Each subset gives up its share.
    """
    ready = sum(len(subset.addresses) for subset in subsets)
    unready = sum(len(subset.not_ready_addresses) for subset in subsets)
    if ready + unready <= capacity:
        return list(subsets), False
    if ready > capacity:
        shares = _shares([len(subset.addresses) for subset in subsets], capacity)
        update = [
            {"addresses": of.addresses[:share], "not_ready_addresses": []}
            for of, share in zip(subsets, shares, strict=True)
        ]
    else:
        shares = _shares([len(subset.not_ready_addresses) for subset in subsets], capacity - ready)
        update = [
            {"not_ready_addresses": of.not_ready_addresses[:share]} for of, share in zip(subsets, shares, strict=True)
        ]
    return [subset.model_copy(update=fields) for subset, fields in zip(subsets, update, strict=True)], True


def _shares(counts: Sequence[int], room: int) -> list[int]:
    """Divide ``room`` in proportion to ``counts``, rounding up for as long as there is some left."""
    total, left, shares = sum(counts), room, []
    for count in counts:
        share = min(left, math.ceil(count / total * room))
        shares.append(share)
        left -= share
    return shares
