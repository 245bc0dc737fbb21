"""Volumes of what a pod can know of itself (``pkg/volume/downwardapi`` and ``pkg/fieldpath``, v1.36)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from apimachinery.go_text import quote
from apimachinery.types.pod import Pod
from apimachinery.types.volumes import DownwardAPIVolumeFile, DownwardAPIVolumeSource
from kubelet.environment import ConfigError, NodeFacts, container_resource, pod_field
from kubelet.pods import find_container
from kubelet.volumes.atomic_writer import Payload, ProjectedFile
from kubelet.volumes.faults import VolumeFault, joined
from kubelet.volumes.host import VolumeHost


async def collect(host: VolumeHost, pod: Pod, source: DownwardAPIVolumeSource) -> Payload:
    """Return the files of a volume; raise :class:`VolumeFault`."""
    return files(pod, source.items, source.default_mode, host.node)


def files(pod: Pod, items: Sequence[DownwardAPIVolumeFile], mode: int, node: NodeFacts) -> Payload:
    """Return a file for each item; raise :class:`VolumeFault` for those that cannot be resolved."""
    found, faults = {}, []
    for item in items:
        try:
            text = _text(pod, item, node)
        except ConfigError as error:
            faults.append(str(error))
            continue
        make = _short_file if len(text) <= _SHORT else _file
        found[item.path] = make(text, mode if item.mode is None else item.mode)
    if faults:
        raise VolumeFault(joined(faults))
    return found


def _file(text: str, mode: int) -> ProjectedFile:
    return ProjectedFile(text.encode(), mode)


_SHORT = 64
_short_file = lru_cache(maxsize=1024)(_file)
"""Every pod has a file with its namespace."""


def _text(pod: Pod, item: DownwardAPIVolumeFile, node: NodeFacts) -> str:
    if item.field_ref is not None:
        match item.field_ref.field_path:
            case "metadata.labels":
                return format_map(pod.metadata.labels)
            case "metadata.annotations":
                return format_map(pod.metadata.annotations)
            case path:
                return pod_field(pod, path, pod_ip=pod.status.pod_ip, node=node)
    reference = item.resource_field_ref
    if reference is None:
        return ""
    try:
        container = find_container(pod, reference.container_name)
    except KeyError:
        raise ConfigError(f"container {reference.container_name} not found") from None
    return container_resource(pod, container, reference, node=node)


def format_map(entries: Mapping[str, str]) -> str:
    """Write labels or annotations as lines ``key="value"``, sorted, with Go's escapes, no newline at the end."""
    return "\n".join(f"{key}={quote(value)}" for key, value in sorted(entries.items()))
