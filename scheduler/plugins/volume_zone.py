"""VolumeZone: a pod stays in the zone and region that its volumes are labelled with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from apimachinery.labels import REGION, ZONE
from apimachinery.selectors import Operator, Requirement
from apimachinery.types.storage import WAIT_FOR_FIRST_CONSUMER, PersistentVolume
from scheduler.framework.arrays import BoolArray
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import (
    SKIP_FILTER,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    PreFilterPlugin,
    PreFilterResult,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import Rejection
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code, Status
from scheduler.storage import hints
from scheduler.storage.pod_claims import not_found
from scheduler.storage.view import StorageView

REASON = "node(s) had no available volume zone"

BETA_ZONE, BETA_REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"

TOPOLOGY_LABELS = (BETA_ZONE, BETA_REGION, ZONE, REGION)
_TODAY = {BETA_ZONE: ZONE, BETA_REGION: REGION}

_SEPARATOR = "__"
"""Between the zones of a volume that is in several."""


@dataclass(frozen=True, slots=True)
class _Topology:
    """A label of a volume that nodes must have with one of the values."""

    key: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Topologies:
    entries: tuple[_Topology, ...]

    def clone(self) -> "_Topologies":
        return self


_TOPOLOGIES: StateKey[_Topologies] = StateKey("VolumeZone")


def topologies(volume: PersistentVolume) -> tuple[_Topology, ...]:
    """Return what a volume's labels say; a label that names an empty zone among several is left out, as upstream."""
    labels = volume.metadata.labels
    found = []
    for key in TOPOLOGY_LABELS:
        values = frozenset(labels[key].split(_SEPARATOR)) if key in labels else frozenset()
        if values and "" not in values:
            found.append(_Topology(key, values))
    return tuple(found)


def placed(nodes: NodeTable) -> BoolArray:
    """Return which nodes say where they are; the others are taken to be everywhere, as in a cluster of one zone."""
    mask = np.zeros(nodes.count, dtype=np.bool_)
    for key in TOPOLOGY_LABELS:
        mask |= nodes.labels.mask(Requirement(key, Operator.EXISTS, frozenset()), nodes.count)
    return mask


def matching(topology: _Topology, nodes: NodeTable) -> BoolArray:
    """Return which nodes have the label; of a label of old, a node that lacks it may have today's."""
    mask = nodes.labels.mask(Requirement(topology.key, Operator.IN, topology.values), nodes.count)
    today = _TODAY.get(topology.key)
    if today is not None:
        lacking = nodes.labels.mask(Requirement(topology.key, Operator.DOES_NOT_EXIST, frozenset()), nodes.count)
        mask = mask | (lacking & nodes.labels.mask(Requirement(today, Operator.IN, topology.values), nodes.count))
    return mask


class VolumeZone(PreFilterPlugin, FilterPlugin, EnqueueExtensions):
    """Turns down nodes of other zones and regions than a bound claim's volume is labelled with.

    Upstream's plugin of the name (v1.36). Looks at labels only; node affinity of volumes is VolumeBinding's.
    """

    name = "VolumeZone"

    def __init__(self, view: StorageView) -> None:
        self._view = view

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        names = [use.name for use in pod.volumes.claims if not use.owned] if pod.volumes is not None else []
        found: list[_Topology] = []
        for name in names:
            volume = self._volume(f"{pod.namespace}/{name}", name)
            if isinstance(volume, str):
                return PreFilterResult(Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, (volume,)))
            if volume is not None:
                found += topologies(volume)
        if not found:
            return SKIP_FILTER
        state.write(_TOPOLOGIES, _Topologies(tuple(found)))
        return PreFilterResult()

    def _volume(self, key: str, name: str) -> PersistentVolume | str | None:
        """Return the volume of a claim, ``None`` while it waits for its first consumer, or what is wrong with it."""
        claim = self._view.claims.get(key)
        if claim is None:
            return not_found("persistentvolumeclaim", name)
        if claim.spec.volume_name:
            volume = self._view.volumes.get(claim.spec.volume_name)
            return not_found("persistentvolume", claim.spec.volume_name) if volume is None else volume
        if not claim.storage_class:
            return "PersistentVolumeClaim had no pv name and storageClass name"
        storage_class = self._view.storage_class(claim)
        if storage_class is None:
            return not_found("storageclass.storage.k8s.io", claim.storage_class)
        if storage_class.volume_binding_mode != WAIT_FOR_FIRST_CONSUMER:
            return "PersistentVolume had no name"
        return None

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        found = state.read(_TOPOLOGIES)
        if found is None:
            return ()
        return [Rejection(REASON, elsewhere(found.entries, nodes), Code.UNSCHEDULABLE_AND_UNRESOLVABLE)]

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        added_or_updated = Action.ADD | Action.UPDATE
        return [
            ClusterEventWithHint(EventResource.STORAGE_CLASS, Action.ADD, hints.waits_for_consumer),
            ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_LABEL),
            ClusterEventWithHint(EventResource.PERSISTENT_VOLUME_CLAIM, added_or_updated, hints.is_claim_of),
            ClusterEventWithHint(EventResource.PERSISTENT_VOLUME, added_or_updated, moved),
        ]


def elsewhere(entries: Iterable[_Topology], nodes: NodeTable) -> BoolArray:
    """Return which nodes are not where all of the labels say."""
    mask = np.ones(nodes.count, dtype=np.bool_)
    for entry in entries:
        mask &= matching(entry, nodes)
    return placed(nodes) & ~mask


def moved(pod: PodInfo, old: PersistentVolume | None, new: PersistentVolume | None) -> QueueingHint:
    """A volume helps when it is new, or is labelled otherwise than before."""
    helps = old is None or new is None or topologies(old) != topologies(new)
    return QueueingHint.QUEUE if helps else QueueingHint.SKIP


def new(args: None, handle: Handle) -> VolumeZone:
    return VolumeZone(handle.shared(StorageView))
