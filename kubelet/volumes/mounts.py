"""Where a container sees which volume (``makeMounts`` of ``pkg/kubelet``, ``pkg/volume/util/subpath``, v1.36)."""

import posixpath
import stat
from collections.abc import Mapping

from apimachinery.types.pod import Container
from apimachinery.types.volumes import VolumeMount
from kubelet.environment import ConfigError, expand, references
from kubelet.node_files import NodeFiles
from kubelet.runtime import Mount
from kubelet.volumes.sources import Mounted

_RECURSIVE = frozenset({"Enabled", "IfPossible"})


def container_mounts(
    files: NodeFiles, container: Container, env: Mapping[str, str], mounted: Mapping[str, Mounted]
) -> tuple[Mount, ...]:
    """Return a container's mounts; ``env`` is for ``subPathExpr``. Sub-paths that are not there are made as folders.

    Raises :class:`~kubelet.environment.ConfigError` for a volume that is not there, and for a sub-path that cannot be.
    """
    return tuple(_mount(files, container, mount, env, mounted) for mount in container.volume_mounts)


def _mount(
    files: NodeFiles,
    container: Container,
    mount: VolumeMount,
    env: Mapping[str, str],
    mounted: Mapping[str, Mounted],
) -> Mount:
    volume = mounted.get(mount.name)
    if volume is None:
        raise ConfigError(f'cannot find volume "{mount.name}" to mount into container "{container.name}"')
    below = sub_path(mount, env)
    if volume.image:
        return Mount(mount.mount_path, "", readonly=True, image=volume.image, image_sub_path=below)
    path = volume.path
    if below:
        path = posixpath.normpath(f"{path}/{below}")
        about = f'volumeMount "{mount.name}" of container "{container.name}"'
        try:
            _make_folder(files, volume.path, path)
        except OSError as error:
            raise ConfigError(f"failed to create subPath directory for {about}") from error
        if not is_inside(files, path, volume.path):
            raise ConfigError(f"failed to prepare subPath for {about}")
    readonly = mount.read_only or volume.read_only
    return Mount(mount.mount_path, path, readonly, readonly and mount.recursive_read_only in _RECURSIVE)


def sub_path(mount: VolumeMount, env: Mapping[str, str]) -> str:
    """Return what part of its volume a mount shows, empty for all of it; raise ``ConfigError`` for a bad one."""
    below = mount.sub_path
    if mount.sub_path_expr:
        missing = [name for name in references(mount.sub_path_expr) if not env.get(name)]
        if missing:
            raise ConfigError(f'missing value for "{missing[-1]}"')
        below = expand(mount.sub_path_expr, env)
    if below.startswith("/"):
        raise ConfigError(f"error SubPath `{below}` must not be an absolute path")
    if ".." in below.split("/"):
        raise ConfigError(f"unable to provision SubPath `{below}`: must not contain '..'")
    return below.rstrip("/")


def _make_folder(files: NodeFiles, volume: str, path: str) -> None:
    """Make a folder in a volume, with the permissions of the volume's own, unless there is something already."""
    if not files.exists(path):
        files.mkdir(path, mode=stat.S_IMODE(files.stat(volume).mode), parents=True, exist_ok=True)


def is_inside(files: NodeFiles, path: str, volume: str) -> bool:
    """Whether a path is still in its volume when all links are followed."""
    root = files.realpath(volume)
    return posixpath.commonpath([files.realpath(path), root]) == root
