"""What there is of storage in the cluster."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from apimachinery.types.csi import CSIStorageCapacity, VolumeAttachment
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES
from scheduler.framework.informers import SharedInformers
from scheduler.framework.shown_pod import SHOWN_PODS
from scheduler.storage.assumed import AssumedObjects
from scheduler.storage.places import Places
from scheduler.storage.resources import CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES, VOLUME_ATTACHMENTS

_CLASS = "scheduler class"
_NODE = "scheduler node"


class StorageView:
    """Caches of everything that has to do with volumes, and what has been assumed of them. One per scheduler."""

    def __init__(self, informers: SharedInformers) -> None:
        volumes = informers.of(PERSISTENT_VOLUMES)
        volumes.cache.add_index(_CLASS, _class_of_volume)
        claims = informers.of(PERSISTENT_VOLUME_CLAIMS)
        capacities = informers.of(CSI_STORAGE_CAPACITIES)
        capacities.cache.add_index(_CLASS, _class_of_capacity)
        attachments = informers.of(VOLUME_ATTACHMENTS)
        attachments.cache.add_index(_NODE, _node_of_attachment)
        self.claims = AssumedObjects(claims)
        self.volumes = AssumedObjects(volumes)
        self.classes = informers.of(STORAGE_CLASSES).cache
        self.drivers = informers.of(CSI_DRIVERS).cache
        self.csi_nodes = informers.of(CSI_NODES).cache
        self.places = Places()
        self._capacities, self._attachments = capacities.cache, attachments.cache
        self._listeners: set[asyncio.Event] = set()
        for informer in (claims, volumes, informers.of(SHOWN_PODS)):
            informer.on_change(self._ring)

    def storage_class(self, claim: PersistentVolumeClaim) -> StorageClass | None:
        """Return the claim's class when it has one that there is."""
        return self.classes.get(claim.storage_class) if claim.storage_class else None

    def volumes_of_class(self, name: str) -> list[PersistentVolume]:
        return self.volumes.by_index(_CLASS, name)

    def capacities_of_class(self, name: str) -> list[CSIStorageCapacity]:
        return self._capacities.by_index(_CLASS, name)

    def attachments_to(self, node_name: str) -> list[VolumeAttachment]:
        return self._attachments.by_index(_NODE, node_name)

    @contextmanager
    def changes(self) -> Iterator[asyncio.Event]:
        """Set the event whenever a claim, a volume or a pod changes, as long as the block takes."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    def _ring(self, old: object, new: object) -> None:
        for event in self._listeners:
            event.set()


def _class_of_volume(volume: PersistentVolume) -> list[str]:
    return [volume.storage_class]


def _class_of_capacity(capacity: CSIStorageCapacity) -> list[str]:
    return [capacity.storage_class_name]


def _node_of_attachment(attachment: VolumeAttachment) -> list[str]:
    return [attachment.spec.node_name]
