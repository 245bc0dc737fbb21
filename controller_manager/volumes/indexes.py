"""How the controllers of volumes find what belongs together; shared, as the caches are."""

from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim
from apimachinery.volume_annotations import BIND_COMPLETED

CLAIM_INDEX = "claim"
"""Files pods under the claims that they use, and volumes under the claim that they refer to, by ``namespace/name``."""

CLASS_INDEX = "class"
"""Files volumes under their class, and claims that have not been bound yet under theirs; empty for none."""

VOLUME_INDEX = "volume"
"""Files claims under the volume that they name."""

ATTRIBUTES_INDEX = "attributes class"
"""Files claims and volumes under the volume attributes classes that they have, or are to have."""


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
