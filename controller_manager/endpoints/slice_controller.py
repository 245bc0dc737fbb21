"""The EndpointSlice controller: slices for Services that choose pods (``pkg/controller/endpointslice``, v1.36)."""

from apimachinery.labels import MANAGED_BY_LABEL
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.pod import Pod
from apimachinery.types.service import Service
from controller_manager.controller import Context, Result
from controller_manager.endpoints.membership import chooses_pods
from controller_manager.endpoints.pace import Pace
from controller_manager.endpoints.slice_plan import Plan, Shape, plan
from controller_manager.endpoints.slice_writer import SliceWriter
from controller_manager.endpoints.slices import MANAGER, address_types, blank_slice, desired_groups
from controller_manager.endpoints.sources import Sources
from controller_manager.endpoints.trigger_times import TriggerTimes

LONGEST_REST_SECONDS = 0.05
"""A pod that is no longer ready must not be led to for longer than anybody notices."""


class EndpointSliceController:
    """Woken by Services, pods, nodes and slices; keys are ``namespace/name`` of Services.

    The slices of a Service that is deleted go with it, as their owner.
    """

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self.workers = settings.concurrent_service_endpoint_syncs
        self._clock = context.client.clock
        self._limit = settings.max_endpoints_per_slice
        self._sources = Sources(context, settings.endpointslice_updates_batch_period, nodes=True)
        self._writer = SliceWriter(context, _managed)
        self._pace = Pace(self._clock, LONGEST_REST_SECONDS)
        self._times = TriggerTimes()

    async def reconcile(self, key: str) -> Result | None:
        service = self._sources.service(key)
        if service is None:
            self._times.forget(key)
            return None
        if not chooses_pods(service):
            return None
        wait = self._pace.left(key) or self._writer.behind(key)
        if wait:
            return Result(wait)
        began = self._clock.monotonic()
        pods = self._sources.pods(service)
        changed_at = self._times.update(service, pods)
        made = self._plan(service, pods)
        if service.metadata.deletion_timestamp is not None:
            # The garbage collector is about to take what would be created.
            made.create.clear()
        if made.create or made.update or made.delete:
            await self._writer.write(key, made, changed_at)
            self._pace.wrote(key, began)
        return None

    def _plan(self, service: Service, pods: list[Pod]) -> Plan:
        whole, types = Plan(), address_types(service)
        existing = self._writer.slices(service.key)
        whole.delete = [found for found in existing if found.address_type not in types]
        for address_type in types:
            part = plan(
                [found for found in existing if found.address_type == address_type],
                desired_groups(service, pods, self._sources.node, address_type),
                Shape(blank_slice(service, address_type), self._limit),
            )
            whole.extend(part)
        return whole


def _managed(found: EndpointSlice) -> bool:
    return found.metadata.labels.get(MANAGED_BY_LABEL) == MANAGER
