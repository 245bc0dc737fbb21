"""Volumes that containers get as devices (``GenerateMapVolumeFunc`` of ``pkg/volume/util/operationexecutor``, v1.36).

A node has as many disks as are asked for: one that is not there yet is made, with nothing but zeros on it, at the path
that the PersistentVolume names, or at the one that the caller has for volumes that name none. Beside those that have
devices upstream (``local``, ``csi``, ``iscsi``, ``fc``), ``hostPath`` has them here.
"""

import contextlib
import posixpath
from collections.abc import Mapping

from apimachinery.quantity import value
from apimachinery.types.pod import Container, Pod
from apimachinery.types.storage import BLOCK, FILESYSTEM, STORAGE, PersistentVolume
from kubelet.environment import ConfigError
from kubelet.node_files import NodeFiles
from kubelet.pods import all_containers
from kubelet.runtime import Device
from kubelet.volumes.faults import DeviceFault
from kubelet.volumes.paths import pod_directory

READ_WRITE = "mrw"
READ_ONLY = "r"

_PLUGINS: Mapping[str, str] = {
    "csi": "csi",
    "fc": "fc",
    "hostPath": "host-path",
    "iscsi": "iscsi",
    "local": "local-volume",
}
"""The plugins of the sources that can be a device."""

_PLUGINS_ROOT = "/var/lib/kubelet/plugins"


def mounted_names(pod: Pod) -> set[str]:
    """Return the volumes that a container has as a folder."""
    containers = (*all_containers(pod), *pod.spec.ephemeral_containers)
    return {mount.name for container in containers for mount in container.volume_mounts}


def mapped_names(pod: Pod) -> set[str]:
    """Return the volumes that a container has as a device."""
    containers = (*all_containers(pod), *pod.spec.ephemeral_containers)
    return {device.name for container in containers for device in container.volume_devices}


def wrong_use(name: str, mode: str, *, mounted: bool, mapped: bool) -> str:
    """Return what is wrong with using a volume of that mode so; empty when nothing is.

    ``name`` is the pod's own for it (``createVolumeSpec`` of ``pkg/kubelet/volumemanager/populator``, v1.36).
    """
    if mounted and mode != FILESYSTEM:
        return f"volume {name} has volumeMode {mode}, but is specified in volumeMounts"
    if mapped and mode != BLOCK:
        return f"volume {name} has volumeMode {mode}, but is specified in volumeDevices"
    return ""


def set_up(files: NodeFiles, pod: Pod, volume: PersistentVolume, path: str) -> str:
    """Have the device of a volume at ``path``, and return the link to it that is the pod's own; may be repeated.

    Raises :class:`DeviceFault`.
    """
    name = volume.metadata.name
    plugin = next((_PLUGINS[source] for source in _PLUGINS if has_source(volume, source)), None)
    if plugin is None:
        raise DeviceFault(
            "failed to find BlockVolumeMapper plugin. Volume plugin is nil.",
            volume=name,
            step="FindMapperPluginBySpec",
        )
    try:
        files.make_block_device(path, value(volume.spec.capacity.get(STORAGE, "0")))
    except OSError as error:
        raise DeviceFault(f"{path} is not a block device", volume=name, step="MapBlockVolume") from error
    uid = pod.metadata.uid
    link = f"{_devices(uid)}/kubernetes.io~{plugin}/{name}"
    for made in (f"{global_map_path(link)}/{uid}", link):
        files.mkdir(posixpath.dirname(made), mode=0o750, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            files.symlink(path, made)
    return link


def tear_down(files: NodeFiles, uid: str) -> None:
    """Remove the links to a pod's devices that are not among its own files. May be repeated."""
    folder = _devices(uid)
    for plugin in files.listdir(folder) if files.is_dir(folder) else ():
        for name in files.listdir(f"{folder}/{plugin}"):
            with contextlib.suppress(FileNotFoundError):
                files.unlink(f"{global_map_path(f'{folder}/{plugin}/{name}')}/{uid}")


def successes(link: str) -> tuple[str, str]:
    """Return the messages of the events that tell of a device; ``link`` is as :func:`set_up` returns it."""
    folder, name = posixpath.split(link)
    done = f'MapVolume.MapPodDevice succeeded for volume "{name}"'
    return f'{done} globalMapPath "{global_map_path(link)}"', f'{done} volumeMapPath "{folder}"'


def global_map_path(link: str) -> str:
    """Return the folder with a link for each pod that has the device which ``link`` leads one of them to."""
    folder, name = posixpath.split(link)
    plugin = posixpath.basename(folder)
    if plugin == "kubernetes.io~csi":
        return f"{_PLUGINS_ROOT}/kubernetes.io/csi/volumeDevices/{name}/dev"
    return f"{_PLUGINS_ROOT}/{plugin}/volumeDevices/{name}"


def _devices(uid: str) -> str:
    return f"{pod_directory(uid)}/volumeDevices"


def has_source(volume: PersistentVolume, source: str) -> bool:
    """Whether a volume is made from that source, by the API's name for it."""
    if source == "hostPath":
        return volume.spec.host_path is not None
    return (volume.spec.model_extra or {}).get(source) is not None


def container_devices(container: Container, links: Mapping[str, tuple[str, bool]]) -> tuple[Device, ...]:
    """Return a container's devices; ``links`` has the pod's volumes that are one, and whether they are only read.

    Raises :class:`~kubelet.environment.ConfigError` (``makeBlockVolumes`` of ``pkg/kubelet``, v1.36).
    """
    return tuple(
        _device(container, device.name, device.device_path, links.get(device.name))
        for device in container.volume_devices
    )


def _device(container: Container, name: str, path: str, link: tuple[str, bool] | None) -> Device:
    if not path.startswith("/"):
        raise ConfigError(f"error DevicePath `{path}` must be an absolute path")
    if link is None:
        raise ConfigError(f'cannot find volume "{name}" to pass into container "{container.name}"')
    host_path, read_only = link
    return Device(path, host_path, READ_ONLY if read_only else READ_WRITE)
