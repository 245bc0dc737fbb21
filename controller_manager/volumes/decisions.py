"""What is to be done about a claim or a volume (``pkg/controller/volume/persistentvolume/pv_controller.go``, v1.36).

Pure: what the caches hold goes in, one decision comes out. Reasons and messages of events are upstream's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from apimachinery.types.core import Node
from apimachinery.types.storage import (
    AVAILABLE,
    BETA_STORAGE_CLASS,
    BOUND,
    DELETE,
    RECYCLE,
    RETAIN,
    WAIT_FOR_FIRST_CONSUMER,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from apimachinery.volume_annotations import BIND_COMPLETED, BOUND_BY_CONTROLLER, PROVISIONED_BY
from apimachinery.volume_matching import best_match, is_bound_to, mismatch
from controller_manager.notes import Note
from controller_manager.volumes.provisioning import PROVISIONER, unmet
from kubeclient.events import NORMAL, WARNING

_IN_TREE = "kubernetes.io/"


@dataclass(frozen=True, slots=True)
class Bind:
    """Give the volume to the claim, and say on both that they are bound; nothing where all of it is there."""

    volume: PersistentVolume


@dataclass(frozen=True, slots=True)
class AssignClass:
    """Give a claim that names no class the default one, which came later than the claim."""

    name: str


@dataclass(frozen=True, slots=True)
class Provision:
    """Make a volume, of ``node`` alone where there is one."""

    storage_class: StorageClass
    node: Node | None


@dataclass(frozen=True, slots=True)
class Reselect:
    """Take the claim's node back, so that the scheduler looks for another."""


@dataclass(frozen=True, slots=True)
class Delegate:
    """Ask a provisioner outside of this process, by an annotation on the claim, to make a volume."""

    provisioner: str
    node: Node | None


@dataclass(frozen=True, slots=True)
class StayPending:
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Lose:
    """The claim is ``Lost``; the note is for when it was not before."""

    note: Note


ClaimDecision = Bind | AssignClass | Provision | Reselect | Delegate | StayPending | Lose


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a decision about a claim depends on beside the claim."""

    volumes: Sequence[PersistentVolume] = ()
    """Those of the claim's class, and those set aside for it."""
    named: PersistentVolume | None = None
    """The one that the claim names, if it is there."""
    storage_class: StorageClass | None = None
    """The claim's, if it is there."""
    default_class: str = ""
    node: Node | None = None
    """Where the first pod that uses the claim runs, or is to run; matters to claims that wait for that alone."""
    node_lost: bool = False
    """Whether that is one that the scheduler has chosen, and that nobody has registered any longer."""
    unscheduled: tuple[str, ...] = ()
    """Names of the pods that use the claim and have no node yet."""
    provisioning: bool = True
    """Whether volumes are made at all."""


def decide_claim(claim: PersistentVolumeClaim, around: Surroundings) -> ClaimDecision:
    if BIND_COMPLETED in claim.metadata.annotations:
        return _bound_claim(claim, around.named)
    if claim.spec.volume_name:
        return _claim_that_names(claim, around.named)
    delayed = _waits_for_consumer(around.storage_class)
    node = around.node if delayed else None
    found = best_match(claim, around.volumes, delayed=delayed, node=node)
    if found is not None:
        return Bind(found)
    if around.default_class and _has_no_class(claim):
        return AssignClass(around.default_class)
    if delayed and node is None:
        return StayPending(_waiting(around.unscheduled))
    if claim.storage_class:
        return _provision(claim, around, node)
    message = "no persistent volumes available for this claim and no storage class is set"
    return StayPending(Note(NORMAL, "FailedBinding", message))


def _waits_for_consumer(storage_class: StorageClass | None) -> bool:
    return storage_class is not None and storage_class.volume_binding_mode == WAIT_FOR_FIRST_CONSUMER


def _has_no_class(claim: PersistentVolumeClaim) -> bool:
    return claim.spec.storage_class_name is None and BETA_STORAGE_CLASS not in claim.metadata.annotations


def _waiting(unscheduled: Sequence[str]) -> Note:
    if not unscheduled:
        message = "waiting for first consumer to be created before binding"
        return Note(NORMAL, "WaitForFirstConsumer", message)
    pods = f"pods {','.join(unscheduled)}" if len(unscheduled) > 1 else f"pod {unscheduled[0]}"
    return Note(NORMAL, "WaitForPodScheduled", f"waiting for {pods} to be scheduled")


def _bound_claim(claim: PersistentVolumeClaim, named: PersistentVolume | None) -> ClaimDecision:
    if named is None:
        lost = "its PersistentVolume" if claim.spec.volume_name else "reference to PersistentVolume"
        return Lose(Note(WARNING, "ClaimLost", f"Bound claim has lost {lost}. Data on the volume is lost!"))
    reference = named.spec.claim_ref
    if reference is None or reference.uid == claim.metadata.uid:
        return Bind(named)
    message = "Two claims are bound to the same volume, this one is bound incorrectly"
    return Lose(Note(WARNING, "ClaimMisbound", message))


