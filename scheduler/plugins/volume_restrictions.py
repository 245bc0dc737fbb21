"""VolumeRestrictions: some disks cannot be shared by the pods of a node, some claims by no two pods at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scheduler.framework.arrays import BoolArray
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import (
    SKIP_FILTER,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    PreFilterExtensions,
    PreFilterResult,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import Rejection
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code, Status
from scheduler.storage import hints
from scheduler.storage.pod_claims import not_found
from scheduler.storage.view import StorageView

REASON_DISK = "node(s) had no available disk"
REASON_ONE_POD = (
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"
)

READ_WRITE_ONCE_POD = "ReadWriteOncePod"


@dataclass(slots=True)
class _ForOnePod:
    """The pod's claims that are for one pod only, and how many uses of them by pods on nodes there are."""

    keys: frozenset[str]
    users: int

    def clone(self) -> "_ForOnePod":
        return replace(self)

    def used_by(self, pod: PodInfo) -> int:
        if pod.volumes is None:
            return 0
        return sum(key in self.keys for key in pod.volumes.claim_keys(pod.namespace))


_FOR_ONE_POD: StateKey[_ForOnePod] = StateKey("VolumeRestrictions")


class VolumeRestrictions(PreFilterExtensions, FilterPlugin, EnqueueExtensions):
    """Turns down nodes where a pod has the same disk, and all nodes while a claim for one pod is another pod's.

    Upstream's plugin of the name (v1.36).
    """

    name = "VolumeRestrictions"

    def __init__(self, view: StorageView) -> None:
        self._view = view

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        if pod.volumes is None:
            return SKIP_FILTER
        keys = set()
        for use in pod.volumes.claims:
            if use.owned:
                continue
            claim = self._view.claims.get(f"{pod.namespace}/{use.name}")
            if claim is None:
                why = not_found("persistentvolumeclaim", use.name)
                return PreFilterResult(Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, (why,)))
            if READ_WRITE_ONCE_POD in claim.spec.access_modes:
                keys.add(claim.key)
        users = sum(nodes.volumes.users(key) for key in keys)
        if not pod.volumes.disks and not keys:
            return SKIP_FILTER
        state.write(_FOR_ONE_POD, _ForOnePod(frozenset(keys), users))
        return PreFilterResult()

    def add_pod(self, state: CycleState, pod: PodInfo, added: PodInfo, nodes: NodeTable, row: int) -> None:
        found = state.read(_FOR_ONE_POD)
        if found is not None:
            found.users += found.used_by(added)

    def remove_pod(self, state: CycleState, pod: PodInfo, removed: PodInfo, nodes: NodeTable, row: int) -> None:
        found = state.read(_FOR_ONE_POD)
        if found is not None:
            found.users -= found.used_by(removed)

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        rejections = []
        taken: BoolArray | None = None
        for disk in pod.volumes.disks if pod.volumes is not None else ():
            users = nodes.volumes.conflicts(disk, nodes.count)
            if users is not None:
                taken = users if taken is None else taken | users
        if taken is not None:
            rejections.append(Rejection(REASON_DISK, taken, Code.UNSCHEDULABLE))
        found = state.read(_FOR_ONE_POD)
        if found is not None and found.users > 0:
            everywhere = np.ones(nodes.count, dtype=np.bool_)
            others = everywhere if taken is None else ~taken
            rejections.append(Rejection(REASON_ONE_POD, others, Code.UNSCHEDULABLE))
        return rejections

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [
            ClusterEventWithHint(EventResource.ASSIGNED_POD, Action.DELETE, hints.shared_volumes),
            ClusterEventWithHint(EventResource.NODE, Action.ADD),
            ClusterEventWithHint(EventResource.PERSISTENT_VOLUME_CLAIM, Action.ADD | Action.UPDATE, hints.is_claim_of),
        ]


def new(args: None, handle: Handle) -> VolumeRestrictions:
    return VolumeRestrictions(handle.shared(StorageView))
