"""What the name server knows of the cluster."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeclient.informer import Cache, Index

BY_ADDRESS = "dns-address"
BY_SERVICE = "dns-service"


class View(Protocol):
    """Services and slices, found by name and by address. Names are in small letters, addresses in canonical form."""

    def service(self, namespace: str, name: str) -> Service | None: ...

    def slices(self, namespace: str, name: str) -> Iterable[EndpointSlice]:
        """Return the slices of a Service."""
        ...

    def services_at(self, address: str) -> Iterable[Service]:
        """Return the Services that have a cluster address."""
        ...

    def slices_at(self, address: str) -> Iterable[EndpointSlice]:
        """Return the slices that have an endpoint at an address."""
        ...


def _cluster_address(service: Service) -> Iterable[str]:
    return [service.spec.cluster_ip] if service.has_cluster_ip else []


def _service_key(piece: EndpointSlice) -> Iterable[str]:
    return [piece.service_key] if piece.service_key else []


def _endpoint_addresses(piece: EndpointSlice) -> Iterable[str]:
    return {address for endpoint in piece.endpoints for address in endpoint.addresses}


SERVICE_INDEXES: Mapping[str, Index[Service]] = {BY_ADDRESS: _cluster_address}
SLICE_INDEXES: Mapping[str, Index[EndpointSlice]] = {BY_SERVICE: _service_key, BY_ADDRESS: _endpoint_addresses}


class CachedView:
    """A :class:`View` of informers' caches, to which it adds the indexes that it needs; they must be empty yet."""

    def __init__(self, services: Cache[Service], slices: Cache[EndpointSlice]) -> None:
        for name, of_service in SERVICE_INDEXES.items():
            services.add_index(name, of_service)
        for name, of_slice in SLICE_INDEXES.items():
            slices.add_index(name, of_slice)
        self._services = services
        self._slices = slices

    def service(self, namespace: str, name: str) -> Service | None:
        return self._services.get(f"{namespace}/{name}")

    def slices(self, namespace: str, name: str) -> Iterable[EndpointSlice]:
        return self._slices.by_index(BY_SERVICE, f"{namespace}/{name}")

    def services_at(self, address: str) -> Iterable[Service]:
        return self._services.by_index(BY_ADDRESS, address)

    def slices_at(self, address: str) -> Iterable[EndpointSlice]:
        return self._slices.by_index(BY_ADDRESS, address)
