"""Which kind a volume is of, and how each kind is set up."""

from collections.abc import Awaitable
from dataclasses import dataclass

from apimachinery.types.pod import Pod
from apimachinery.types.volumes import EmptyDirVolumeSource, Volume
from kubelet.volumes import (
    config_map,
    downward_api,
    empty_dir,
    ephemeral,
    host_path,
    persistent_volume_claim,
    projected,
    secret,
)
from kubelet.volumes.atomic_writer import AtomicWriter, Payload
from kubelet.volumes.faults import Unprocessed
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.ownership import set_ownership
from kubelet.volumes.paths import CONFIG_MAP, DOWNWARD_API, PROJECTED, SECRET, volume_directory

_FOLDER_MODE = 0o777


@dataclass(frozen=True, slots=True)
class Mounted:
    """Where on the node a volume is, or the reference of the image that it is.

    ``read_only`` volumes are that for every container; a ``device`` is given to them, and never mounted.
    """

    path: str = ""
    read_only: bool = False
    image: str = ""
    device: bool = False


def payload_plugin(volume: Volume) -> str:
    """Return the plugin of a volume that the kubelet writes and keeps up to date, empty for the others."""
    if volume.config_map is not None:
        return CONFIG_MAP
    if volume.secret is not None:
        return SECRET
    if volume.downward_api is not None:
        return DOWNWARD_API
    return PROJECTED if volume.projected is not None else ""


async def set_up(host: VolumeHost, pod: Pod, volume: Volume) -> Mounted:
    """Make a volume ready for containers; may be repeated.

    Raises :class:`~kubelet.volumes.faults.VolumeFault`, and ``OSError`` where the node's files are in the way.
    """
    if plugin := payload_plugin(volume):
        directory = volume_directory(pod.metadata.uid, volume.name, plugin)
        new = host.files.mkdir(directory, mode=_FOLDER_MODE, parents=True, exist_ok=True)
        await write_payload(host, pod, volume, directory, new=new)
        return Mounted(directory, read_only=True)
    if empty_dir.is_empty_dir(volume):
        directory = volume_directory(pod.metadata.uid, volume.name)
        empty_dir.set_up(host, pod, volume.empty_dir or EmptyDirVolumeSource(), directory)
        return Mounted(directory)
    if volume.host_path is not None:
        return Mounted(host_path.set_up(host.files, volume.host_path))
    if volume.image is not None:
        return Mounted(read_only=True, image=volume.image.reference)
    if volume.persistent_volume_claim is not None:
        claim = volume.persistent_volume_claim
        claimed = await persistent_volume_claim.set_up(
            host, pod, volume.name, claim.claim_name, read_only=claim.read_only
        )
        return Mounted(claimed.path, claimed.read_only, device=claimed.device)
    if volume.ephemeral is not None:
        claimed = await ephemeral.set_up(host, pod, volume.name)
        return Mounted(claimed.path, claimed.read_only, device=claimed.device)
    raise Unprocessed(f'failed to get Plugin from volumeSpec for volume "{volume.name}" err=no volume plugin matched')


async def write_payload(host: VolumeHost, pod: Pod, volume: Volume, directory: str, *, new: bool = False) -> bool:
    """Bring a volume's files up to date; return whether they were not. A ``new`` volume's folder has just been made."""
    payload = await _collect(host, pod, volume)
    group = pod.spec.security_context.fs_group

    def settle(path: str) -> None:
        set_ownership(host.files, path, group, read_only=True)

    return AtomicWriter(host.files, directory, settle=settle).write(payload, host.clock.now(), host.rng, new=new)


def _collect(host: VolumeHost, pod: Pod, volume: Volume) -> Awaitable[Payload]:
    if volume.config_map is not None:
        return config_map.collect(host, pod, volume.config_map)
    if volume.secret is not None:
        return secret.collect(host, pod, volume.secret)
    if volume.downward_api is not None:
        return downward_api.collect(host, pod, volume.downward_api)
    assert volume.projected is not None
    return projected.collect(host, pod, volume.projected)