def _claim_that_names(claim: PersistentVolumeClaim, named: PersistentVolume | None) -> ClaimDecision:
    if named is None:
        return StayPending()
    name = named.metadata.name
    if named.spec.claim_ref is None:
        if why := mismatch(named, claim):
            return StayPending(Note(WARNING, "VolumeMismatch", f'Cannot bind to requested volume "{name}": {why}'))
        return Bind(named)
    if is_bound_to(named, claim):
        return Bind(named)
    return StayPending(Note(WARNING, "FailedBinding", f'volume "{name}" already bound to a different claim.'))


def _provision(claim: PersistentVolumeClaim, around: Surroundings, node: Node | None) -> ClaimDecision:
    if not around.provisioning or claim.metadata.deletion_timestamp is not None:
        return StayPending()
    storage_class = around.storage_class
    if storage_class is None:
        return _not_provisioned(f'storageclass.storage.k8s.io "{claim.storage_class}" not found')
    provisioner = storage_class.provisioner
    if provisioner != PROVISIONER:
        if provisioner.startswith(_IN_TREE):
            return _not_provisioned(f"no volume plugin matched name: {provisioner}")
        return Delegate(provisioner, node)
    if node is not None and around.node_lost:
        return Reselect()
    if why := unmet(claim, storage_class):
        return _not_provisioned(f'Failed to provision volume with StorageClass "{storage_class.metadata.name}": {why}')
    return Provision(storage_class, node)


def _not_provisioned(message: str) -> StayPending:
    return StayPending(Note(WARNING, "ProvisioningFailed", message))


@dataclass(frozen=True, slots=True)
class SetPhase:
    phase: str


@dataclass(frozen=True, slots=True)
class AskClaim:
    """What the volume is to be is decided when its claim is looked at."""


@dataclass(frozen=True, slots=True)
class Mismatched:
    """The volume is set aside for a claim that cannot use it; each of the two is told."""

    of_volume: Note
    of_claim: Note


@dataclass(frozen=True, slots=True)
class Unbind:
    """Take the volume back from a claim that has another."""


@dataclass(frozen=True, slots=True)
class Reclaim:
    """Nobody uses the volume any more: it is released, and its reclaim policy decides what comes of it."""


VolumeDecision = SetPhase | AskClaim | Mismatched | Unbind | Reclaim


def decide_volume(volume: PersistentVolume, claim: PersistentVolumeClaim | None) -> VolumeDecision:
    """``claim`` is the one of the name that the volume refers to, if there is one."""
    reference, name = volume.spec.claim_ref, volume.metadata.name
    if reference is None or not reference.uid:
        return SetPhase(AVAILABLE)
    if claim is None or claim.metadata.uid != reference.uid:
        return Reclaim()
    if not claim.spec.volume_name:
        if claim.spec.volume_mode == volume.spec.volume_mode:
            return AskClaim()
        why = "due to incompatible volumeMode."
        of_volume = f'Cannot bind PersistentVolume to requested PersistentVolumeClaim "{claim.metadata.name}" {why}'
        of_claim = f'Cannot bind PersistentVolume "{name}" to requested PersistentVolumeClaim {why}'
        return Mismatched(Note(WARNING, "VolumeMismatch", of_volume), Note(WARNING, "VolumeMismatch", of_claim))
    if claim.spec.volume_name == name:
        return SetPhase(BOUND)
    made_for_it = PROVISIONED_BY in volume.metadata.annotations
    if made_for_it and volume.spec.persistent_volume_reclaim_policy == DELETE:
        return Reclaim()
    return Unbind()


def keeps_claim(volume: PersistentVolume) -> bool:
    """Whether a volume that is taken back stays set aside for claims of the name: a user has said so."""
    return BOUND_BY_CONTROLLER not in volume.metadata.annotations


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave the volume as it is."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the volume."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The policy cannot be carried out; the volume is ``Failed``."""

    note: Note


ReclaimDecision = Keep | Delete | Fail


def decide_reclaim(volume: PersistentVolume) -> ReclaimDecision:
    """Return what a released volume's reclaim policy means."""
    policy = volume.spec.persistent_volume_reclaim_policy
    if policy == RETAIN:
        return Keep()
    if policy == DELETE:
        return _decide_deletion(volume)
    if policy == RECYCLE:
        return Fail(Note(WARNING, "VolumeFailedRecycle", "No recycler plugin found for the volume!"))
    message = "Volume has unrecognized PersistentVolumeReclaimPolicy"
    return Fail(Note(WARNING, "VolumeUnknownReclaimPolicy", message))


def _decide_deletion(volume: PersistentVolume) -> ReclaimDecision:
    if provisioner := volume.metadata.annotations.get(PROVISIONED_BY):
        if provisioner == PROVISIONER:
            return Delete()
        if not provisioner.startswith(_IN_TREE):
            # Whoever has made it deletes it.
            return Keep()
        return _not_deleted(f"no volume plugin matched name: {provisioner}")
    if volume.spec.host_path is None:
        name = volume.metadata.name
        return _not_deleted(
            f'error getting deleter volume plugin for volume "{name}": no deletable volume plugin matched'
        )
    path = volume.spec.host_path.path
    if re.match(r"/tmp/.+", path):
        return Delete()
    return _not_deleted(f"host_path deleter only supports /tmp/.+ but received provided {path}")


def _not_deleted(message: str) -> Fail:
    return Fail(Note(WARNING, "VolumeFailedDelete", message))
