"""How the controllers of volumes find what belongs together; shared, as the caches are."""

from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim
from controller_manager.ownership import controller_of
from controller_manager.volumes.annotations import BIND_COMPLETED

CLAIM_INDEX = "claim"
"""Files pods under the claims that they use, and volumes under the claim that they refer to, by ``namespace/name``."""

CLASS_INDEX = "class"
"""Files volumes under their class, and claims that have not been bound yet under theirs; empty for none."""

VOLUME_INDEX = "volume"
"""Files claims under the volume that they name."""

ATTRIBUTES_INDEX = "attributes class"
"""Files claims and volumes under the volume attributes classes that they have, or are to have."""


def claims_of_pod(pod: Pod) -> list[str]:
    """Return the keys of the claims that a pod uses, those that are made for it alone included."""
    meta = pod.metadata
    found = []
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim is not None:
            found.append(f"{meta.namespace}/{volume.persistent_volume_claim.claim_name}")
        elif volume.ephemeral is not None:
            found.append(f"{meta.namespace}/{ephemeral_claim_name(pod, volume.name)}")
    return found


def ephemeral_claim_name(pod: Pod, volume: str) -> str:
    """Return the name of the claim that is made for a pod's ``ephemeral`` volume (``component-helpers``, v0.36)."""
    return f"{pod.metadata.name}-{volume}"


def is_owned_by(claim: PersistentVolumeClaim, pod: Pod) -> bool:
    """Whether a claim was made for this very pod."""
    owner = controller_of(claim)
    return owner is not None and owner.uid == pod.metadata.uid


def claim_of_volume(volume: PersistentVolume) -> list[str]:
    reference = volume.spec.claim_ref
    return [f"{reference.namespace}/{reference.name}"] if reference is not None else []


def class_of_volume(volume: PersistentVolume) -> list[str]:
    return [volume.storage_class]


def class_of_unbound(claim: PersistentVolumeClaim) -> list[str]:
    return [] if BIND_COMPLETED in claim.metadata.annotations else [claim.storage_class]


def volume_of_claim(claim: PersistentVolumeClaim) -> list[str]:
    return [claim.spec.volume_name] if claim.spec.volume_name else []


def attributes_of_volume(volume: PersistentVolume) -> list[str]:
    return [volume.spec.volume_attributes_class_name] if volume.spec.volume_attributes_class_name else []


def attributes_of_claim(claim: PersistentVolumeClaim) -> set[str]:
    status = claim.status
    target = status.modify_volume_status.target_volume_attributes_class_name if status.modify_volume_status else ""
    named = (claim.spec.volume_attributes_class_name, status.current_volume_attributes_class_name, target)
    return {name for name in named if name}
