"""Writing slices, and knowing what the cache does not show of it yet (``endpointslice_tracker.go``, v0.36)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from apimachinery.clock import rfc3339
from apimachinery.errors import NotFound
from apimachinery.types.base import to_wire
from apimachinery.types.discovery import EndpointSlice
from controller_manager.controller import Context
from controller_manager.endpoints.membership import LAST_CHANGE
from controller_manager.endpoints.slice_plan import Plan
from controller_manager.refusals import namespace_terminating
from kubeclient.resources import ENDPOINT_SLICES

PATIENCE_SECONDS = 5.0
"""After how long a write that the cache has not shown is no longer waited for."""

SERVICE_INDEX = "service"


@dataclass(slots=True)
class _Unseen:
    """The version of each slice that the cache is to show, by the slice's key; ``None`` when it is to be gone."""

    since: float
    versions: dict[str, int | None] = field(default_factory=dict)
    awaited: bool = False


class SliceWriter:
    """Carries out plans for slices that are ``mine``; the controller's queue is woken by what others do to them.

    Slices are made under names of the server's choice, so a plan made from a cache that is late would make them
    twice. Hence :meth:`behind`.
    """

    def __init__(self, context: Context, mine: Callable[[EndpointSlice], bool]) -> None:
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._mine = mine
        self._unseen: dict[str, _Unseen] = {}
        slices = context.informers.informer(ENDPOINT_SLICES, {SERVICE_INDEX: by_service})
        slices.on_change(self._slice_changed)
        self._slices = slices.cache

    def slices(self, key: str) -> list[EndpointSlice]:
        """Return the slices of a Service that are the controller's, as the cache has them."""
        return [found for found in self._slices.by_index(SERVICE_INDEX, key) if self._mine(found)]

    def behind(self, key: str) -> float:
        """Return for how many seconds more the cache may be waited for, 0 when it shows what has been written.

        When it does, the key is put into the queue.
        """
        unseen = self._unseen.get(key)
        if unseen is None:
            return 0.0
        left = unseen.since + PATIENCE_SECONDS - self._clock.monotonic()
        if left <= 0:
            del self._unseen[key]
            return 0.0
        unseen.awaited = True
        return left

    def _slice_changed(self, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        found = new or old
        assert found is not None
        if not any(self._mine(entry) for entry in (old, new) if entry is not None):
            return
        for key in {service for entry in (old, new) if entry is not None for service in by_service(entry)}:
            if not self._expected(key, found.key, new):
                self._queue.add(key)

    def _expected(self, key: str, slice_key: str, new: EndpointSlice | None) -> bool:
        """Note what the cache shows now; return whether that is news to nobody."""
        unseen = self._unseen.get(key)
        if unseen is None or slice_key not in unseen.versions:
            return False
        version = unseen.versions[slice_key]
        if new is not None and (version is None or int(new.metadata.resource_version) < version):
            # On the way to what was written last.
            return True
        del unseen.versions[slice_key]
        ours = new is None if version is None else new is not None and int(new.metadata.resource_version) == version
        if not unseen.versions:
            del self._unseen[key]
            return ours and not unseen.awaited
        return ours

    async def write(self, key: str, plan: Plan, changed_at: datetime | None) -> None:
        """Carry out a plan; slices say that what they show has been so since ``changed_at``.

        Raises :class:`~apimachinery.errors.StatusError`; what was written until then stays.
        """
        for made in plan.create:
            body = _body(made, changed_at)
            try:
                self._note(key, await self._client.create(ENDPOINT_SLICES, body, namespace=made.metadata.namespace))
            except Exception as error:
                if namespace_terminating(error):
                    return
                raise
        for made in plan.update:
            stamped = _stamped(made, changed_at)
            self._note(key, await self._client.replace(ENDPOINT_SLICES, stamped))
        for found in plan.delete:
            meta = found.metadata
            try:
                await self._client.delete(ENDPOINT_SLICES, meta.name, namespace=meta.namespace, uid=meta.uid)
            except NotFound:
                continue
            if found.key in self._slices:
                self._unseen.setdefault(key, _Unseen(self._clock.monotonic())).versions[found.key] = None

    def _note(self, key: str, written: EndpointSlice) -> None:
        version, cached = int(written.metadata.resource_version), self._slices.get(written.key)
        if cached is None or int(cached.metadata.resource_version) < version:
            unseen = self._unseen.setdefault(key, _Unseen(self._clock.monotonic()))
            unseen.since = self._clock.monotonic()
            unseen.versions[written.key] = version


def by_service(found: EndpointSlice) -> tuple[str, ...]:
    """File a slice under its Service's key."""
    return (found.service_key,) if found.service_key else ()


def _stamped(made: EndpointSlice, changed_at: datetime | None) -> EndpointSlice:
    if changed_at is None:
        return made
    annotations = {**made.metadata.annotations, LAST_CHANGE: rfc3339(changed_at)}
    return made.model_copy(update={"metadata": made.metadata.model_copy(update={"annotations": annotations})})


def _body(made: EndpointSlice, changed_at: datetime | None) -> dict[str, object]:
    return {"endpoints": [], **to_wire(_stamped(made, changed_at))}
