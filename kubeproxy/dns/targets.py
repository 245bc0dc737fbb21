"""What names of the cluster's domain lead to.

The rules of CoreDNS's ``plugin/kubernetes`` (``kubernetes.go``, ``parse.go``, ``reverse.go``, v1.12) with
``pods insecure``, which is how clusters have it, and of "Kubernetes DNS-Based Service Discovery" 1.1.0.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apimachinery.types.discovery import Endpoint, EndpointSlice
from apimachinery.types.service import Service
from kubeproxy.dns.view import View

NO_PORT = -1


@dataclass(frozen=True, slots=True)
class Target:
    """One place that a name leads to.

    ``host`` is an address, or another name where ``alias`` says so. ``owner`` is the name below the domain that the
    address belongs to. ``port`` is :data:`NO_PORT` where none is declared.
    """

    host: str
    owner: str
    port: int = NO_PORT
    alias: bool = False


@dataclass(frozen=True, slots=True)
class _Wish:
    """The parts of a name below ``svc`` or ``pod``; empty are those that it does not have."""

    namespace: str = ""
    service: str = ""
    endpoint: str = ""
    port: str = ""
    protocol: str = ""


def targets(labels: Sequence[str], view: View) -> list[Target] | None:
    """Return where a name leads: nowhere for one that only others are below of, ``None`` when there is no such name.

    ``labels`` are those before the domain, in small letters: ``("web", "default", "svc")``.
    """
    if not labels:
        return []
    *rest, kind = labels
    wish = _parse(rest)
    if wish is None or kind not in {"svc", "pod"}:
        return None
    if not wish.service:
        return []
    return _pod(wish) if kind == "pod" else _service(wish, view)


def _parse(labels: Sequence[str]) -> _Wish | None:
    match list(labels):
        case []:
            return _Wish()
        case [namespace]:
            return _Wish(namespace)
        case [service, namespace]:
            return _Wish(namespace, service)
        case [endpoint, service, namespace]:
            return _Wish(namespace, service, endpoint)
        case [port, protocol, service, namespace]:
            return _Wish(namespace, service, "", port.removeprefix("_"), protocol.removeprefix("_"))
    return None


def _pod(wish: _Wish) -> list[Target] | None:
    """Return the address that a pod's name spells; whether there is such a pod is not looked at."""
    name = wish.service
    if wish.endpoint or wish.port or wish.protocol:
        return None
    text = name.replace("-", ".") if name.count("-") == 3 and "--" not in name else name.replace("-", ":")
    if not is_address(text):
        return None
    return [Target(text, f"{name}.{wish.namespace}.pod")]


def _service(wish: _Wish, view: View) -> list[Target] | None:
    service = view.service(wish.namespace, wish.service)
    if service is None:
        return None
    if service.spec.type == "ExternalName":
        found = _alias(wish, service)
    elif wish.endpoint or service.spec.cluster_ip == "None":
        found = list(_endpoint_targets(wish, view.slices(wish.namespace, wish.service)))
    else:
        owner = service_name(service)
        found = [
            Target(service.spec.cluster_ip, owner, port.port)
            for port in service.spec.ports
            if _matches(wish, port.name, port.protocol) and service.has_cluster_ip
        ]
    return found or None


def _alias(wish: _Wish, service: Service) -> list[Target]:
    name = service.spec.external_name
    if wish.endpoint or wish.port or wish.protocol or is_address(name):
        return []
    return [Target(name.rstrip(".") + ".", service_name(service), 0, alias=True)]


def _endpoint_targets(wish: _Wish, slices: Iterable[EndpointSlice]) -> Iterator[Target]:
    for piece in slices:
        # Ports are what an endpoint is found by; one without any has its address all the same.
        ports = [(port.name or "", port.protocol or "TCP", port.port or NO_PORT) for port in piece.ports]
        numbers = [number for name, protocol, number in ports or [("", "", NO_PORT)] if _matches(wish, name, protocol)]
        for endpoint, address in ready_addresses(piece):
            label = endpoint_label(endpoint, address)
            if wish.endpoint in {"", label}:
                owner = f"{label}.{wish.service}.{wish.namespace}.svc"
                yield from (Target(address, owner, number) for number in numbers)


def _matches(wish: _Wish, name: str, protocol: str) -> bool:
    return wish.port in {"", name.lower()} and wish.protocol in {"", protocol.lower()}


def ready_addresses(piece: EndpointSlice) -> Iterator[tuple[Endpoint, str]]:
    """Yield the addresses of the endpoints that are ready, or are not known to be otherwise."""
    if piece.address_type == "FQDN":
        return
    for endpoint in piece.endpoints:
        if endpoint.conditions.ready is not False:
            yield from ((endpoint, address) for address in endpoint.addresses)


def endpoint_label(endpoint: Endpoint, address: str) -> str:
    """Return what an endpoint is called below its Service: by its hostname, or by its address with dashes."""
    return (endpoint.hostname or address.replace(".", "-").replace(":", "-")).lower()


def service_name(service: Service) -> str:
    """Return a Service's name below the domain."""
    return f"{service.metadata.name}.{service.metadata.namespace}.svc"


def names_of(address: str, view: View) -> list[str]:
    """Return the names below the domain that an address has: of the Service whose it is, or of endpoints."""
    for service in view.services_at(address):
        return [service_name(service)]
    names = [
        f"{endpoint_label(endpoint, own)}.{piece.service_name}.{piece.metadata.namespace}.svc"
        for piece in view.slices_at(address)
        if piece.service_name
        for endpoint, own in ready_addresses(piece)
        if own == address
    ]
    return list(dict.fromkeys(names))


def is_address(text: str) -> bool:
    """Say whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
