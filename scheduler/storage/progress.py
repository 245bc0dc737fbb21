"""How far the bindings of a plan have come (``checkBindings`` of upstream's volume binder, v1.36)."""

from dataclasses import dataclass

from apimachinery.types.base import Object
from apimachinery.types.core import Node
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim
from apimachinery.volume_annotations import SELECTED_NODE
from apimachinery.volume_matching import accepts_node
from scheduler.storage.pod_claims import fully_bound, not_found
from scheduler.storage.search import Plan
from scheduler.storage.view import StorageView


@dataclass(frozen=True, slots=True)
class Progress:
    """``failure`` says why it has come to nothing; with neither that nor ``done`` it goes on."""

    done: bool = False
    failure: str = ""


DONE, UNDER_WAY = Progress(done=True), Progress()


def progress(written: Plan, node: Node, view: StorageView) -> Progress:
    """Return how far it is. ``written`` has volumes and claims as the API server answered when they were written.

    Only what the API server shows counts here: what is assumed may be of another cycle by now.
    """
    for volume, claim in written.bindings:
        found = _binding(volume, claim, node, view)
        if found is not DONE:
            return found
    for claim in written.provisions:
        found = _provision(claim, node, view)
        if found is not DONE:
            return found
    return DONE


def _binding(volume: PersistentVolume, claim: PersistentVolumeClaim, node: Node, view: StorageView) -> Progress:
    name = volume.metadata.name
    shown, shown_claim = view.volumes.shown(volume.key), view.claims.shown(claim.key)
    if shown is None:
        return _failed(f"failed to check binding: {not_found('persistentvolume', name)}")
    if shown_claim is None:
        return _failed(f"failed to check binding: {not_found('persistentvolumeclaim', claim.metadata.name)}")
    if _older(shown, volume):
        return UNDER_WAY
    if why := _affinity_conflict(shown, node):
        return _failed(why)
    if shown.spec.claim_ref is None or not shown.spec.claim_ref.uid:
        return _failed(f'ClaimRef got reset for pv "{name}"')
    return DONE if fully_bound(shown_claim) else UNDER_WAY


def _provision(claim: PersistentVolumeClaim, node: Node, view: StorageView) -> Progress:
    name = claim.metadata.name
    shown = view.claims.shown(claim.key)
    if shown is None:
        return _failed(f"failed to check provisioning pvc: {not_found('persistentvolumeclaim', name)}")
    if _older(shown, claim):
        return UNDER_WAY
    if shown.metadata.annotations.get(SELECTED_NODE) != node.metadata.name:
        # Provisioners take the annotation off when they fail.
        return _failed(f'provisioning failed for PVC "{name}"')
    if shown.spec.volume_name:
        volume = view.volumes.shown(shown.spec.volume_name)
        if volume is None:
            return UNDER_WAY
        if why := _affinity_conflict(volume, node):
            return _failed(why)
    return DONE if fully_bound(shown) else UNDER_WAY


def _affinity_conflict(volume: PersistentVolume, node: Node) -> str:
    if accepts_node(volume, node):
        return ""
    names = f'pv "{volume.metadata.name}" node affinity doesn\'t match node "{node.metadata.name}"'
    return f"{names}: no matching NodeSelectorTerms"


def _older(shown: Object, written: Object) -> bool:
    return int(shown.metadata.resource_version) < int(written.metadata.resource_version)


def _failed(why: str) -> Progress:
    return Progress(failure=why)
