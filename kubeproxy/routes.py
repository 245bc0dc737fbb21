"""Which addresses a Service is reached at, and the endpoints behind each of them.

The rules of ``pkg/proxy/topology.go``, ``serviceport.go`` and ``endpointslicecache.go``, v1.36. All Services are on one
machine here, so "the node" of a client is the one whose address or range of pod addresses it calls from.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apimachinery.types.discovery import IPV4, EndpointHints, EndpointSlice
from apimachinery.types.service import Service, ServicePort
from kubeproxy.ipv4 import is_address, network
from kubeproxy.node_map import NodeMap
from kubeproxy.settings import Settings

PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name"
"""A Service with this label is some other proxy's."""

SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
"""The older form of ``spec.loadBalancerSourceRanges``."""

PROTOCOLS = ("TCP", "UDP")
DEFAULT_AFFINITY_SECONDS = 10_800
"""``DefaultClientIPServiceAffinitySeconds``."""

LOCALHOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, order=True)
class Frontend:
    """An address to listen on; ``protocol`` is ``TCP`` or ``UDP``."""

    protocol: str
    ip: str
    port: int


@dataclass(frozen=True, slots=True, order=True)
class Backend:
    """An endpoint; ``node`` is empty where no node is known."""

    ip: str
    port: int
    node: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """What is behind a frontend: at least one backend.

    ``name`` is of the Service's port: all frontends of one port take turns together. ``by_node``, where there is one,
    is all that clients on nodes may have; the others get any. ``affinity_seconds`` is how long a client stays with its
    backend; 0: not at all. Clients are to be in one of the networks ``sources``, where that is not None.
    """

    name: str
    backends: tuple[Backend, ...]
    by_node: Mapping[str, tuple[Backend, ...]] | None = None
    affinity_seconds: int = 0
    sources: tuple[ipaddress.IPv4Network, ...] | None = None

    def admits(self, client: str) -> bool:
        """Say whether a client at this address may come in."""
        return self.sources is None or any(ipaddress.IPv4Address(client) in source for source in self.sources)

    def open_to(self, node: str) -> tuple[Backend, ...]:
        """Return the backends that a client on this node may have; the empty name is of no node."""
        return self.backends if self.by_node is None or not node else self.by_node.get(node, ())

    def leads_to(self, backend: Backend) -> bool:
        """Say whether anybody gets to this backend."""
        return backend in self.backends or backend in (self.by_node or {}).get(backend.node, ())


@dataclass(frozen=True, slots=True)
class _Candidate:
    backend: Backend
    ready: bool
    leaving: bool
    """It is terminating, and still serves."""
    for_nodes: frozenset[str] = frozenset()
    for_zones: frozenset[str] = frozenset()


def is_proxied(service: Service) -> bool:
    """Say whether a Service has an address, and this proxy is to see to it."""
    return service.has_cluster_ip and PROXY_NAME_LABEL not in service.metadata.labels


def service_routes(
    service: Service, slices: Iterable[EndpointSlice], nodes: NodeMap, settings: Settings
) -> dict[Frontend, Route]:
    """Return where to listen for a Service, and what is there. An address that leads nowhere is not listened on."""
    if not is_proxied(service):
        return {}
    slices = list(slices)
    routes: dict[Frontend, Route] = {}
    for port in service.spec.ports:
        if port.protocol in PROTOCOLS:
            routes |= _port_routes(service, port, _candidates(slices, port), nodes, settings)
    return routes


def _port_routes(
    service: Service, port: ServicePort, candidates: Sequence[_Candidate], nodes: NodeMap, settings: Settings
) -> dict[Frontend, Route]:
    spec = service.spec
    name = f"{service.key}:{port.name or port.port}/{port.protocol}"
    affinity = affinity_seconds(service)
    anywhere = usable(candidates)
    routes: dict[Frontend, Route] = {}

    def add(
        ip: str,
        number: int,
        backends: tuple[Backend, ...],
        by_node: Mapping[str, tuple[Backend, ...]] | None = None,
        sources: tuple[ipaddress.IPv4Network, ...] | None = None,
    ) -> None:
        if backends and is_address(ip):
            routes[Frontend(port.protocol, ip, number)] = Route(name, backends, by_node, affinity, sources)

    # A client that is on no node is near to none, and gets any backend.
    near = _near(candidates, nodes)
    local = {node: usable(candidates, node) for node in {entry.backend.node for entry in candidates}}
    by_node = local if spec.internal_traffic_policy == "Local" else near or None
    add(spec.cluster_ip, port.port, anywhere, by_node)
    # What comes from outside is sent, by whoever sends it, to nodes that have endpoints: all of them together.
    ingress = [entry.ip for entry in service.status.load_balancer.ingress if entry.ip and entry.ip_mode != "Proxy"]
    for ip in spec.external_ips:
        add(ip, port.port, anywhere)
    for ip in ingress:
        add(ip, port.port, anywhere, sources=source_ranges(service))
    if port.node_port:
        if settings.localhost_nodeports:
            add(LOCALHOST, port.node_port, anywhere)
        only_local = spec.external_traffic_policy == "Local"
        for node, ip in nodes.addresses:
            if _has_node_ports(ip, settings):
                add(ip, port.node_port, local.get(node, ()) if only_local else near.get(node, anywhere))
    return routes


