"""Volumes that are made when a claim asks for them: directories of the nodes' own file systems.

A node of the emulator has a file system of its own that ends with its process. A volume made for a claim that waits
for its first pod is therefore of that pod's node; one that is made at once may be used everywhere, and is then another
directory on each node. What is in a directory stays there when its volume is deleted; names are not used again.
"""

from collections.abc import Iterable
from typing import Any

from apimachinery.labels import HOSTNAME
from apimachinery.quantity import canonical
from apimachinery.types.base import to_wire
from apimachinery.types.core import Node, object_reference
from apimachinery.types.storage import (
    BLOCK,
    DELETE,
    STORAGE,
    WAIT_FOR_FIRST_CONSUMER,
    PersistentVolumeClaim,
    StorageClass,
)
from apimachinery.volume_annotations import BOUND_BY_CONTROLLER, PROVISIONED_BY, YES

PROVISIONER = "kubemu.io/host-path"

STANDARD = "standard"
"""Name of the storage class that a new cluster gets."""

DIRECTORY = "/var/lib/kubemu/pv"
"""Where on a node the directories are."""


IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_IS_DEFAULT_BETA = "storageclass.beta.kubernetes.io/is-default-class"


def is_default(storage_class: StorageClass) -> bool:
    annotations = storage_class.metadata.annotations
    return "true" in {annotations.get(IS_DEFAULT), annotations.get(_IS_DEFAULT_BETA)}


def default_class(classes: Iterable[StorageClass]) -> str:
    """Return which class claims get that name none: the newest of the defaults; empty when there is none.

    ``pkg/volume/util/storageclass.go``, v1.36.
    """
    defaults = [entry for entry in classes if is_default(entry)]
    by_name = sorted(defaults, key=lambda entry: entry.metadata.name)
    newest = max(by_name, key=lambda entry: _created(entry), default=None)
    return newest.metadata.name if newest is not None else ""


def _created(storage_class: StorageClass) -> float:
    created = storage_class.metadata.creation_timestamp
    return created.timestamp() if created is not None else 0.0


def standard_class(classes: Iterable[StorageClass]) -> dict[str, Any] | None:
    """Return the class to give a cluster with these classes, the default where there is no other; or ``None``."""
    present = list(classes)
    if any(entry.metadata.name == STANDARD for entry in present):
        return None
    annotations = {} if any(map(is_default, present)) else {IS_DEFAULT: "true"}
    return {
        "metadata": {"name": STANDARD, "annotations": annotations},
        "provisioner": PROVISIONER,
        "reclaimPolicy": DELETE,
        "volumeBindingMode": WAIT_FOR_FIRST_CONSUMER,
        "allowVolumeExpansion": True,
    }


def unmet(claim: PersistentVolumeClaim, storage_class: StorageClass) -> str:
    """Return what about a claim or its class this provisioner cannot do; empty when it can make the volume."""
    name = storage_class.metadata.name
    if storage_class.mount_options:
        options = f'StorageClass "{name}" has mount options [{" ".join(storage_class.mount_options)}]'
        return f"Mount options are not supported by the provisioner but {options}"
    if claim.spec.data_source_ref is not None:
        return f'plugin "{PROVISIONER}" is not a CSI plugin. Only CSI plugin can provision a claim with a datasource'
    if claim.spec.selector is not None:
        return "claim.Spec.Selector is not supported for dynamic provisioning"
    return ""


def volume_name(claim: PersistentVolumeClaim) -> str:
    """Return the name of the volume that is made for a claim; it never fits another."""
    return f"pvc-{claim.metadata.uid}"


def provisioned_volume(claim: PersistentVolumeClaim, storage_class: StorageClass, node: Node | None) -> dict[str, Any]:
    """Return the volume to create for a claim, given to it already; usable on ``node`` only, when there is one."""
    name = volume_name(claim)
    kind = "BlockDevice" if claim.spec.volume_mode == BLOCK else "DirectoryOrCreate"
    spec: dict[str, Any] = {
        "capacity": {STORAGE: canonical(claim.requested)},
        "accessModes": claim.spec.access_modes,
        "claimRef": to_wire(object_reference(claim)),
        "persistentVolumeReclaimPolicy": storage_class.reclaim_policy,
        "storageClassName": storage_class.metadata.name,
        "volumeMode": claim.spec.volume_mode,
        "hostPath": {"path": f"{DIRECTORY}/{name}", "type": kind},
    }
    if node is not None:
        hostname = node.metadata.labels.get(HOSTNAME, node.metadata.name)
        expression = {"key": HOSTNAME, "operator": "In", "values": [hostname]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
    annotations = {BOUND_BY_CONTROLLER: YES, PROVISIONED_BY: PROVISIONER}
    return {"metadata": {"name": name, "annotations": annotations}, "spec": spec}
