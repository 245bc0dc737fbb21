"""Gives Services of type LoadBalancer an address (``k8s.io/cloud-provider/controllers/service``, v0.36).

The part of a cloud is played by loopback: addresses come from a range of their own, and the proxy listens there.
"""

import ipaddress
from typing import Any

from apimachinery.errors import Conflict, NotFound
from apimachinery.types.core import object_reference
from apimachinery.types.service import Service
from controller_manager.cidr_set import CidrSet
from controller_manager.controller import Context, Result
from kubeclient.patches import checked_patch
from kubeclient.resources import SERVICES

EVENT_SOURCE = "service-controller"
NORMAL, WARNING = "Normal", "Warning"

_NOBODY = ""
"""Holds the first address of the range, which looks like a network's own."""


def addresses(cidr: str) -> CidrSet:
    """Return the addresses of a range, to be lent one by one; raise ``ValueError`` for what is no IPv4 range."""
    network = ipaddress.IPv4Network(cidr)
    found = CidrSet(cidr, network.max_prefixlen)
    found.occupy(_NOBODY, _alone(str(network.network_address)))
    return found


def wants_address(service: Service) -> bool:
    """Say whether an address is asked of this controller; a class names somebody else who is to give it."""
    return service.spec.type == "LoadBalancer" and not service.spec.load_balancer_class


class ServiceLBController:
    """Woken by Services. Which has what is learnt from the cache before the first is served."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_service_syncs
        self._client = context.client
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        self._addresses = addresses(context.settings.load_balancer_cidr)
        self._waiting: set[str] = set()
        services = context.informers.informer(SERVICES)
        services.on_change(self._service_changed)
        self._services = services.cache

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        if new is None:
            assert old is not None
            self._release(old.key)
            return
        if wants_address(new):
            for entry in new.status.load_balancer.ingress:
                if entry.ip:
                    self._addresses.occupy(new.key, _alone(entry.ip))
        self._queue.add(new.key)

    def _release(self, key: str) -> None:
        self._waiting.discard(key)
        if self._addresses.release(key):
            # Whoever had to wait may have waited for just this one.
            while self._waiting:
                self._queue.add(self._waiting.pop())

    async def reconcile(self, key: str) -> Result | None:
        service = self._services.get(key)
        if service is None or service.metadata.deletion_timestamp is not None:
            return None
        if not wants_address(service):
            if service.spec.type != "LoadBalancer":
                if service.status.load_balancer.ingress:
                    await self._write(service, None)
                self._release(key)
            return None
        if service.status.load_balancer.ingress:
            return None
        if (address := self._allocate(service)) is None:
            return None
        if await self._write(service, [{"ip": address}]):
            self._recorder.event(object_reference(service), NORMAL, "EnsuredLoadBalancer", "Ensured load balancer")
        return None

    def _allocate(self, service: Service) -> str | None:
        """Return the address that a Service gets, the one it asks for if it does; None: it has to wait."""
        key, wanted = service.key, service.spec.load_balancer_ip
        if wanted:
            found = _alone(wanted) if self._addresses.occupy(key, _alone(wanted)) else None
        else:
            found = self._addresses.allocate(key)
        if found is None:
            self._waiting.add(key)
            what = f"address {wanted} cannot be had" if wanted else "no address is left"
            message = f"Error syncing load balancer: failed to ensure load balancer: {what}"
            self._recorder.event(object_reference(service), WARNING, "SyncLoadBalancerFailed", message)
            return None
        self._waiting.discard(key)
        return found.partition("/")[0]

    async def _write(self, service: Service, ingress: list[dict[str, Any]] | None) -> bool:
        """Write the addresses; return whether they are written. A Service that has changed wakes this again."""
        meta = service.metadata
        patch = checked_patch(service, {"status": {"loadBalancer": {"ingress": ingress}}})
        try:
            await self._client.patch(SERVICES, meta.name, patch, namespace=meta.namespace, subresource="status")
        except (Conflict, NotFound):
            return False
        return True


def _alone(address: str) -> str:
    return f"{address}/32"
