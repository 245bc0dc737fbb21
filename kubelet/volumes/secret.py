"""Volumes of a Secret's entries (``pkg/volume/secret``, v1.36)."""

from apimachinery.types.pod import Pod
from apimachinery.types.volumes import SecretVolumeSource
from kubelet.environment import Source, SourceKind
from kubelet.volumes.atomic_writer import Payload
from kubelet.volumes.entries import files
from kubelet.volumes.host import VolumeHost


async def collect(host: VolumeHost, pod: Pod, volume: SecretVolumeSource) -> Payload:
    """Return the files of a volume; raise :class:`~kubelet.volumes.faults.VolumeFault`."""
    source = Source(SourceKind.SECRET, volume.secret_name)
    return await files(host, pod, source, volume.items, volume.default_mode, optional=volume.optional)
