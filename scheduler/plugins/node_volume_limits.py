"""NodeVolumeLimits: a node takes so many volumes of a CSI driver and no more."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apimachinery.types.csi import CSINode
from scheduler.framework.arrays import BoolArray
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
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
from scheduler.framework.status import Code
from scheduler.storage import hints
from scheduler.storage.csi import CSIVolume, csi_source, csi_volume
from scheduler.storage.view import StorageView

REASON = "node(s) exceed max volume count"


def not_installed(driver: str) -> str:
    """Return the reason for a node that lacks a driver whose pods need it there."""
    return f"{driver} CSI driver is not installed on the node"


@dataclass(frozen=True, slots=True)
class _Wanted:
    volumes: frozenset[CSIVolume]

    def clone(self) -> "_Wanted":
        return self


_WANTED: StateKey[_Wanted] = StateKey("NodeVolumeLimits")


class NodeVolumeLimits(PreFilterPlugin, FilterPlugin, EnqueueExtensions):
    """Turns down nodes that would have more volumes of a driver attached than their CSINode says they take.

    Upstream's plugin of the name (v1.36). A volume that several pods of a node use counts once; one that is attached
    and that no pod uses (any more) counts too. Without CSINodes nothing is looked at.
    """

    name = "NodeVolumeLimits"

    def __init__(self, view: StorageView) -> None:
        self._view = view

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        if pod.volumes is None or not pod.volumes.claims or not (len(self._view.csi_nodes) or len(self._view.drivers)):
            return SKIP_FILTER
        volumes = self._volumes(pod.volumes.claim_keys(pod.namespace))
        if not volumes:
            return SKIP_FILTER
        state.write(_WANTED, _Wanted(volumes))
        return PreFilterResult()

    def _volumes(self, claims: Iterable[str]) -> frozenset[CSIVolume]:
        found = (csi_volume(key, self._view) for key in claims)
        return frozenset(volume for volume in found if volume is not None)

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        wanted = state.read(_WANTED)
        if wanted is None:
            return ()
        drivers = {volume.driver for volume in wanted.volumes}
        missing = self._missing(drivers, nodes)
        full = np.zeros(nodes.count, dtype=np.bool_)
        for csi_node in self._view.csi_nodes.objects():
            limits = {name: count for name, count in csi_node.limits.items() if name in drivers}
            row = nodes.row(csi_node.metadata.name)
            if limits and row is not None:
                full[row] = exceeds(wanted.volumes, self._attached(row, csi_node, nodes), limits)
        return [*missing, Rejection(REASON, full, Code.UNSCHEDULABLE)]

    def _missing(self, drivers: Iterable[str], nodes: NodeTable) -> list[Rejection]:
        """Return the nodes without a driver that says that pods are to stay away from such nodes."""
        found = []
        for name in sorted(drivers):
            driver = self._view.drivers.get(name)
            if driver is not None and driver.spec.prevent_pod_scheduling_if_missing:
                lacking = self._lacking(name, nodes)
                found.append(Rejection(not_installed(name), lacking, Code.UNSCHEDULABLE))
        return found

    def _lacking(self, driver: str, nodes: NodeTable) -> BoolArray:
        having = [
            csi_node.metadata.name
            for csi_node in self._view.csi_nodes.objects()
            if any(entry.name == driver for entry in csi_node.spec.drivers)
        ]
        return ~nodes.name_mask(having)

    def _attached(self, row: int, csi_node: CSINode, nodes: NodeTable) -> frozenset[CSIVolume]:
        """Return the volumes that the pods of a node use, and those that are attached to it."""
        keys = {key for namespace, volumes in nodes.volumes.claims_on(row) for key in volumes.claim_keys(namespace)}
        attached = set(self._volumes(keys))
        for attachment in self._view.attachments_to(csi_node.metadata.name):
            volume = self._view.volumes.get(attachment.spec.source.persistent_volume_name)
            source = csi_source(volume) if volume is not None else None
            if source is not None:
                attached.add(source)
        return frozenset(attached)

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.CSI_NODE, Action.ADD | Action.UPDATE, hints.more_volumes),
            ClusterEventWithHint(EventResource.ASSIGNED_POD, Action.DELETE, hints.used_claims),
            ClusterEventWithHint(EventResource.PERSISTENT_VOLUME_CLAIM, Action.ADD, hints.is_claim_of),
            ClusterEventWithHint(EventResource.VOLUME_ATTACHMENT, Action.DELETE),
        ]


def exceeds(wanted: frozenset[CSIVolume], attached: frozenset[CSIVolume], limits: Mapping[str, int]) -> bool:
    """Whether a node would have more volumes of some driver than it takes; drivers that nobody wants do not matter."""
    wanting = {volume.driver for volume in wanted - attached}
    counts = Counter(volume.driver for volume in wanted | attached)
    return any(name in wanting and counts[name] > count for name, count in limits.items())


def new(args: None, handle: Handle) -> NodeVolumeLimits:
    return NodeVolumeLimits(handle.shared(StorageView))
