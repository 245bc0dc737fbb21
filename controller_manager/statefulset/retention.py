"""Who owns the claims of a StatefulSet, and takes them along (``statefulset/stateful_set_utils.go``, v1.36)."""

from collections.abc import Sequence

from apimachinery.types.apps import StatefulSet
from apimachinery.types.base import Object, OwnerReference
from apimachinery.types.pod import Pod
from apimachinery.types.storage import DELETE, PersistentVolumeClaim
from controller_manager.ownership import controller_reference

References = list[OwnerReference]


def wanted_owners(stateful_set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim, *, condemned: bool) -> References:
    """Return the owner references that ``claim`` of ``pod`` is to have.

    It is the set's while it is to go with the set, and the pod's while it is to go with a pod that the set has
    condemned by shrinking. One that somebody else controls is left alone.
    """
    before = claim.metadata.owner_references
    others = [entry for entry in before if not _is_ours(entry, stateful_set, pod)]
    if any(entry.controller for entry in others):
        return before
    owner = _owner(stateful_set, pod, condemned=condemned)
    return others if owner is None else [*others, OwnerReference.model_validate(controller_reference(owner))]


def _is_ours(reference: OwnerReference, stateful_set: StatefulSet, pod: Pod) -> bool:
    """A pod of this name that is gone counts: its successor has the claim now."""
    if reference.kind == StatefulSet.KIND and reference.api_version == StatefulSet.API_VERSION:
        return reference.uid == stateful_set.metadata.uid
    return reference.kind == Pod.KIND and reference.api_version == "v1" and reference.name == pod.metadata.name


def _owner(stateful_set: StatefulSet, pod: Pod, *, condemned: bool) -> Object | None:
    policy = stateful_set.spec.persistent_volume_claim_retention_policy
    if condemned and policy.when_scaled == DELETE:
        return pod
    return stateful_set if policy.when_deleted == DELETE else None


def same_owners(left: Sequence[OwnerReference], right: Sequence[OwnerReference]) -> bool:
    """Return whether two lists have the same references, in any order."""
    return len(left) == len(right) and all(entry in right for entry in left)
