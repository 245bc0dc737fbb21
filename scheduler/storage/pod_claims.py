"""A pod's claims sorted by what is to be done about them, or why nothing can be."""

from dataclasses import dataclass

from apimachinery.types.storage import (
    LOST,
    WAIT_FOR_FIRST_CONSUMER,
    PersistentVolume,
    PersistentVolumeClaim,
)
from apimachinery.volume_annotations import BIND_COMPLETED
from apimachinery.volume_claims import ClaimUse, made_for
from scheduler.framework.pod_info import PodInfo
from scheduler.storage.view import StorageView

UNBOUND_IMMEDIATE = "pod has unbound immediate PersistentVolumeClaims"


@dataclass(frozen=True, slots=True)
class PodClaims:
    """``bound`` ones have their volumes; ``delayed`` ones get theirs on the node that is chosen for the pod."""

    bound: tuple[PersistentVolumeClaim, ...] = ()
    delayed: tuple[PersistentVolumeClaim, ...] = ()


def not_found(kind: str, name: str) -> str:
    """Return what the API server says of an object that is not there; kinds of groups are ``plural.group``."""
    return f'{kind} "{name}" not found'


def fully_bound(claim: PersistentVolumeClaim) -> bool:
    return bool(claim.spec.volume_name) and BIND_COMPLETED in claim.metadata.annotations


def pod_claims(pod: PodInfo, view: StorageView) -> PodClaims | str:
    """Return the claims of a pod, or why it cannot be scheduled whatever the node."""
    bound, delayed = [], []
    immediate = False
    for use in pod.volumes.claims if pod.volumes is not None else ():
        claim = view.claims.get(f"{pod.namespace}/{use.name}")
        if why := _unusable(use, claim, pod):
            return why
        assert claim is not None
        if fully_bound(claim):
            bound.append(claim)
        elif _is_delayed(claim, view):
            delayed.append(claim)
        else:
            immediate = True
    return UNBOUND_IMMEDIATE if immediate else PodClaims(tuple(bound), tuple(delayed))


def _unusable(use: ClaimUse, claim: PersistentVolumeClaim | None, pod: PodInfo) -> str:
    """Return why the claim is none for the pod, as upstream's ``podHasPVCs`` does; empty when it is one."""
    if claim is None:
        if use.owned:
            return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{use.name}"'
        return not_found("persistentvolumeclaim", use.name)
    if claim.status.phase == LOST:
        lost = claim.spec.volume_name
        return f'persistentvolumeclaim "{use.name}" bound to non-existent persistentvolume "{lost}"'
    if claim.metadata.deletion_timestamp is not None:
        return f'persistentvolumeclaim "{use.name}" is being deleted'
    if use.owned and not made_for(claim, pod.uid):
        return f"PVC {claim.key} was not created for pod {pod.key} (pod is not owner)"
    return ""


def _is_delayed(claim: PersistentVolumeClaim, view: StorageView) -> bool:
    """Whether the claim waits for its first consumer; one that names a volume is the binder's alone."""
    found = view.storage_class(claim)
    return found is not None and found.volume_binding_mode == WAIT_FOR_FIRST_CONSUMER and not claim.spec.volume_name


def volume_of(claim: PersistentVolumeClaim, view: StorageView) -> PersistentVolume | None:
    """Return the volume of a bound claim, ``None`` when it is gone."""
    return view.volumes.get(claim.spec.volume_name)
