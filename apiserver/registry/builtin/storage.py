"""``storage.k8s.io`` (``pkg/registry/storage``, v1.36)."""

from apiserver.registry.builtin.row import Row


def rows() -> tuple[Row, ...]:
    return (
        Row(kind="CSIDriver", plural="csidrivers", namespaced=False),
        Row(kind="CSINode", plural="csinodes", namespaced=False),
        Row(kind="CSIStorageCapacity", plural="csistoragecapacities"),
        Row(kind="StorageClass", plural="storageclasses", namespaced=False, short_names=("sc",)),
        Row(kind="VolumeAttachment", plural="volumeattachments", namespaced=False, status=True),
        Row(kind="VolumeAttributesClass", plural="volumeattributesclasses", namespaced=False, short_names=("vac",)),
    )
