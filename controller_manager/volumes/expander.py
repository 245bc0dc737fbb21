"""Volumes grow when their claims ask for more (``pkg/controller/volume/expand``, v1.36).

Directories have no size of their own: to grow one is to say so, on the volume first and then on the claim.
"""

from apimachinery.errors import NotFound
from apimachinery.quantity import canonical, parse_quantity
from apimachinery.types.core import object_reference
from apimachinery.types.storage import BOUND, STORAGE, PersistentVolume, PersistentVolumeClaim
from apimachinery.volume_annotations import PROVISIONED_BY
from controller_manager.controller import Context, Result
from controller_manager.volumes.provisioning import PROVISIONER
from kubeclient.events import NORMAL
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

EVENT_SOURCE = "volume_expand"


def wants_more(claim: PersistentVolumeClaim) -> bool:
    """Whether a bound claim asks for more than it has; whether its class allows it was asked when it was written."""
    if claim.status.phase != BOUND or not claim.spec.volume_name:
        return False
    return parse_quantity(claim.requested) > parse_quantity(claim.status.capacity.get(STORAGE, "0"))


class VolumeExpander:
    """Woken by claims; keys are theirs."""

    workers = 10

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS)
        claims.on_change(self._claim_changed)
        self._claims = claims.cache
        self._volumes = context.informers.informer(PERSISTENT_VOLUMES).cache

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is not None and wants_more(new):
            self._queue.add(new.key)

    async def reconcile(self, key: str) -> Result | None:
        claim = self._claims.get(key)
        if claim is None or not wants_more(claim):
            return None
        volume = self._volumes.get(claim.spec.volume_name)
        reference = volume.spec.claim_ref if volume is not None else None
        if volume is None or reference is None or reference.uid != claim.metadata.uid:
            return None
        if volume.metadata.annotations.get(PROVISIONED_BY) != PROVISIONER:
            message = "waiting for an external controller to expand this PVC"
            self._recorder.event(object_reference(claim), NORMAL, "ExternalExpanding", message)
            return None
        await self._expand(claim, volume)
        return None

    async def _expand(self, claim: PersistentVolumeClaim, volume: PersistentVolume) -> None:
        meta, size = claim.metadata, canonical(claim.requested)
        try:
            if parse_quantity(volume.spec.capacity.get(STORAGE, "0")) < parse_quantity(size):
                patch = {"metadata": {"uid": volume.metadata.uid}, "spec": {"capacity": {STORAGE: size}}}
                await self._client.patch(PERSISTENT_VOLUMES, volume.metadata.name, patch)
            status = {"metadata": {"uid": meta.uid}, "status": {"capacity": {STORAGE: size}}}
            await self._client.patch(
                PERSISTENT_VOLUME_CLAIMS, meta.name, status, namespace=meta.namespace, subresource="status"
            )
        except NotFound:
            return
        message = f"ExpandVolume succeeded for volume {meta.namespace}/{meta.name}"
        self._recorder.event(object_reference(claim), NORMAL, "VolumeResizeSuccessful", message)
