"""Where a container sees which volume (``makeMounts`` of ``pkg/kubelet``, ``pkg/volume/util/subpath``, v1.36)."""

import stat
from collections.abc import Mapping

from apimachinery.types.pod import Container, Pod
from apimachinery.types.volumes import VolumeMount
from kubelet.environment import ConfigError, expand
from kubelet.node_files import NodeFiles
from kubelet.runtime import Mount
from kubelet.volumes.sources import Mounted


def container_mounts(
    files: NodeFiles, pod: Pod, container: Container, env: Mapping[str, str], mounted: Mapping[str, Mounted]
) -> tuple[Mount, ...]:
    """Return a container's mounts; ``env`` is for ``subPathExpr``. Sub-paths that are not there are made.

    Raises :class:`~kubelet.environment.ConfigError` for a sub-path that leads out of its volume, or through a file.
    """
    mounts = []
    for mount in container.volume_mounts:
        volume = mounted.get(mount.name)
        if volume is None:
            raise ConfigError(f'cannot find volume "{mount.name}" to mount into container "{container.name}"')
        path = volume.path
        below = expand(mount.sub_path_expr, env) if mount.sub_path_expr else mount.sub_path
        if below:
            if below.startswith("/") or ".." in below.split("/"):
                raise ConfigError(f"subPath must be a relative path without '..': {below}")
            path = f"{path}/{below.rstrip('/')}"
            _make_sub_path(files, volume.path, path, mount, container)
        mounts.append(Mount(mount.mount_path, path, mount.read_only or volume.read_only))
    return tuple(mounts)


def _make_sub_path(files: NodeFiles, volume: str, path: str, mount: VolumeMount, container: Container) -> None:
    """Make a folder in a volume, with the permissions of the volume's own, unless there is something already."""
    if files.exists(path):
        return
    try:
        files.mkdir(path, mode=stat.S_IMODE(files.stat(volume).mode), parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f'failed to create subPath directory for volumeMount "{mount.name}" of container "{container.name}"'
        ) from error
