"""The watches that scheduler and plugins share: each kind is listed and watched once."""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from apimachinery.tasks import guard
from kubeclient.client import Client
from kubeclient.informer import PAGE_SIZE, Informer
from kubeclient.resources import Readable, Resource
from scheduler.framework.events import EventResource

T = TypeVar("T", bound=Readable)

UNFINISHED = "status.phase!=Succeeded,status.phase!=Failed"
"""Pods that can still take up room; the others are of no interest."""

EVENT_RESOURCES = {
    ("", "namespaces"): EventResource.NAMESPACE,
    ("", "persistentvolumes"): EventResource.PERSISTENT_VOLUME,
    ("", "persistentvolumeclaims"): EventResource.PERSISTENT_VOLUME_CLAIM,
    ("storage.k8s.io", "storageclasses"): EventResource.STORAGE_CLASS,
    ("storage.k8s.io", "csinodes"): EventResource.CSI_NODE,
    ("storage.k8s.io", "csidrivers"): EventResource.CSI_DRIVER,
    ("storage.k8s.io", "csistoragecapacities"): EventResource.CSI_STORAGE_CAPACITY,
    ("storage.k8s.io", "volumeattachments"): EventResource.VOLUME_ATTACHMENT,
}
"""As which kind of event the queue hears of changes. Nodes and pods have handlers of their own."""


class SharedInformers:
    """Makes an informer when it is first asked for; all must be asked for before ``run()``.

    ``seed`` makes the jitter of their retries repeatable, without a part in it for the choices among nodes.
    """

    def __init__(self, client: Client, seed: int | None = None) -> None:
        self._client = client
        self._seed = seed
        self._informers: dict[tuple[str, str], Informer[Any]] = {}
        self._models: dict[tuple[str, str], type[Any]] = {}

    def of(self, resource: Resource[T]) -> Informer[T]:
        """Return the informer of a kind, cluster-wide. Of pods, only those that have not finished are seen.

        Raises ``ValueError`` when the kind is watched as something else already: pods are, as
        :data:`~scheduler.framework.shown_pod.SHOWN_PODS`.
        """
        key = (resource.group, resource.plural)
        known: Informer[T] | None = self._informers.get(key)
        if known is None:
            selector = UNFINISHED if key == ("", "pods") else ""
            rng = random.Random(self._seed)
            known = Informer(self._client, resource, field_selector=selector, rng=rng, page_size=PAGE_SIZE)
            self._informers[key] = known
            self._models[key] = resource.model
        elif self._models[key] is not resource.model:
            raise ValueError(f"{resource.plural} are watched as {self._models[key].__name__}")
        return known

    def on_events(self, tell: Callable[[EventResource, Any, Any], None]) -> None:
        """Have ``tell(kind, old, new)`` called for changes of all kinds in :data:`EVENT_RESOURCES` asked for by now."""
        for key, informer in self._informers.items():
            kind = EVENT_RESOURCES.get(key)
            if kind is not None:
                informer.on_change(partial(tell, kind))

    @property
    def synced(self) -> bool:
        """Whether everything has been listed."""
        return all(informer.synced for informer in self._informers.values())

    async def wait_synced(self) -> None:
        for informer in self._informers.values():
            await informer.wait_synced()

    def start(self, group: asyncio.TaskGroup) -> None:
        """List and watch in ``group`` until it is cancelled."""
        for (_, plural), informer in self._informers.items():
            group.create_task(guard(informer.run(), f"informer of {plural}"), name=f"informer-{plural}")
