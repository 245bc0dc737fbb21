"""Volumes of a ConfigMap's entries (``pkg/volume/configmap``, v1.36)."""

from apimachinery.types.pod import Pod
from apimachinery.types.volumes import ConfigMapVolumeSource
from kubelet.environment import Source, SourceKind
from kubelet.volumes.atomic_writer import Payload
from kubelet.volumes.entries import files
from kubelet.volumes.host import VolumeHost


async def collect(host: VolumeHost, pod: Pod, volume: ConfigMapVolumeSource) -> Payload:
    """Return the files of a volume; raise :class:`~kubelet.volumes.faults.VolumeFault`."""
    source = Source(SourceKind.CONFIG_MAP, volume.name)
    return await files(host, pod, source, volume.items, volume.default_mode, optional=volume.optional)
