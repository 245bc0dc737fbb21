"""Empty folders that live as long as their pod (``pkg/volume/emptydir``, v1.36)."""

from collections.abc import Mapping

from apimachinery.quantity import value
from apimachinery.types.pod import Pod
from apimachinery.types.volumes import EmptyDirVolumeSource, Volume
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.ownership import set_ownership

MEMORY = "Memory"
_MODE = 0o777


def is_empty_dir(volume: Volume) -> bool:
    """Whether a volume is one; no source at all means that too."""
    return volume.empty_dir is not None or all(source is None for name, source in volume if name != "name")


def set_up(host: VolumeHost, pod: Pod, source: EmptyDirVolumeSource, directory: str) -> None:
    """Make the folder, open to everybody; one that is there keeps what is in it."""
    files = host.files
    files.mkdir(directory, mode=_MODE, parents=True, exist_ok=True)
    if source.medium == MEMORY and not files.is_mount_point(directory):
        files.mount_memory(directory, mode=_MODE, limit=memory_limit(pod, source, host.node.allocatable))
    security = pod.spec.security_context
    set_ownership(files, directory, security.fs_group, policy=security.fs_group_change_policy)


def memory_limit(pod: Pod, source: EmptyDirVolumeSource, allocatable: Mapping[str, str]) -> int:
    """Return the size in bytes of a volume in memory: the smallest of its own limit, the pod's, and the node's."""
    limits = [value(allocatable["memory"])] if "memory" in allocatable else []
    containers = [container.resources.limits.get("memory") for container in pod.spec.containers]
    if all(containers):
        limits.append(sum(value(limit) for limit in containers if limit))
    if source.size_limit is not None and value(source.size_limit):
        limits.append(value(source.size_limit))
    return min(limits, default=0)
