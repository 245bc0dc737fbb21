"""``IPAddress`` objects for what services have, and the ranges that ``ServiceCIDR`` objects add.

Upstream's allocator (``pkg/registry/core/service/ipallocator/cidrallocator.go``) writes an ``IPAddress`` before the
service that gets it, and a controller (``pkg/controller/servicecidrs``, v1.36) sees to the ranges. Here the pools are
in memory; the objects follow the services within moments.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

from apimachinery.clock import rfc3339
from apimachinery.errors import AlreadyExists, Forbidden, NotFound, StatusError
from apiserver.following import follow
from apiserver.handlers.context import Context
from apiserver.handlers.delete import DeleteOptions, delete_object
from apiserver.own_objects import create_own, info_of
from apiserver.registry.resource import ResourceInfo
from apiserver.registry.service_allocation import ServiceAllocators
from store.errors import StoreClosed
from store.interface import Event, ListOptions, Record

JSONObject = dict[str, Any]
Owner = tuple[str, str]

logger = logging.getLogger(__name__)

GROUP = "networking.k8s.io"
MANAGED_BY = "ipaddress.kubernetes.io/managed-by"
MANAGER = "ipallocator.k8s.io"
FINALIZER = "networking.k8s.io/service-cidr-finalizer"
_GOING = b'"deletionTimestamp"'
_IN_USE = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR"


class ServiceAddresses:
    """Keeps the objects in step with the services. :meth:`run` follows both, and the ranges."""

    def __init__(self, context: Context, services: ServiceAllocators) -> None:
        self._context = context
        self._services = services
        self._owners: dict[str, Owner] = {}

    async def run(self) -> None:
        """Follow changes for as long as the store is open."""
        async with asyncio.TaskGroup() as group:
            for resource, resync, changed in (
                (("", "services"), self._all_services, self._service),
                ((GROUP, "servicecidrs"), self._all_ranges, self._range),
                ((GROUP, "ipaddresses"), self._all_addresses, self._address),
            ):
                group.create_task(self._follow(*resource, resync, changed), name=f"addresses-{resource[1]}")

    async def _follow(
        self,
        group: str,
        plural: str,
        resync: Callable[[Sequence[Record]], Awaitable[None]],
        changed: Callable[[Event], Awaitable[None]],
    ) -> None:
        info = info_of(self._context, group, plural)

        async def look() -> int:
            listed = await self._context.objects.list(info, "", ListOptions())
            await resync(listed.records)
            return listed.revision

        await follow(self._context.objects.store, info.prefix(), look, changed)

    async def _all_services(self, records: Sequence[Record]) -> None:
        before, self._owners = self._owners, {}
        for record in records:
            self._owners.update(_owned(record))
        for address in before.keys() | self._owners.keys():
            await self._settle(address)

    async def _service(self, event: Event) -> None:
        had = _owned(event.previous) if event.previous is not None else {}
        has = {} if event.deleted else _owned(event.record)
        for address, owner in had.items():
            if address not in has and self._owners.get(address) == owner:
                del self._owners[address]
        self._owners.update(has)
        for address in had.keys() ^ has.keys():
            await self._settle(address)

    async def _all_addresses(self, records: Sequence[Record]) -> None:
        for record in records:
            await self._seen(record, gone=False)

    async def _address(self, event: Event) -> None:
        await self._seen(event.record, gone=event.deleted)
        if event.deleted:
            ranges = (await self._context.objects.list(self._ranges, "", ListOptions())).records
            # Only those that are to go wait for an address to be free.
            await self._all_ranges([record for record in ranges if _GOING in record.value])

    async def _seen(self, record: Record, *, gone: bool) -> None:
        """Keep an address that somebody has written down by hand from services, as long as it is."""
        address = record.fields["metadata.name"]
        if record.labels.get(MANAGED_BY) != MANAGER and address not in self._owners:
            self._services.set_aside(address, aside=not gone)
        await self._settle(address)

    async def _settle(self, address: str) -> None:
        """Bring one object in line with who has the address."""
        info, owner = info_of(self._context, GROUP, "ipaddresses"), self._owners.get(address)
        try:
            found = orjson.loads((await self._context.objects.get(info, "", address)).value)
        except NotFound:
            found = None
        wanted = _object(address, owner) if owner else None
        try:
            managed = found is not None and (found["metadata"].get("labels") or {}).get(MANAGED_BY) == MANAGER
            if managed and (wanted is None or found["spec"]["parentRef"] != wanted["spec"]["parentRef"]):
                await delete_object(self._context, info, "", address, DeleteOptions())
                found = None
            if found is None and wanted is not None:
                await create_own(self._context, GROUP, "ipaddresses", wanted)
        except (NotFound, AlreadyExists, Forbidden):
            # Somebody was quicker, or admission does not let it be.
            return
        except StoreClosed:
            raise
        except StatusError as error:
            logger.warning("address %s: %s", address, error)

    @property
    def _ranges(self) -> ResourceInfo:
        return info_of(self._context, GROUP, "servicecidrs")

    async def _all_ranges(self, records: Sequence[Record]) -> None:
        for record in records:
            await self._settle_range(orjson.loads(record.value))

    async def _range(self, event: Event) -> None:
        if event.deleted:
            self._services.remove_range(event.record.fields["metadata.name"])
        else:
            await self._settle_range(orjson.loads(event.record.value))

    async def _settle_range(self, seen: JSONObject) -> None:
        """Give out of a range that is there; let one that goes go once none of its addresses is in use."""
        name, cidrs = seen["metadata"]["name"], seen["spec"]["cidrs"]
        going = bool(seen["metadata"].get("deletionTimestamp"))
        if going:
            self._services.remove_range(name)
        else:
            self._services.add_range(name, cidrs)
        held = going and any(self._services.only_within(address, cidrs) for address in self._owners)
        now = rfc3339(self._context.clock.now())

        async def change(old: JSONObject) -> JSONObject:
            metadata = old["metadata"]
            metadata.pop("resourceVersion", None)
            finalizers = [entry for entry in metadata.get("finalizers") or () if entry != FINALIZER]
            if not going or held:
                finalizers.append(FINALIZER)
            metadata["finalizers"] = finalizers
            return {**old, "status": {"conditions": [_condition(old, going=going, now=now)]}}

        try:
            await self._context.objects.update(self._ranges, "", name, change)
        except NotFound:
            return


def _owned(record: Record) -> dict[str, Owner]:
    """Return the cluster addresses of a stored service, and whose they are."""
    service = orjson.loads(record.value)
    owner = (service["metadata"]["namespace"], service["metadata"]["name"])
    return {address: owner for address in service["spec"].get("clusterIPs") or () if address != "None"}


def _object(address: str, owner: Owner) -> JSONObject:
    namespace, name = owner
    family = "IPv6" if ":" in address else "IPv4"
    return {
        "metadata": {"name": address, "labels": {"ipaddress.kubernetes.io/ip-family": family, MANAGED_BY: MANAGER}},
        "spec": {"parentRef": {"group": "", "resource": "services", "namespace": namespace, "name": name}},
    }


def _condition(service_cidr: JSONObject, *, going: bool, now: str) -> JSONObject:
    """Return whether a range is in use, with the time since when it is so."""
    status, reason, message = ("False", "Terminating", _IN_USE) if going else ("True", "", "")
    before: JSONObject = next(iter((service_cidr.get("status") or {}).get("conditions") or ()), {})
    since = before.get("lastTransitionTime", now) if before.get("status") == status else now
    message = message or before.get("message") or "Kubernetes Service CIDR is ready"
    return {"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": since}
