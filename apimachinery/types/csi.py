"""What CSI drivers and the components around them tell of themselves (``storage.k8s.io/v1``)."""

from typing import ClassVar

from pydantic import Field

from apimachinery.types.base import LabelSelector, Model, Object


class CSIDriverSpec(Model):
    storage_capacity: bool = False
    prevent_pod_scheduling_if_missing: bool = False


class CSIDriver(Object):
    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "CSIDriver"

    spec: CSIDriverSpec = Field(default_factory=CSIDriverSpec)


class VolumeNodeResources(Model):
    """How many volumes of a driver a node takes; ``None`` for any number."""

    count: int | None = None


class CSINodeDriver(Model):
    name: str
    allocatable: VolumeNodeResources | None = None


class CSINodeSpec(Model):
    drivers: list[CSINodeDriver] = Field(default_factory=list)


class CSINode(Object):
    """What drivers a node has; it has the node's name."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "CSINode"

    spec: CSINodeSpec = Field(default_factory=CSINodeSpec)

    @property
    def limits(self) -> dict[str, int]:
        """The numbers of volumes by driver, of those drivers that have one."""
        return {
            driver.name: driver.allocatable.count
            for driver in self.spec.drivers
            if driver.allocatable is not None and driver.allocatable.count is not None
        }


class CSIStorageCapacity(Object):
    """What is left for volumes of a class on the nodes of a topology; no topology stands for no node."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "CSIStorageCapacity"

    node_topology: LabelSelector | None = None
    storage_class_name: str = ""
    capacity: str | None = None
    maximum_volume_size: str | None = None

    @property
    def volume_limit(self) -> str | None:
        """The largest volume that there is room for, as a quantity."""
        return self.maximum_volume_size if self.maximum_volume_size is not None else self.capacity


class VolumeAttachmentSource(Model):
    persistent_volume_name: str = ""


class VolumeAttachmentSpec(Model):
    attacher: str = ""
    node_name: str = ""
    source: VolumeAttachmentSource = Field(default_factory=VolumeAttachmentSource)


class VolumeAttachment(Object):
    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "VolumeAttachment"

    spec: VolumeAttachmentSpec = Field(default_factory=VolumeAttachmentSpec)
