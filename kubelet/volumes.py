"""The volumes of pods, as folders of the node's file system (``pkg/volume/emptydir``, v1.36, for the paths)."""

from collections.abc import Mapping

from apimachinery.types.base import to_wire
from apimachinery.types.pod import (
    Container,
    Pod,
)
from apimachinery.types.volumes import (
    Volume,
    VolumeMount,
)
from kubelet.environment import ConfigError, expand
from kubelet.runtime import ContainerRuntime, Mount

PODS_ROOT = "/var/lib/kubelet/pods"

_NAMED_SOURCES = {"configMap": ("configmap", "name"), "secret": ("secret", "secretName")}


def pod_directory(uid: str) -> str:
    """Return the folder that holds everything of one pod."""
    return f"{PODS_ROOT}/{uid}"


def volume_directory(uid: str, volume: str) -> str:
    """Return the folder of one ``emptyDir`` volume."""
    return f"{pod_directory(uid)}/volumes/kubernetes.io~empty-dir/{volume}"


class Volumes:
    """Sets up and takes down the volumes of one node's pods. ``emptyDir`` is the one source that is served."""

    def __init__(self, runtime: ContainerRuntime) -> None:
        self._runtime = runtime

    def set_up(self, pod: Pod) -> list[str]:
        """Make a pod's volumes; return a message for each that cannot be had. May be repeated."""
        faults = []
        for volume in pod.spec.volumes:
            fault = _fault(volume)
            if fault:
                faults.append(fault)
            else:
                self._runtime.make_directory(volume_directory(pod.metadata.uid, volume.name))
        return faults

    def mounts(self, pod: Pod, container: Container, env: Mapping[str, str]) -> tuple[Mount, ...]:
        """Return where a container sees which folder; ``env`` is for ``subPathExpr``.

        Raises :class:`~kubelet.environment.ConfigError` for a sub-path that leads out of its volume, or through a
        file.
        """
        mounts = []
        for mount in container.volume_mounts:
            path = volume_directory(pod.metadata.uid, mount.name)
            below = expand(mount.sub_path_expr, env) if mount.sub_path_expr else mount.sub_path
            if below:
                if below.startswith("/") or ".." in below.split("/"):
                    raise ConfigError(f"subPath must be a relative path without '..': {below}")
                path = f"{path}/{below.rstrip('/')}"
                self._make_sub_path(path, mount, container)
            mounts.append(Mount(mount.mount_path, path, mount.read_only))
        return tuple(mounts)

    def _make_sub_path(self, path: str, mount: VolumeMount, container: Container) -> None:
        try:
            self._runtime.make_directory(path)
        except FileExistsError:
            # A file, which is then what is mounted.
            return
        except OSError as error:
            raise ConfigError(
                f'failed to create subPath directory for volumeMount "{mount.name}" of container "{container.name}"'
            ) from error

    def tear_down(self, uid: str) -> None:
        """Remove all folders of a pod. May be repeated."""
        self._runtime.remove_tree(pod_directory(uid))


def _fault(volume: Volume) -> str:
    sources = {key: source for key, source in to_wire(volume).items() if key != "name"}
    if volume.empty_dir is not None or not sources:
        # No source at all means emptyDir.
        return ""
    kind, source = next(iter(sources.items()))
    if kind in _NAMED_SOURCES and isinstance(source, dict):
        noun, key = _NAMED_SOURCES[kind]
        missing = f'MountVolume.SetUp failed for volume "{volume.name}" : {noun} "{source.get(key, "")}" not found'
        return "" if source.get("optional") else missing
    return (
        f"Unable to attach or mount volumes: unmounted volumes=[{volume.name}], unattached volumes=[], failed to "
        f"process volumes=[{volume.name}]: failed to get Plugin from volumeSpec for volume "
        f'"{volume.name}" err=no volume plugin matched'
    )
