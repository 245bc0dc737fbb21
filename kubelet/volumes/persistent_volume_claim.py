"""Volumes that a claim stands for (``pkg/kubelet/volumemanager/populator``, v1.36).

What a PersistentVolume is made of is a folder of the node: the path itself for ``hostPath`` and ``local``, and for
every other source, which would be reached over a network, a folder under the volume's name. With volume mode ``Block``
it is a device at that path.
"""

from dataclasses import dataclass

from apimachinery.errors import NotFound, StatusError
from apimachinery.types.pod import Pod
from apimachinery.types.storage import BLOCK, BOUND, PersistentVolume, PersistentVolumeClaim
from apimachinery.types.volumes import HostPathVolumeSource
from apimachinery.volume_claims import made_for
from kubeclient.errors import ConnectionFailed
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from kubelet.volumes import block, host_path
from kubelet.volumes.faults import NotYet, Unprocessed, VolumeFault
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.ownership import set_ownership

PV_ROOT = "/var/lib/kubemu/pv"
"""The folder of volumes that have none of their own on the node."""

_MODE = 0o777


@dataclass(frozen=True, slots=True)
class Claimed:
    """Where on the node a claim's volume is; ``device`` says that it is no folder."""

    path: str
    read_only: bool
    device: bool = False


async def set_up(
    host: VolumeHost, pod: Pod, name: str, claim_name: str, *, read_only: bool, owned: bool = False
) -> Claimed:
    """Make a claim's volume ready, which the pod calls ``name``. With ``owned`` the claim must have been made for it.

    Raises :class:`Unprocessed` while the claim has no volume, and :class:`VolumeFault`.
    """
    claim = await _claim(host, pod, claim_name, owned=owned)
    volume = await _bound_volume(host, claim)
    mode = volume.spec.volume_mode
    if wrong := block.wrong_use(
        name, mode, mounted=name in block.mounted_names(pod), mapped=name in block.mapped_names(pod)
    ):
        raise Unprocessed(wrong)
    read_only = read_only or _source_is_read_only(volume)
    if mode == BLOCK:
        return Claimed(block.set_up(host.files, pod, volume, _path(volume)), read_only, device=True)
    try:
        path = _folder(host, pod, volume)
    except VolumeFault as fault:
        raise VolumeFault(str(fault), volume=volume.metadata.name) from fault
    return Claimed(path, read_only)


async def _claim(host: VolumeHost, pod: Pod, name: str, *, owned: bool) -> PersistentVolumeClaim:
    namespace = pod.metadata.namespace
    about = f"error processing PVC {namespace}/{name}"
    try:
        claim = await host.client.get(PERSISTENT_VOLUME_CLAIMS, name, namespace=namespace)
    except (StatusError, ConnectionFailed) as error:
        fault = NotYet if owned and isinstance(error, NotFound) else Unprocessed
        raise fault(f"{about}: failed to fetch PVC from API server: {error}") from error
    if claim.metadata.deletion_timestamp is not None:
        raise Unprocessed(f"{about}: PVC is being deleted")
    if owned and not made_for(claim, pod.metadata.uid):
        raise Unprocessed(f"PVC {namespace}/{name} was not created for pod {pod.key} (pod is not owner)")
    if claim.status.phase != BOUND or not claim.spec.volume_name:
        raise NotYet(f"{about}: PVC is not bound")
    return claim


async def _bound_volume(host: VolumeHost, claim: PersistentVolumeClaim) -> PersistentVolume:
    about, name = f"error processing PVC {claim.key}", claim.spec.volume_name
    try:
        volume = await host.client.get(PERSISTENT_VOLUMES, name)
    except (NotFound, StatusError, ConnectionFailed) as error:
        raise Unprocessed(f"{about}: failed to fetch PV {name} from API server: {error}") from error
    bound = volume.spec.claim_ref
    if bound is None:
        raise Unprocessed(
            f"{about}: found PV object {name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to "
            "the claim"
        )
    if bound.uid != claim.metadata.uid:
        raise Unprocessed(
            f"{about}: found PV object {name} but its pv.Spec.ClaimRef.UID {bound.uid} does not point to "
            f"claim.UID {claim.metadata.uid}"
        )
    return volume


def _path(volume: PersistentVolume) -> str:
    """Return where a volume is: at the path that its source names, or under its own name."""
    local = (volume.spec.model_extra or {}).get("local")
    if volume.spec.host_path is not None:
        return volume.spec.host_path.path
    return local["path"] if isinstance(local, dict) else f"{PV_ROOT}/{volume.metadata.name}"


def _folder(host: VolumeHost, pod: Pod, volume: PersistentVolume) -> str:
    source = volume.spec.host_path
    path = _path(volume)
    if source is not None and not source.path.startswith(f"{PV_ROOT}/"):
        return host_path.set_up(host.files, source)
    if block.has_source(volume, "local"):
        return host_path.set_up(host.files, HostPathVolumeSource(path=path, type="DirectoryOrCreate"))
    host.files.mkdir(path, mode=_MODE, parents=True, exist_ok=True)
    security = pod.spec.security_context
    set_ownership(host.files, path, security.fs_group, policy=security.fs_group_change_policy)
    return path


def _source_is_read_only(volume: PersistentVolume) -> bool:
    return any(
        isinstance(source, dict) and source.get("readOnly") is True
        for source in (volume.spec.model_extra or {}).values()
    )
