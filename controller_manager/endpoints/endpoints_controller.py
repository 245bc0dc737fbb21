"""The Endpoints controller: one object for every Service that chooses pods (``pkg/controller/endpoint``, v1.36).

The old form of what EndpointSlices say, for those who still read it.
"""

from datetime import datetime

from apimachinery.clock import rfc3339
from apimachinery.errors import Conflict, NotFound, StatusError
from apimachinery.types.base import ObjectMeta
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from apimachinery.types.service import Endpoints, Service
from controller_manager.controller import Context, Result
from controller_manager.endpoints.membership import LAST_CHANGE, chooses_pods
from controller_manager.endpoints.pace import Pace
from controller_manager.endpoints.sources import Sources
from controller_manager.endpoints.subsets import MANAGED_BY_LABEL, MANAGER, labels_of, subsets_of, truncated
from controller_manager.endpoints.trigger_times import TriggerTimes
from controller_manager.refusals import namespace_terminating
from kubeclient.events import WARNING
from kubeclient.resources import ENDPOINTS

OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"

LONGEST_REST_SECONDS = 0.5
"""An object with a thousand addresses takes a while to write, and its readers have slices for what is urgent."""


class EndpointsController:
    """Woken by Services, pods and Endpoints; keys are ``namespace/name`` of Services."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self.workers = settings.concurrent_endpoint_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(MANAGER)
        self._sources = Sources(context, settings.endpoint_updates_batch_period)
        self._pace = Pace(self._clock, LONGEST_REST_SECONDS)
        self._times = TriggerTimes()
        self._known: set[str] = set()
        endpoints = context.informers.informer(ENDPOINTS)
        endpoints.on_change(self._endpoints_changed)
        self._endpoints = endpoints.cache

    def _endpoints_changed(self, old: Endpoints | None, new: Endpoints | None) -> None:
        """One that is gone is made again; one that is seen for the first time may have outlived its Service."""
        found = new or old
        assert found is not None
        if old is None or new is None:
            self._queue.add(found.key)

    async def reconcile(self, key: str) -> Result | None:
        service = self._sources.service(key)
        if service is None:
            self._times.forget(key)
            await self._remove(key)
            return None
        self._known.add(key)
        if not chooses_pods(service):
            return None
        wait = self._pace.left(key)
        if wait:
            return Result(wait)
        began = self._clock.monotonic()
        pods = self._sources.pods(service)
        changed_at = self._times.update(service, pods)
        found = self._endpoints.get(key)
        wanted = wanted_endpoints(service, pods, found, changed_at)
        if wanted is not None:
            await self._write(wanted, create=found is None)
            self._pace.wrote(key, began)
        return None

    async def _remove(self, key: str) -> None:
        """Delete what belongs to a Service that is gone; what nobody knows a Service of is its maker's."""
        found = self._endpoints.get(key)
        if found is None or not (key in self._known or found.metadata.labels.get(MANAGED_BY_LABEL) == MANAGER):
            return
        self._known.discard(key)
        meta = found.metadata
        try:
            await self._client.delete(ENDPOINTS, meta.name, namespace=meta.namespace, uid=meta.uid)
        except NotFound:
            return

    async def _write(self, wanted: Endpoints, *, create: bool) -> None:
        try:
            if create:
                await self._client.create(ENDPOINTS, wanted)
            else:
                await self._client.replace(ENDPOINTS, wanted)
        except StatusError as error:
            if namespace_terminating(error):
                return
            if not isinstance(error, Conflict):
                self._tell(wanted, error, create=create)
            raise

    def _tell(self, wanted: Endpoints, error: StatusError, *, create: bool) -> None:
        name = f"{wanted.metadata.namespace}/{wanted.metadata.name}"
        if create:
            reason, message = "FailedToCreateEndpoint", f"Failed to create endpoint for service {name}: {error}"
        else:
            reason, message = "FailedToUpdateEndpoint", f"Failed to update endpoint {name}: {error}"
        self._recorder.event(object_reference(wanted), WARNING, reason, message)


def wanted_endpoints(
    service: Service, pods: list[Pod], found: Endpoints | None, changed_at: datetime | None
) -> Endpoints | None:
    """Return the Endpoints to be written, ``None`` when those that were ``found`` say it all."""
    subsets, over = truncated(subsets_of(service, pods))
    labels = labels_of(service)
    if (
        found is not None
        and found.subsets == subsets
        and found.metadata.labels == labels
        and over == (OVER_CAPACITY in found.metadata.annotations)
    ):
        return None
    meta = found.metadata if found is not None else service.metadata
    kept = found.metadata.annotations if found is not None else {}
    annotations = {key: value for key, value in kept.items() if key not in {LAST_CHANGE, OVER_CAPACITY}}
    if changed_at is not None:
        annotations[LAST_CHANGE] = rfc3339(changed_at)
    if over:
        annotations[OVER_CAPACITY] = "truncated"
    if found is not None:
        metadata = meta.model_copy(update={"labels": labels, "annotations": annotations})
        return found.model_copy(update={"metadata": metadata, "subsets": subsets})
    metadata = ObjectMeta(name=meta.name, namespace=meta.namespace, labels=labels, annotations=annotations)
    return Endpoints(metadata=metadata, subsets=subsets)
