"""The EndpointSlice mirroring controller: slices for Endpoints that somebody has made by hand.

``pkg/controller/endpointslicemirroring``, v1.36.
"""

from apimachinery.clock import parse_rfc3339
from apimachinery.labels import MANAGED_BY_LABEL
from apimachinery.types.core import object_reference
from apimachinery.types.discovery import IPV4, IPV6, EndpointSlice
from apimachinery.types.service import Endpoints, Service
from controller_manager.controller import Context, Result
from controller_manager.endpoints.membership import LAST_CHANGE
from controller_manager.endpoints.mirroring import MANAGER, blank_mirror, is_mirrored, mirrored_groups
from controller_manager.endpoints.slice_plan import Plan, Shape, plan
from controller_manager.endpoints.slice_writer import SliceWriter
from kubeclient.events import WARNING
from kubeclient.resources import ENDPOINTS, SERVICES

EVENT_SOURCE = "endpoint-slice-mirroring-controller"

SLICE_LIMIT = 1000
"""How many endpoints one slice takes (``MirroringMaxEndpointsPerSubset`` bounds them before)."""


class EndpointSliceMirroringController:
    """Woken by Endpoints, Services and slices; keys are ``namespace/name`` of both."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self.workers = settings.mirroring_concurrent_service_endpoint_syncs
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        self._limit = settings.mirroring_max_endpoints_per_subset
        self._batch_period = settings.mirroring_endpointslice_updates_batch_period
        endpoints = context.informers.informer(ENDPOINTS)
        services = context.informers.informer(SERVICES)
        endpoints.on_change(self._endpoints_changed)
        services.on_change(self._service_changed)
        self._endpoints = endpoints.cache
        self._services = services.cache
        self._writer = SliceWriter(context, _managed)

    def _endpoints_changed(self, old: Endpoints | None, new: Endpoints | None) -> None:
        found = new or old
        assert found is not None
        service = self._services.get(found.key)
        if service is None or not service.spec.selector:
            self._queue.add_after(found.key, self._batch_period)

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        """Only a selector that comes or goes makes a difference."""
        found = new or old
        assert found is not None
        if old is None or new is None or bool(old.spec.selector) != bool(new.spec.selector):
            self._queue.add(found.key)

    async def reconcile(self, key: str) -> Result | None:
        wait = self._writer.behind(key)
        if wait:
            return Result(wait)
        endpoints = self._endpoints.get(key)
        existing = self._writer.slices(key)
        if endpoints is None or not is_mirrored(endpoints, self._services.get(key)):
            await self._writer.write(key, Plan(delete=existing), None)
            return None
        whole, skipped = Plan(), 0
        for address_type in (IPV4, IPV6):
            groups, left_out = mirrored_groups(endpoints, address_type, self._limit)
            shape = Shape(blank_mirror(endpoints, address_type), SLICE_LIMIT, placeholder=False, own_annotations=True)
            whole.extend(plan([found for found in existing if found.address_type == address_type], groups, shape))
            skipped += left_out
        if skipped:
            message = (
                f"A max of {self._limit} addresses can be mirrored to EndpointSlices per Endpoints subset. "
                f"{skipped} addresses were skipped"
            )
            self._recorder.event(object_reference(endpoints), WARNING, "TooManyAddressesToMirror", message)
        changed_at = endpoints.metadata.annotations.get(LAST_CHANGE)
        await self._writer.write(key, whole, parse_rfc3339(changed_at) if changed_at else None)
        return None


def _managed(found: EndpointSlice) -> bool:
    return found.metadata.labels.get(MANAGED_BY_LABEL) == MANAGER
