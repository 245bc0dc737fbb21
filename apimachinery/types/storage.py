"""PersistentVolumes, the claims on them (``core/v1``), and the classes they are made by (``storage.k8s.io/v1``)."""

from typing import Any, ClassVar

from pydantic import Field

from apimachinery.types.base import Condition, LabelSelector, Model, Object, Time
from apimachinery.types.core import ObjectReference
from apimachinery.types.pod import NodeSelector, ResourceRequirements
from apimachinery.types.volumes import HostPathVolumeSource

STORAGE = "storage"
"""The resource that claims ask for and volumes have."""

FILESYSTEM = "Filesystem"
BLOCK = "Block"

PENDING = "Pending"
AVAILABLE = "Available"
BOUND = "Bound"
RELEASED = "Released"
FAILED = "Failed"
LOST = "Lost"

DELETE = "Delete"
RETAIN = "Retain"
RECYCLE = "Recycle"

IMMEDIATE = "Immediate"
WAIT_FOR_FIRST_CONSUMER = "WaitForFirstConsumer"

BETA_STORAGE_CLASS = "volume.beta.kubernetes.io/storage-class"
"""The annotation that named the class before there was a field for it; it still goes before the field."""


class VolumeNodeAffinity(Model):
    required: NodeSelector | None = None


class PersistentVolumeSpec(Model):
    """One source is set; those without a field of their own here are kept among the extra fields."""

    capacity: dict[str, str] = Field(default_factory=dict)
    access_modes: list[str] = Field(default_factory=list)
    claim_ref: ObjectReference | None = None
    persistent_volume_reclaim_policy: str = RETAIN
    storage_class_name: str = ""
    volume_attributes_class_name: str | None = None
    volume_mode: str = FILESYSTEM
    mount_options: list[str] = Field(default_factory=list)
    node_affinity: VolumeNodeAffinity | None = None
    host_path: HostPathVolumeSource | None = None


class PersistentVolumeStatus(Model):
    phase: str = ""
    message: str = ""
    reason: str = ""
    last_phase_transition_time: Time | None = None


class PersistentVolume(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "PersistentVolume"

    spec: PersistentVolumeSpec = Field(default_factory=PersistentVolumeSpec)
    status: PersistentVolumeStatus = Field(default_factory=PersistentVolumeStatus)

    @property
    def storage_class(self) -> str:
        """The class's name; empty for none."""
        return self.metadata.annotations.get(BETA_STORAGE_CLASS, self.spec.storage_class_name)


class PersistentVolumeClaimSpec(Model):
    """``storage_class_name`` is ``None`` while the default class is to be taken, empty for no class at all."""

    access_modes: list[str] = Field(default_factory=list)
    selector: LabelSelector | None = None
    resources: ResourceRequirements = Field(default_factory=ResourceRequirements)
    volume_name: str = ""
    storage_class_name: str | None = None
    volume_attributes_class_name: str | None = None
    volume_mode: str = FILESYSTEM
    data_source_ref: dict[str, Any] | None = None


class ModifyVolumeStatus(Model):
    target_volume_attributes_class_name: str = ""
    status: str = ""


class PersistentVolumeClaimStatus(Model):
    phase: str = ""
    access_modes: list[str] = Field(default_factory=list)
    capacity: dict[str, str] = Field(default_factory=dict)
    conditions: list[Condition] = Field(default_factory=list)
    current_volume_attributes_class_name: str | None = None
    modify_volume_status: ModifyVolumeStatus | None = None


class PersistentVolumeClaim(Object):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "PersistentVolumeClaim"

    spec: PersistentVolumeClaimSpec = Field(default_factory=PersistentVolumeClaimSpec)
    status: PersistentVolumeClaimStatus = Field(default_factory=PersistentVolumeClaimStatus)

    @property
    def storage_class(self) -> str:
        """The class's name; empty for none, and while none has been chosen."""
        return self.metadata.annotations.get(BETA_STORAGE_CLASS, self.spec.storage_class_name or "")

    @property
    def requested(self) -> str:
        """The size that is asked for, as a quantity."""
        return self.spec.resources.requests.get(STORAGE, "0")


class TopologySelectorLabelRequirement(Model):
    """The node's label has one of the values."""

    key: str
    values: list[str] = Field(default_factory=list)


class TopologySelectorTerm(Model):
    """All of its requirements hold; one without any matches no node."""

    match_label_expressions: list[TopologySelectorLabelRequirement] = Field(default_factory=list)


class StorageClass(Object):
    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "StorageClass"

    provisioner: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)
    reclaim_policy: str = DELETE
    mount_options: list[str] = Field(default_factory=list)
    allow_volume_expansion: bool = False
    volume_binding_mode: str = IMMEDIATE
    allowed_topologies: list[TopologySelectorTerm] = Field(default_factory=list)


class VolumeAttributesClass(Object):
    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "VolumeAttributesClass"

    driver_name: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)
