"""Volumes put together from several sources (``pkg/volume/projected``, v1.36)."""

from apimachinery.types.base import to_wire
from apimachinery.types.pod import Pod
from apimachinery.types.volumes import ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection
from kubelet.environment import Source, SourceKind
from kubelet.tokens import TokenFault
from kubelet.volumes import downward_api
from kubelet.volumes.atomic_writer import Payload, ProjectedFile
from kubelet.volumes.entries import files
from kubelet.volumes.faults import VolumeFault, joined
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.ownership import only_user

_PRIVATE = 0o600


async def collect(host: VolumeHost, pod: Pod, source: ProjectedVolumeSource) -> Payload:
    """Return the files of all sources, where two have the same path that of the later one.

    Raises :class:`VolumeFault` with the faults of all of them.
    """
    payload: dict[str, ProjectedFile] = {}
    faults = []
    for projection in source.sources:
        try:
            payload.update(await _files(host, pod, projection, source.default_mode))
        except VolumeFault as fault:
            faults.append(str(fault))
    if faults:
        raise VolumeFault(joined(faults))
    return payload


async def _files(host: VolumeHost, pod: Pod, projection: VolumeProjection, mode: int) -> Payload:
    match projection:
        case VolumeProjection(secret=chosen) if chosen is not None:
            source = Source(SourceKind.SECRET, chosen.name)
            return await files(host, pod, source, chosen.items, mode, optional=chosen.optional)
        case VolumeProjection(config_map=chosen) if chosen is not None:
            source = Source(SourceKind.CONFIG_MAP, chosen.name)
            return await files(host, pod, source, chosen.items, mode, optional=chosen.optional)
        case VolumeProjection(downward_api=items) if items is not None:
            return downward_api.files(pod, items.items, mode, host.node)
        case VolumeProjection(service_account_token=token) if token is not None:
            return {token.path: await _token(host, pod, token, mode)}
    kind = next(iter(to_wire(projection)), "none")
    raise VolumeFault(f"projected volume source {kind} is not supported by this kubelet")


async def _token(host: VolumeHost, pod: Pod, projection: ServiceAccountTokenProjection, mode: int) -> ProjectedFile:
    """Return a token's file, for its owner's eyes alone when an owner or group is known."""
    owner, group = only_user(pod), pod.spec.security_context.fs_group
    try:
        content = await host.tokens.token(pod, projection.audience, projection.expiration_seconds)
    except TokenFault as fault:
        raise VolumeFault(str(fault)) from fault
    return ProjectedFile(content, mode if owner is None and group is None else _PRIVATE, owner)