def _near(candidates: Sequence[_Candidate], nodes: NodeMap) -> dict[str, tuple[Backend, ...]]:
    """Return the backends that hints give to each node; empty when there are no hints."""
    if not any(entry.for_nodes or entry.for_zones for entry in candidates):
        return {}
    return {node: preferred(candidates, node, zone) for node, zone in nodes.zones}


def usable(candidates: Iterable[_Candidate], node: str | None = None) -> tuple[Backend, ...]:
    """Return the backends that are ready or, when none is, those that still serve while they end; sorted.

    ``node`` leaves out those of other nodes.
    """
    here = [entry for entry in candidates if node is None or entry.backend.node == node]
    ready = {entry.backend for entry in here if entry.ready}
    return tuple(sorted(ready or {entry.backend for entry in here if entry.leaving}))


def preferred(candidates: Sequence[_Candidate], node: str, zone: str) -> tuple[Backend, ...]:
    """Return the backends for clients on a node in a zone (empty: in none), as the hints of the endpoints have it.

    Hints count only where every ready endpoint has them and one is for this node or, failing that, this zone.
    """
    ready = [entry for entry in candidates if entry.ready]
    for hints, own in (([entry.for_nodes for entry in ready], node), ([entry.for_zones for entry in ready], zone)):
        if own and all(hints) and any(own in names for names in hints):
            return usable(entry for entry, names in zip(ready, hints, strict=True) if own in names)
    return usable(candidates)


def affinity_seconds(service: Service) -> int:
    """Return how long a client of the Service stays with its backend; 0: not at all."""
    if service.spec.session_affinity != "ClientIP":
        return 0
    config = service.spec.session_affinity_config
    seconds = config.client_ip.timeout_seconds if config is not None and config.client_ip is not None else None
    return DEFAULT_AFFINITY_SECONDS if seconds is None else seconds


def source_ranges(service: Service) -> tuple[ipaddress.IPv4Network, ...] | None:
    """Return from where the load balancer's address may be reached; None: from anywhere. IPv6 ranges are left out."""
    given = service.spec.load_balancer_source_ranges
    if not given:
        written = service.metadata.annotations.get(SOURCE_RANGES_ANNOTATION, "").strip()
        given = written.split(",") if written else []
    return tuple(found for entry in given if (found := network(entry)) is not None) if given else None


def _candidates(slices: Iterable[EndpointSlice], port: ServicePort) -> list[_Candidate]:
    found = []
    for piece in slices:
        numbers = [
            entry.port
            for entry in piece.ports
            if (entry.name or "") == port.name and (entry.protocol or "TCP") == port.protocol and entry.port
        ]
        if not numbers or piece.address_type != IPV4:
            continue
        for endpoint in piece.endpoints:
            if endpoint.addresses:
                conditions = endpoint.conditions
                serving = conditions.serving is not False and conditions.terminating is True
                backend = Backend(endpoint.addresses[0], numbers[0], endpoint.node_name or "")
                hints = endpoint.hints or EndpointHints()
                for_nodes, for_zones = (
                    frozenset(hint.name for hint in all_) for all_ in (hints.for_nodes, hints.for_zones)
                )
                found.append(_Candidate(backend, conditions.ready is not False, serving, for_nodes, for_zones))
    return found


def _has_node_ports(ip: str, settings: Settings) -> bool:
    allowed = settings.nodeport_addresses
    return not allowed or any(ipaddress.IPv4Address(ip) in one for one in allowed)
