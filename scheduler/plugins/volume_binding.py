"""VolumeBinding: pods go where their volumes are, or can be; those are bound before the pod is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scheduler.config.args import VolumeBindingArgs
from scheduler.framework.cycle_state import CycleState, StateKey
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint
from scheduler.framework.interface import (
    SKIP_FILTER,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    PreBindPlugin,
    PreFilterPlugin,
    PreFilterResult,
    ReservePlugin,
)
from scheduler.framework.node_table import NodeTable
from scheduler.framework.outcome import Rejection
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SKIP, SUCCESS, Code, Status
from scheduler.storage import hints
from scheduler.storage.binder import VolumeBinder
from scheduler.storage.pod_claims import PodClaims, pod_claims
from scheduler.storage.search import NOTHING, NodeSearch, Plan, search
from scheduler.storage.view import StorageView


@dataclass(slots=True)
class _Volumes:
    """A cycle's claims; what Filter has found for them; what Reserve has set aside."""

    claims: PodClaims
    found: NodeSearch | None = None
    plan: Plan = NOTHING

    def clone(self) -> "_Volumes":
        return replace(self)


_VOLUMES: StateKey[_Volumes] = StateKey("VolumeBinding")


class VolumeBinding(PreFilterPlugin, FilterPlugin, ReservePlugin, PreBindPlugin, EnqueueExtensions):
    """Turns down nodes where a bound volume cannot be used, or none can be had for a claim that waits for the pod.

    Upstream's plugin of the name (v1.36). Volumes with room to spare are not scored: there that is behind a feature
    gate which is off.
    """

    name = "VolumeBinding"

    def __init__(self, view: StorageView, binder: VolumeBinder) -> None:
        self._view = view
        self._binder = binder

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        if pod.volumes is None or not pod.volumes.claims:
            return SKIP_FILTER
        claims = pod_claims(pod, self._view)
        if isinstance(claims, str):
            return PreFilterResult(Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, (claims,)))
        state.write(_VOLUMES, _Volumes(claims))
        return PreFilterResult()

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        volumes = state.read(_VOLUMES)
        if volumes is None:
            return ()
        volumes.found, rejections = search(volumes.claims, nodes, self._view)
        return rejections

    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        volumes = state.read(_VOLUMES)
        if volumes is not None and volumes.found is not None:
            volumes.plan = volumes.found.plan(node_name)
            self._binder.assume(volumes.plan, node_name)
        return SUCCESS

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        volumes = state.read(_VOLUMES)
        if volumes is not None:
            self._binder.forget(volumes.plan)

    def pre_bind_pre_flight(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        volumes = state.read(_VOLUMES)
        return SKIP if volumes is None or volumes.plan == NOTHING else SUCCESS

    async def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        volumes = state.read(_VOLUMES)
        assert volumes is not None
        why = await self._binder.bind(volumes.plan, pod, node_name)
        return Status(Code.ERROR, (why,)) if why else SUCCESS

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        added_or_updated = Action.ADD | Action.UPDATE
        return [
            ClusterEventWithHint(EventResource.STORAGE_CLASS, added_or_updated, hints.other_topologies),
            ClusterEventWithHint(EventResource.PERSISTENT_VOLUME_CLAIM, added_or_updated, hints.is_claim_of),
            ClusterEventWithHint(EventResource.PERSISTENT_VOLUME, added_or_updated),
            ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_LABEL),
            ClusterEventWithHint(EventResource.CSI_DRIVER, Action.UPDATE, hints.stopped_counting),
            ClusterEventWithHint(EventResource.CSI_STORAGE_CAPACITY, added_or_updated, hints.more_room),
        ]


def new(args: VolumeBindingArgs | None, handle: Handle) -> VolumeBinding:
    timeout = (args or VolumeBindingArgs()).bind_timeout_seconds
    return VolumeBinding(handle.shared(StorageView), VolumeBinder(handle, timeout))
