"""Volumes with a claim of the pod's own, which a controller makes (``component-helpers/storage/ephemeral``, v0.36)."""

from apimachinery.types.pod import Pod
from apimachinery.volume_claims import ephemeral_claim_name
from kubelet.volumes import persistent_volume_claim
from kubelet.volumes.host import VolumeHost
from kubelet.volumes.persistent_volume_claim import Claimed


async def set_up(host: VolumeHost, pod: Pod, volume: str) -> Claimed:
    """Make the volume ready once its claim is bound; raise as :func:`persistent_volume_claim.set_up` does."""
    return await persistent_volume_claim.set_up(
        host, pod, volume, ephemeral_claim_name(pod, volume), read_only=False, owned=True
    )
