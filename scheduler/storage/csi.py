"""Which volume of which CSI driver stands behind a claim."""

from dataclasses import dataclass

from apimachinery.types.storage import PersistentVolume
from scheduler.storage.view import StorageView


@dataclass(frozen=True, slots=True)
class CSIVolume:
    driver: str
    handle: str


def csi_source(volume: PersistentVolume) -> CSIVolume | None:
    """Return what a volume of a CSI driver is called there, ``None`` for any other volume."""
    source = (volume.spec.model_extra or {}).get("csi")
    if not isinstance(source, dict):
        return None
    return CSIVolume(source.get("driver", ""), source.get("volumeHandle", ""))


def csi_volume(claim_key: str, view: StorageView) -> CSIVolume | None:
    """Return the volume of a claim; one that is still to be made counts for its class's provisioner.

    ``None`` when the claim is not known, or its volume is none of a CSI driver. Follows ``getCSIDriverInfo`` of
    upstream's NodeVolumeLimits (v1.36).
    """
    claim = view.claims.get(claim_key)
    if claim is None:
        return None
    volume = view.volumes.get(claim.spec.volume_name) if claim.spec.volume_name else None
    if volume is not None:
        return csi_source(volume)
    storage_class = view.storage_class(claim)
    # A handle that no driver gives: it has a name of the claim's own in front.
    return CSIVolume(storage_class.provisioner, f"claim:{claim_key}") if storage_class is not None else None
