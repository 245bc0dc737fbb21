"""Which entries of a ConfigMap or Secret become which files (``MakePayload`` of ``pkg/volume/configmap``, v1.36)."""

from collections.abc import Mapping, Sequence

from apimachinery.types.pod import Pod
from apimachinery.types.volumes import KeyToPath
from kubelet.config_sources import Unavailable
from kubelet.environment import Source, SourceKind
from kubelet.volumes.atomic_writer import Payload, ProjectedFile
from kubelet.volumes.faults import VolumeFault
from kubelet.volumes.host import VolumeHost

_NOUNS = {SourceKind.CONFIG_MAP: "config", SourceKind.SECRET: "secret"}


async def files(
    host: VolumeHost, pod: Pod, source: Source, items: Sequence[KeyToPath], mode: int, *, optional: bool
) -> Payload:
    """Return the files that a ConfigMap or Secret gives, none when it is missing and may be.

    Raises :class:`VolumeFault`.
    """
    entries = await entries_of(host, pod, source, optional=optional)
    return project(entries, items, mode, optional=optional, noun=_NOUNS[source.kind])


async def entries_of(host: VolumeHost, pod: Pod, source: Source, *, optional: bool) -> Mapping[str, bytes]:
    """Return what is in a ConfigMap or Secret, nothing when it is missing and may be.

    Raises :class:`VolumeFault` when it is missing and may not be, or cannot be read.
    """
    try:
        found = await host.sources.contents(pod.metadata.uid, pod.metadata.namespace, source)
    except Unavailable as error:
        raise VolumeFault(str(error)) from error
    if found is None and not optional:
        raise VolumeFault(source.missing)
    return found.files if found is not None else {}


def project(
    entries: Mapping[str, bytes],
    items: Sequence[KeyToPath],
    default_mode: int,
    *,
    optional: bool,
    noun: str,
) -> dict[str, ProjectedFile]:
    """Return the files: all entries under their own names, or those that ``items`` choose.

    ``noun`` is what a fault calls the source. Raises :class:`VolumeFault` for a chosen key
    that is not there, unless that is ``optional``.
    """
    if not items:
        return {key: ProjectedFile(content, default_mode) for key, content in entries.items()}
    files = {}
    for item in items:
        content = entries.get(item.key)
        if content is not None:
            files[item.path] = ProjectedFile(content, default_mode if item.mode is None else item.mode)
        elif not optional:
            raise VolumeFault(f"references non-existent {noun} key: {item.key}")
    return files
