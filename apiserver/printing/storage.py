"""Volumes and what provides them (``pkg/printers/internalversion/printers.go``, v1.36)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apiserver.printing.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    RowPrinter,
    age,
    count,
    name_of,
)

JSONObject = dict[str, Any]

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_DEFAULT_ATTRIBUTES = ("volumeattributesclass.alpha.kubernetes.io/is-default-class",)
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_VOLUME_MODE = Column("VolumeMode", description="Filesystem or Block.", priority=1)
_ATTRIBUTES_CLASS = Column("VolumeAttributesClass", description="The class of the volume's attributes.")


def storage_printers() -> Mapping[tuple[str, str], Printer]:
    return {
        ("", "PersistentVolume"): RowPrinter(
            (
                NAME,
                Column("Capacity", description="The volume's size."),
                Column("Access Modes", description="How the volume can be mounted."),
                Column("Reclaim Policy", description="What happens when its claim is gone."),
                Column("Status", description="Whether the volume is free, bound or released."),
                Column("Claim", description="The claim that the volume is bound to."),
                Column("StorageClass", description="The class that the volume is of."),
                _ATTRIBUTES_CLASS,
                Column("Reason", description="Why the volume is in its state."),
                AGE,
                _VOLUME_MODE,
            ),
            _volume,
        ),
        ("", "PersistentVolumeClaim"): RowPrinter(
            (
                NAME,
                Column("Status", description="Whether the claim is bound."),
                Column("Volume", description="The volume that the claim is bound to."),
                Column("Capacity", description="The volume's size."),
                Column("Access Modes", description="How the volume can be mounted."),
                Column("StorageClass", description="The class that is asked for."),
                _ATTRIBUTES_CLASS,
                AGE,
                _VOLUME_MODE,
            ),
            _claim,
        ),
        ("storage.k8s.io", "StorageClass"): RowPrinter(
            (
                NAME,
                Column("Provisioner", description="Who makes volumes of the class."),
                Column("ReclaimPolicy", description="What happens to a volume when its claim is gone."),
                Column("VolumeBindingMode", description="When a claim gets its volume."),
                Column("AllowVolumeExpansion", description="Whether volumes can grow."),
                AGE,
            ),
            _class,
        ),
        ("storage.k8s.io", "VolumeAttachment"): RowPrinter(
            (
                NAME,
                Column("Attacher", format="name", description="Who attaches the volume."),
                Column("PV", description="The volume."),
                Column("Node", description="The node it is attached to."),
                Column("Attached", type="boolean", description="Whether it is attached."),
                AGE,
            ),
            _attachment,
        ),
        ("storage.k8s.io", "VolumeAttributesClass"): RowPrinter(
            (NAME, Column("DriverName", description="The driver that knows the attributes."), AGE),
            lambda obj, now: [_or_default(obj, _DEFAULT_ATTRIBUTES), obj.get("driverName", ""), age(obj, now)],
        ),
        ("storage.k8s.io", "CSIDriver"): RowPrinter(
            (
                NAME,
                Column("AttachRequired", type="boolean", description="Whether volumes have to be attached."),
                Column("PodInfoOnMount", type="boolean", description="Whether the driver is told of the pod."),
                Column("StorageCapacity", type="boolean", description="Whether the driver publishes its capacity."),
                Column("TokenRequests", description="The audiences of the tokens that the driver gets."),
                Column("RequiresRepublish", type="boolean", description="Whether volumes are published again."),
                Column("Modes", description="How volumes of the driver come about."),
                AGE,
            ),
            _driver,
        ),
        ("storage.k8s.io", "CSINode"): RowPrinter(
            (NAME, count("Drivers", "How many drivers the node has."), AGE),
            lambda obj, now: [name_of(obj), len(obj.get("spec", {}).get("drivers") or ()), age(obj, now)],
        ),
        ("storage.k8s.io", "CSIStorageCapacity"): RowPrinter(
            (
                NAME,
                Column("StorageClassName", description="The class that the capacity is of."),
                Column("Capacity", description="How much is left."),
            ),
            lambda obj, now: [name_of(obj), obj.get("storageClassName", ""), obj.get("capacity", "<unset>")],
        ),
    }


def _access_modes(modes: Any) -> str:
    """Return the short forms in upstream's order, each once."""
    return ",".join(short for long, short in _MODES.items() if long in (modes or ()))


def _phase(obj: JSONObject) -> str:
    return "Terminating" if obj["metadata"].get("deletionTimestamp") else obj.get("status", {}).get("phase", "")


def _volume(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    claim = spec.get("claimRef") or {}
    return [
        name_of(obj),
        spec.get("capacity", {}).get("storage", "0"),
        _access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        _phase(obj),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        _class_of(obj),
        spec.get("volumeAttributesClassName", "<unset>"),
        status.get("reason", ""),
        age(obj, now),
        spec.get("volumeMode", "<unset>"),
    ]


def _claim(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        _phase(obj),
        spec.get("volumeName", ""),
        status.get("capacity", {}).get("storage", "0") if bound else "",
        _access_modes(status.get("accessModes")) if bound else "",
        _class_of(obj),
        spec.get("volumeAttributesClassName", "<unset>"),
        age(obj, now),
        spec.get("volumeMode", "<unset>"),
    ]


def _class_of(obj: JSONObject) -> str:
    """Return the storage class of a volume or claim; the annotation that once named it still counts."""
    old = (obj["metadata"].get("annotations") or {}).get(_BETA_CLASS)
    return str(obj.get("spec", {}).get("storageClassName", "") if old is None else old)


def _or_default(obj: JSONObject, annotations: tuple[str, ...]) -> str:
    """Return the name of a class, and that it is the default one where an annotation says so."""
    given = obj["metadata"].get("annotations") or {}
    return f"{name_of(obj)} (default)" if any(given.get(key) == "true" for key in annotations) else name_of(obj)


def _class(obj: JSONObject, now: datetime) -> list[Cell]:
    return [
        _or_default(obj, _DEFAULT_CLASS),
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def _attachment(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    return [
        name_of(obj),
        spec.get("attacher", ""),
        spec.get("source", {}).get("persistentVolumeName", ""),
        spec.get("nodeName", ""),
        bool(obj.get("status", {}).get("attached")),
        age(obj, now),
    ]


def _driver(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    requests = spec.get("tokenRequests")
    return [
        name_of(obj),
        spec.get("attachRequired", True),
        spec.get("podInfoOnMount", False),
        spec.get("storageCapacity", False),
        "<unset>" if requests is None else ",".join(request.get("audience", "") for request in requests),
        spec.get("requiresRepublish", False),
        ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>",
        age(obj, now),
    ]
