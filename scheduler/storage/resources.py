"""The kinds that only the scheduler watches."""

from apimachinery.types.csi import CSIDriver, CSINode, CSIStorageCapacity, VolumeAttachment
from kubeclient.resources import Resource

CSI_DRIVERS = Resource("storage.k8s.io", "v1", "csidrivers", CSIDriver, namespaced=False)
CSI_NODES = Resource("storage.k8s.io", "v1", "csinodes", CSINode, namespaced=False)
CSI_STORAGE_CAPACITIES = Resource("storage.k8s.io", "v1", "csistoragecapacities", CSIStorageCapacity)
VOLUME_ATTACHMENTS = Resource("storage.k8s.io", "v1", "volumeattachments", VolumeAttachment, namespaced=False)
