"""What the binder writes: bindings, phases, and events about them.

Every patch carries the version that it was decided on, and fails with 409 when the object is another by now. What a
write returns is what the next one starts from, since the cache is late.
"""

import logging
from collections.abc import Mapping
from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.errors import NotFound
from apimachinery.types.base import Object
from apimachinery.types.core import object_reference
from apimachinery.types.storage import AVAILABLE, BOUND, STORAGE, PersistentVolume, PersistentVolumeClaim
from apimachinery.volume_annotations import BIND_COMPLETED, BOUND_BY_CONTROLLER, YES
from apimachinery.volume_matching import binding_change
from controller_manager.notes import Note
from controller_manager.volumes.decisions import keeps_claim
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubeclient.patches import checked_patch
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

logger = logging.getLogger(__name__)


class Writes:
    """Writes for one controller; each method returns once the server has answered."""

    def __init__(self, client: Client, recorder: EventRecorder) -> None:
        self._client = client
        self._recorder = recorder

    async def bind(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
        """Write what is missing of a binding, in upstream's order."""
        change = binding_change(volume, claim)
        if change:
            volume = await self._patch_volume(volume, change)
        volume = await self.set_volume_phase(volume, BOUND)
        annotations = {} if BIND_COMPLETED in claim.metadata.annotations else {BIND_COMPLETED: YES}
        change = {}
        if claim.spec.volume_name != volume.metadata.name:
            annotations[BOUND_BY_CONTROLLER] = YES
            change["spec"] = {"volumeName": volume.metadata.name}
        if annotations:
            claim = await self.patch_claim(claim, {**change, "metadata": {"annotations": annotations}})
        if claim.status.phase != BOUND:
            capacity = {STORAGE: volume.spec.capacity.get(STORAGE, "0")}
            status = {"phase": BOUND, "accessModes": volume.spec.access_modes, "capacity": capacity}
            await self.patch_claim(claim, {"status": status}, "status")

    async def unbind(self, volume: PersistentVolume) -> None:
        if keeps_claim(volume):
            change: dict[str, Any] = {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}}
        else:
            change = {"spec": {"claimRef": None}, "metadata": {"annotations": {BOUND_BY_CONTROLLER: None}}}
        await self.set_volume_phase(await self._patch_volume(volume, change), AVAILABLE)

    async def set_claim_phase(self, claim: PersistentVolumeClaim, phase: str) -> None:
        """Write the phase of a claim that has no volume."""
        status = claim.status
        if status.phase != phase or status.access_modes or status.capacity:
            change = {"phase": phase, "accessModes": None, "capacity": None}
            await self.patch_claim(claim, {"status": change}, "status")

    async def set_volume_phase(self, volume: PersistentVolume, phase: str, message: str = "") -> PersistentVolume:
        if volume.status.phase == phase:
            return volume
        moment = rfc3339(self._client.clock.now())
        status = {"phase": phase, "message": message or None, "lastPhaseTransitionTime": moment}
        return await self._patch_volume(volume, {"status": status}, "status")

    async def delete(self, volume: PersistentVolume) -> None:
        meta = volume.metadata
        try:
            await self._client.delete(PERSISTENT_VOLUMES, meta.name, uid=meta.uid)
        except NotFound:
            logger.debug("volume %s is gone already", meta.name)

    async def patch_claim(
        self, claim: PersistentVolumeClaim, change: Mapping[str, Any], subresource: str = ""
    ) -> PersistentVolumeClaim:
        meta = claim.metadata
        return await self._client.patch(
            PERSISTENT_VOLUME_CLAIMS,
            meta.name,
            checked_patch(claim, change),
            namespace=meta.namespace,
            subresource=subresource,
        )

    async def _patch_volume(
        self, volume: PersistentVolume, change: Mapping[str, Any], subresource: str = ""
    ) -> PersistentVolume:
        patch = checked_patch(volume, change)
        return await self._client.patch(PERSISTENT_VOLUMES, volume.metadata.name, patch, subresource=subresource)

    def note(self, about: Object, note: Note) -> None:
        self._recorder.event(object_reference(about), note.kind, note.reason, note.message)
