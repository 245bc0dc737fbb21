"""Which volumes fit a claim (``component-helpers/storage/volume/pv_helpers.go``, v0.36)."""

from collections.abc import Iterable
from typing import Any

from apimachinery.quantity import parse_quantity, value
from apimachinery.selectors import Requirement, Selector, SelectorSyntaxError, from_label_selector, object_operator
from apimachinery.types.base import to_wire
from apimachinery.types.core import Node, object_reference
from apimachinery.types.pod import NodeSelectorRequirement, NodeSelectorTerm
from apimachinery.types.storage import AVAILABLE, STORAGE, PersistentVolume, PersistentVolumeClaim
from apimachinery.volume_annotations import BOUND_BY_CONTROLLER, YES


def is_bound_to(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether the volume is the claim's: given to it, or set aside for one of its name."""
    reference, meta = volume.spec.claim_ref, claim.metadata
    if reference is None or (reference.namespace, reference.name) != (meta.namespace, meta.name):
        return False
    return reference.uid in {"", meta.uid}


def binding_change(volume: PersistentVolume, claim: PersistentVolumeClaim) -> dict[str, Any]:
    """Return what to write on a volume to give it to a claim; nothing when it is the claim's already."""
    reference = volume.spec.claim_ref
    if reference is not None and reference.uid == claim.metadata.uid:
        return {}
    change: dict[str, Any] = {"spec": {"claimRef": to_wire(object_reference(claim))}}
    if not is_bound_to(volume, claim):
        change["metadata"] = {"annotations": {BOUND_BY_CONTROLLER: YES}}
    return change


def mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim) -> str:
    """Return why a claim cannot have the volume that it names; empty when it can."""
    if volume.metadata.deletion_timestamp is not None:
        return f'the volume is marked for deletion "{volume.metadata.name}"'
    if value(_capacity(volume)) < value(claim.requested):
        return "requested PV is too small"
    if _attributes_class(volume) != _attributes_class(claim):
        return "volumeAttributesClassName does not match"
    if volume.storage_class != claim.storage_class:
        return "storageClassName does not match"
    if volume.spec.volume_mode != claim.spec.volume_mode:
        return "incompatible volumeMode"
    return "" if _has_modes(volume, claim) else "incompatible accessMode"


def best_match(
    claim: PersistentVolumeClaim, volumes: Iterable[PersistentVolume], *, delayed: bool, node: Node | None
) -> PersistentVolume | None:
    """Return the volume that a claim should have: the one set aside for it, or the smallest that will do.

    Those with the fewest access modes beyond what is asked for come first. With ``delayed`` only what has been set
    aside is taken until ``node`` says where the volume has to be usable.
    """
    try:
        selector = from_label_selector(claim.spec.selector)
    except SelectorSyntaxError:
        return None
    fitting = [volume for volume in volumes if fits(volume, claim)]
    for volume in fitting:
        if is_bound_to(volume, claim):
            return volume if node is None or accepts_node(volume, node) else None
    if delayed and node is None:
        return None
    free = [
        volume
        for volume in fitting
        if is_free(volume, claim, selector) and (node is None or accepts_node(volume, node))
    ]
    return min(free, key=_preference, default=None)


def _preference(volume: PersistentVolume) -> tuple[object, ...]:
    return len(volume.spec.access_modes), parse_quantity(_capacity(volume)), volume.metadata.name


def fits(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether the volume could be the claim's, free or not."""
    return (
        (volume.spec.claim_ref is None or is_bound_to(volume, claim))
        and volume.metadata.deletion_timestamp is None
        and parse_quantity(_capacity(volume)) >= parse_quantity(claim.requested)
        and volume.spec.volume_mode == claim.spec.volume_mode
        and _attributes_class(volume) == _attributes_class(claim)
        and _has_modes(volume, claim)
    )


def is_free(volume: PersistentVolume, claim: PersistentVolumeClaim, selector: Selector | None) -> bool:
    return (
        volume.status.phase == AVAILABLE
        and volume.storage_class == claim.storage_class
        and (selector is None or selector.matches(volume.metadata.labels))
    )


def _capacity(volume: PersistentVolume) -> str:
    return volume.spec.capacity.get(STORAGE, "0")


def _attributes_class(obj: PersistentVolume | PersistentVolumeClaim) -> str:
    return obj.spec.volume_attributes_class_name or ""


def _has_modes(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    return set(claim.spec.access_modes) <= set(volume.spec.access_modes)


def accepts_node(volume: PersistentVolume, node: Node) -> bool:
    """Whether the volume can be used on a node: no affinity, or one of its terms holds."""
    affinity = volume.spec.node_affinity
    if affinity is None or affinity.required is None:
        return True
    return any(_holds(term, node) for term in affinity.required.node_selector_terms)


def _holds(term: NodeSelectorTerm, node: Node) -> bool:
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": node.metadata.name}
    try:
        return all(_requirement(entry).matches(node.metadata.labels) for entry in term.match_expressions) and all(
            _requirement(entry).matches(fields) for entry in term.match_fields
        )
    except SelectorSyntaxError:
        return False


def _requirement(entry: NodeSelectorRequirement) -> Requirement:
    return Requirement(entry.key, object_operator(entry.operator), frozenset(entry.values))
