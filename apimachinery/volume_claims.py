"""Which claims a pod uses, its own included (``component-helpers/storage/ephemeral``, v0.36)."""

from dataclasses import dataclass

from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """A claim by name, in the pod's namespace. ``owned`` ones are made for this very pod, from its own template."""

    name: str
    owned: bool = False


def claims_used(pod: Pod) -> tuple[ClaimUse, ...]:
    """Return the claims of a pod's volumes, in their order."""
    found = []
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim is not None:
            found.append(ClaimUse(volume.persistent_volume_claim.claim_name))
        elif volume.ephemeral is not None:
            found.append(ClaimUse(ephemeral_claim_name(pod, volume.name), owned=True))
    return tuple(found)


def claims_of_pod(pod: Pod) -> list[str]:
    """Return the keys of the claims that a pod uses."""
    return [f"{pod.metadata.namespace}/{use.name}" for use in claims_used(pod)]


def ephemeral_claim_name(pod: Pod, volume: str) -> str:
    """Return the name of the claim that is made for a pod's ``ephemeral`` volume."""
    return f"{pod.metadata.name}-{volume}"


def made_for(claim: PersistentVolumeClaim, pod_uid: str) -> bool:
    """Whether a claim was made for an ``ephemeral`` volume of the pod."""
    owner = next((owner for owner in claim.metadata.owner_references if owner.controller), None)
    return owner is not None and owner.uid == pod_uid
