"""The Service ``kube-system/kube-dns``, which the name server is found by, and the slice that says where it is.

Ports and labels are those of upstream's add-on (``cluster/addons/dns/coredns``, v1.36). There is no selector, since no
pod is behind it: the server listens on the cluster address itself, and a label tells proxies to keep away from it.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apimachinery.errors import AlreadyExists, StatusError
from apimachinery.labels import MANAGED_BY_LABEL, SERVICE_NAME_LABEL
from apimachinery.types.base import to_wire
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.service import Service
from kubeclient.backoff import Backoff
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.informer import Cache
from kubeclient.resources import ENDPOINT_SLICES, SERVICES

logger = logging.getLogger(__name__)

NAMESPACE = "kube-system"
NAME = "kube-dns"
KEY = f"{NAMESPACE}/{NAME}"
MANAGER = "dns.kubemu.io"

_SERVICE_LABELS = {
    "k8s-app": NAME,
    "kubernetes.io/cluster-service": "true",
    "kubernetes.io/name": "CoreDNS",
    "service.kubernetes.io/service-proxy-name": MANAGER,
}
_SLICE_LABELS = {SERVICE_NAME_LABEL: NAME, MANAGED_BY_LABEL: MANAGER}
_PORTS = (("dns", "UDP"), ("dns-tcp", "TCP"))

JSONObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is: ``port`` is the Service's, ``real_port`` the one that it listens on."""

    address: str
    port: int
    real_port: int


@dataclass(frozen=True, slots=True)
class Writes:
    """What is to be written: an object where there is none, a merge patch where it is not as it should be."""

    new_service: JSONObject | None = None
    service_patch: JSONObject | None = None
    new_slice: JSONObject | None = None
    slice_patch: JSONObject | None = None


def writes(service: Service | None, piece: EndpointSlice | None, place: Place) -> Writes:
    """Return what is missing for the server to be found.

    A Service of that name at another address, or with pods behind it, is somebody else's name server: it is left alone.
    """
    if service is not None and (service.spec.cluster_ip != place.address or service.spec.selector):
        return Writes()
    ports = [{"name": name, "port": place.port, "protocol": protocol} for name, protocol in _PORTS]
    content = {
        "endpoints": [{"addresses": [place.address], "conditions": {"ready": True}}],
        "ports": [{"name": name, "port": place.real_port, "protocol": protocol} for name, protocol in _PORTS],
    }
    new_service = service_patch = new_slice = slice_patch = None
    if service is None:
        new_service = {
            "metadata": {"name": NAME, "labels": _SERVICE_LABELS},
            "spec": {"clusterIP": place.address, "ports": ports},
        }
    else:
        service_patch = _labels_patch(service.metadata.labels, _SERVICE_LABELS)
        if [(port.name, port.protocol, port.port) for port in service.spec.ports] != [
            (name, protocol, place.port) for name, protocol in _PORTS
        ]:
            service_patch["spec"] = {"ports": ports}
    if piece is None:
        family = "IPv6" if ":" in place.address else "IPv4"
        new_slice = {"metadata": {"name": NAME, "labels": _SLICE_LABELS}, "addressType": family, **content}
    else:
        slice_patch = _labels_patch(piece.metadata.labels, _SLICE_LABELS)
        slice_patch |= {key: value for key, value in content.items() if to_wire(piece).get(key) != value}
    return Writes(new_service, service_patch or None, new_slice, slice_patch or None)


def _labels_patch(labels: JSONObject, wanted: JSONObject) -> JSONObject:
    return {} if labels.items() >= wanted.items() else {"metadata": {"labels": wanted}}


class OwnService:
    """Keeps the two objects there. :meth:`wake` is told of changes, :meth:`run` never returns by itself."""

    def __init__(
        self, client: Client, services: Cache[Service], slices: Cache[EndpointSlice], place: Place, backoff: Backoff
    ) -> None:
        self._client = client
        self._services = services
        self._slices = slices
        self._place = place
        self._backoff = backoff
        self._changed = asyncio.Event()

    def wake(self, changed: Iterable[Service | EndpointSlice | None]) -> None:
        """Look again, should any of these be one of the two."""
        if any(obj is not None and obj.key == KEY for obj in changed):
            self._changed.set()

    async def run(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self.step()
            except AlreadyExists:
                # The cache does not show it yet; once it does, that is a change.
                logger.debug("service %s: the cache is late", KEY)
            except (StatusError, ConnectionFailed) as error:
                logger.warning("service %s: %s", KEY, error)
                await self._client.clock.sleep(self._backoff.next())
                continue
            self._backoff.reset()
            await self._changed.wait()

    async def step(self) -> None:
        """Write what the caches lack; raise what the server says to it."""
        due = writes(self._services.get(KEY), self._slices.get(KEY), self._place)
        client = self._client
        if due.new_service is not None:
            await client.create(SERVICES, due.new_service, namespace=NAMESPACE)
        if due.service_patch is not None:
            await client.patch(SERVICES, NAME, due.service_patch, namespace=NAMESPACE)
        if due.new_slice is not None:
            await client.create(ENDPOINT_SLICES, due.new_slice, namespace=NAMESPACE)
        if due.slice_patch is not None:
            await client.patch(ENDPOINT_SLICES, NAME, due.slice_patch, namespace=NAMESPACE)
