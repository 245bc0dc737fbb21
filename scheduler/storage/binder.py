"""Carries out plans: writes what the controller of volumes acts on, and waits until it has acted."""

from typing import Any, TypeVar

from apimachinery.errors import StatusError
from apimachinery.patch import apply_merge_patch
from apimachinery.types.base import Object, to_wire
from apimachinery.types.storage import PersistentVolumeClaim
from apimachinery.volume_annotations import SELECTED_NODE
from apimachinery.volume_matching import binding_change
from kubeclient.errors import ConnectionFailed
from kubeclient.patches import checked_patch
from kubeclient.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from scheduler.framework.interface import Handle
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.shown_pod import SHOWN_PODS
from scheduler.storage.pod_claims import not_found
from scheduler.storage.progress import Progress, progress
from scheduler.storage.search import Plan
from scheduler.storage.view import StorageView

T = TypeVar("T", bound=Object)


class VolumeBinder:
    """Follows upstream's volume binder (v1.36), except that it listens for changes where that looks every second."""

    def __init__(self, handle: Handle, timeout_seconds: float | None) -> None:
        self._client = handle.client
        self._clock = handle.clock
        self._view = handle.shared(StorageView)
        self._nodes = handle.informers.of(NODES).cache
        self._pods = handle.informers.of(SHOWN_PODS).cache
        self._timeout_seconds = timeout_seconds

    def assume(self, plan: Plan, node_name: str) -> None:
        """Have later decisions see the plan as carried out."""
        for volume, claim in plan.bindings:
            if change := binding_change(volume, claim):
                self._view.volumes.assume(_changed(volume, change))
        for claim in plan.provisions:
            if change := _selection(claim, node_name):
                self._view.claims.assume(_changed(claim, change))

    def forget(self, plan: Plan) -> None:
        """Take back :meth:`assume`; what has been written meanwhile stays written."""
        for volume, _ in plan.bindings:
            self._view.volumes.restore(volume.key)
        for claim in plan.provisions:
            self._view.claims.restore(claim.key)

    async def bind(self, plan: Plan, pod: PodInfo, node_name: str) -> str:
        """Return once all claims are bound, with nothing; or else why they are not."""
        try:
            written = await self._write(plan, node_name)
        except (StatusError, ConnectionFailed) as error:
            return str(error)
        try:
            async with self._clock.timeout(self._timeout_seconds):
                why = await self._wait(written, pod, node_name)
        except TimeoutError:
            why = "context deadline exceeded"
        return f"binding volumes: {why}" if why else ""

    async def _write(self, plan: Plan, node_name: str) -> Plan:
        """Write the plan; return it with what the API server answered."""
        bindings, provisions = [], []
        for volume, claim in plan.bindings:
            if change := binding_change(volume, claim):
                patch = checked_patch(volume, change)
                volume = await self._client.patch(PERSISTENT_VOLUMES, volume.metadata.name, patch)
            bindings.append((volume, claim))
        for claim in plan.provisions:
            if change := _selection(claim, node_name):
                meta, patch = claim.metadata, checked_patch(claim, change)
                claim = await self._client.patch(PERSISTENT_VOLUME_CLAIMS, meta.name, patch, namespace=meta.namespace)
            provisions.append(claim)
        return Plan(tuple(bindings), tuple(provisions))

    async def _wait(self, written: Plan, pod: PodInfo, node_name: str) -> str:
        with self._view.changes() as changed:
            while True:
                changed.clear()
                found = self._progress(written, pod, node_name)
                if found.done or found.failure:
                    return found.failure
                await changed.wait()

    def _progress(self, written: Plan, pod: PodInfo, node_name: str) -> Progress:
        node = self._nodes.get(node_name)
        if node is None:
            return Progress(failure=f'failed to get node "{node_name}": {not_found("node", node_name)}')
        shown = self._pods.get(pod.key)
        if shown is None or shown.uid != pod.uid:
            return Progress(failure=f"pod does not exist any more: {not_found('pod', pod.name)}")
        return progress(written, node, self._view)


def _selection(claim: PersistentVolumeClaim, node_name: str) -> dict[str, Any]:
    """Return what to write on a claim whose volume is to be made for a node; nothing when it is there."""
    if claim.metadata.annotations.get(SELECTED_NODE) == node_name:
        return {}
    return {"metadata": {"annotations": {SELECTED_NODE: node_name}}}


def _changed(obj: T, change: dict[str, Any]) -> T:
    return type(obj).model_validate(apply_merge_patch(to_wire(obj), change))
