"""Storage for tests: a view of what the API server would show, shown by hand."""

from typing import Any

from apimachinery.types.base import Object
from apimachinery.types.csi import CSIDriver, CSINode, CSIStorageCapacity, VolumeAttachment
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from kubeclient.client import Client
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES, Resource
from scheduler.framework.interface import Handle
from scheduler.storage.resources import CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES, VOLUME_ATTACHMENTS
from scheduler.storage.view import StorageView
from tests.controller_manager.builders import claim, storage_class

_RESOURCES: dict[type[Object], Resource[Any]] = {
    PersistentVolumeClaim: PERSISTENT_VOLUME_CLAIMS,
    PersistentVolume: PERSISTENT_VOLUMES,
    StorageClass: STORAGE_CLASSES,
    CSIDriver: CSI_DRIVERS,
    CSINode: CSI_NODES,
    CSIStorageCapacity: CSI_STORAGE_CAPACITIES,
    VolumeAttachment: VOLUME_ATTACHMENTS,
}


class Storage:
    """A handle whose informers know these objects, and the view of them."""

    def __init__(self, *objects: Object) -> None:
        self.handle = Handle(Client("http://127.0.0.1:1"))
        self.view: StorageView = self.handle.shared(StorageView)
        self._versions = 0
        self.show(*objects)

    def show(self, *objects: Object) -> None:
        """Have the API server show objects, new or changed."""
        for obj in objects:
            self._versions += 1
            obj.metadata.resource_version = str(self._versions)
            self._apply(obj, obj)

    def hide(self, obj: Object) -> None:
        """Have the API server show that an object is gone."""
        self._apply(obj, None)

    def _apply(self, obj: Object, new: Object | None) -> None:
        # What the informer does with what a watch brings.
        self.handle.informers.of(_RESOURCES[type(obj)])._apply(obj.key, new)


def waiting_class(name: str = "standard", **more: Any) -> StorageClass:
    """A class whose claims wait for their first consumer."""
    return storage_class(name, volumeBindingMode="WaitForFirstConsumer", **more)


def bound(name: str = "data", volume: str = "pv", **more: Any) -> PersistentVolumeClaim:
    """A claim that has its volume."""
    annotations = {"pv.kubernetes.io/bind-completed": "yes"}
    return claim(name, volume=volume, annotations=annotations, status={"phase": "Bound"}, **more)


def on(*values: str, key: str = "kubernetes.io/hostname") -> dict[str, Any]:
    """The part of a volume's spec that says which nodes can have it."""
    expression = {"key": key, "operator": "In", "values": list(values)}
    return {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}}


def csi_node(name: str, **limits: int | None) -> CSINode:
    """A node's drivers, ``example`` standing for ``example.csi``, with how many volumes each takes."""
    drivers = [
        {"name": f"{driver}.csi", "nodeID": name, "allocatable": {} if count is None else {"count": count}}
        for driver, count in limits.items()
    ]
    return CSINode.model_validate({"metadata": {"name": name}, "spec": {"drivers": drivers}})


def csi(handle: str, driver: str = "example.csi") -> dict[str, Any]:
    """The source in the spec of a driver's volume."""
    return {"csi": {"driver": driver, "volumeHandle": handle}}
