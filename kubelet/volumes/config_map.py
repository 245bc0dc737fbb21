"""Volumes of a ConfigMap's entries (``pkg/volume/configmap``, v1.36)."""

from collections.abc import Sequence

from apimachinery.types.pod import Pod
from apimachinery.types.volumes import ConfigMapVolumeSource, KeyToPath
from kubelet.environment import Source, SourceKind
from kubelet.volumes.atomic_writer import Payload
from kubelet.volumes.entries import entries_of, project
from kubelet.volumes.host import VolumeHost


async def collect(host: VolumeHost, pod: Pod, source: ConfigMapVolumeSource) -> Payload:
    """Return the files of a volume; raise :class:`~kubelet.volumes.faults.VolumeFault`."""
    return await files(host, pod, source.name, source.items, source.default_mode, optional=source.optional)


async def files(
    host: VolumeHost, pod: Pod, name: str, items: Sequence[KeyToPath], mode: int, *, optional: bool
) -> Payload:
    """Return the files that a ConfigMap gives, none when it is missing and may be."""
    entries = await entries_of(host, pod, Source(SourceKind.CONFIG_MAP, name), optional=optional)
    return project(entries, items, mode, optional=optional, noun="config")
