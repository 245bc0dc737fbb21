"""``storage.k8s.io`` (``pkg/registry/storage``, v1.36)."""

from apiserver.registry import storage_kinds
from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="CSIDriver", plural="csidrivers", strategy=storage_kinds.CSIDriverStrategy(), namespaced=False),
        Row(kind="CSINode", plural="csinodes", strategy=storage_kinds.CSINodeStrategy(), namespaced=False),
        Row(
            kind="CSIStorageCapacity",
            plural="csistoragecapacities",
            strategy=storage_kinds.CSIStorageCapacityStrategy(),
        ),
        Row(
            kind="StorageClass",
            plural="storageclasses",
            strategy=storage_kinds.StorageClassStrategy(),
            namespaced=False,
            short_names=("sc",),
        ),
        Row(
            kind="VolumeAttachment",
            plural="volumeattachments",
            strategy=storage_kinds.VolumeAttachmentStrategy(),
            namespaced=False,
            status=True,
        ),
        Row(
            kind="VolumeAttributesClass",
            plural="volumeattributesclasses",
            strategy=storage_kinds.VolumeAttributesClassStrategy(),
            namespaced=False,
            short_names=("vac",),
        ),
    )
