"""Which nodes can have a pod's claims, and what would be bound and made there (``FindPodVolumes``, v1.36)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from apimachinery.quantity import value
from apimachinery.selectors import SelectorSyntaxError, from_label_selector
from apimachinery.types.csi import CSIStorageCapacity
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from apimachinery.volume_annotations import SELECTED_NODE
from scheduler.framework.arrays import BoolArray
from scheduler.framework.node_masks import labels_mask
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import Rejection
from scheduler.framework.status import Code
from scheduler.storage.choices import Choice, choose
from scheduler.storage.places import topology_mask
from scheduler.storage.pod_claims import PodClaims, volume_of
from scheduler.storage.view import StorageView

BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
NOT_ENOUGH_SPACE = "node(s) did not have enough free storage"
VOLUME_MISSING = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"

NOT_SUPPORTED = "kubernetes.io/no-provisioner"
"""The provisioner of classes whose volumes people make."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for a pod on one node: ``bindings`` of volumes that are there, ``provisions`` of new ones."""

    bindings: tuple[tuple[PersistentVolume, PersistentVolumeClaim], ...] = ()
    provisions: tuple[PersistentVolumeClaim, ...] = ()


NOTHING = Plan()


@dataclass(slots=True)
class NodeSearch:
    """What was found for the delayed claims; ``annotated`` ones have been given a node by an earlier cycle."""

    nodes: NodeTable
    choices: list[Choice] = field(default_factory=list)
    annotated: tuple[PersistentVolumeClaim, ...] = ()

    def plan(self, node_name: str) -> Plan:
        """Return what is to be done on a node that passed."""
        row = self.nodes.row(node_name)
        if row is None:
            return NOTHING
        found = [(choice.at(row), choice.claim) for choice in self.choices]
        return Plan(
            tuple((volume, claim) for volume, claim in found if volume is not None),
            self.annotated + tuple(claim for volume, claim in found if volume is None),
        )


def search(claims: PodClaims, nodes: NodeTable, view: StorageView) -> tuple[NodeSearch, list[Rejection]]:
    """Return what was found, and the nodes that will not do; a node may be there under several reasons."""
    reasons = {reason: np.zeros(nodes.count, dtype=np.bool_) for reason in _REASONS}
    _check_bound(claims.bound, nodes, view, reasons)
    found = NodeSearch(nodes)
    if claims.delayed:
        _find_volumes(claims.delayed, found, view, reasons)
    rejections = [
        Rejection(reason, marked, Code.UNSCHEDULABLE_AND_UNRESOLVABLE)
        for reason, marked in reasons.items()
        if marked.any()
    ]
    return found, rejections


_REASONS = (NODE_CONFLICT, BIND_CONFLICT, NOT_ENOUGH_SPACE, VOLUME_MISSING)

_Reasons = dict[str, BoolArray]


def _check_bound(
    claims: Sequence[PersistentVolumeClaim], nodes: NodeTable, view: StorageView, reasons: _Reasons
) -> None:
    """Mark the nodes on which a bound volume cannot be used: of each node the first trouble."""
    undecided = np.ones(nodes.count, dtype=np.bool_)
    for claim in claims:
        volume = volume_of(claim, view)
        if volume is None:
            reasons[VOLUME_MISSING] |= undecided
            return
        usable = view.places.mask(volume, nodes)
        if usable is not None:
            reasons[NODE_CONFLICT] |= undecided & ~usable
            undecided &= usable


def _find_volumes(
    claims: Sequence[PersistentVolumeClaim], found: NodeSearch, view: StorageView, reasons: _Reasons
) -> None:
    """Look for a free volume for each claim, and else whether one can be made."""
    nodes = found.nodes
    elsewhere = np.zeros(nodes.count, dtype=np.bool_)
    unannotated = []
    for claim in claims:
        selected = claim.metadata.annotations.get(SELECTED_NODE)
        if selected is None:
            unannotated.append(claim)
        else:
            elsewhere |= ~nodes.name_mask((selected,))
            found.annotated += (claim,)
    reasons[BIND_CONFLICT] |= elsewhere
    volumes = {name: view.volumes_of_class(name) for name in {claim.storage_class for claim in unannotated}}
    found.choices = choose(unannotated, volumes, nodes, view.places)
    undecided = ~elsewhere
    for claim in found.annotated:
        undecided &= ~_unprovided(claim, undecided, nodes, view, reasons)
    for choice in found.choices:
        undecided &= ~_unprovided(choice.claim, undecided & ~choice.found, nodes, view, reasons)


def _unprovided(
    claim: PersistentVolumeClaim, wanting: BoolArray, nodes: NodeTable, view: StorageView, reasons: _Reasons
) -> BoolArray:
    """Return, marked with the reason, those of the ``wanting`` nodes for which no volume can be made."""
    found = view.storage_class(claim)
    if found is None or found.provisioner in {"", NOT_SUPPORTED}:
        reasons[BIND_CONFLICT] |= wanting
        return wanting
    failed = np.zeros(nodes.count, dtype=np.bool_)
    for reason, possible in (
        (BIND_CONFLICT, topology_mask(found.allowed_topologies, nodes)),
        (NOT_ENOUGH_SPACE, _with_room(claim, found, nodes, view)),
    ):
        if possible is not None:
            failing = wanting & ~possible & ~failed
            reasons[reason] |= failing
            failed |= failing
    return failed


def _with_room(
    claim: PersistentVolumeClaim, storage_class: StorageClass, nodes: NodeTable, view: StorageView
) -> BoolArray | None:
    """Return which nodes have room for a new volume, ``None`` when its driver does not tell."""
    driver = view.drivers.get(storage_class.provisioner)
    if driver is None or not driver.spec.storage_capacity:
        return None
    size = value(claim.requested)
    mask = np.zeros(nodes.count, dtype=np.bool_)
    for capacity in view.capacities_of_class(storage_class.metadata.name):
        if capacity.volume_limit is not None and value(capacity.volume_limit) >= size:
            _mark_topology(capacity, nodes, mask)
    return mask


def _mark_topology(capacity: CSIStorageCapacity, nodes: NodeTable, mask: BoolArray) -> None:
    try:
        selector = from_label_selector(capacity.node_topology)
    except SelectorSyntaxError:
        return
    if selector is not None:
        mask |= labels_mask(selector, nodes)
