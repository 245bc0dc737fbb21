"""What is in use stays until it is not (``pkg/controller/volume/{pvc,pv,vac}protection``, v1.36).

The API server puts a finalizer on claims, volumes and volume attributes classes when they are created; these
controllers take it off once the object is to go and nobody uses it any more. They also put it on what was created
without.
"""

import contextlib
from collections.abc import Iterable

from apimachinery.errors import NotFound
from apimachinery.types.base import Object
from apimachinery.types.pod import Pod
from apimachinery.types.storage import BOUND, PersistentVolume, PersistentVolumeClaim, VolumeAttributesClass
from apimachinery.volume_claims import claims_of_pod, ephemeral_claim_name, made_for
from controller_manager.controller import Context, Result
from controller_manager.volumes.indexes import (
    ATTRIBUTES_INDEX,
    CLAIM_INDEX,
    attributes_of_claim,
    attributes_of_volume,
)
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, VOLUME_ATTRIBUTES_CLASSES

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
ATTRIBUTES_CLASS_FINALIZER = "kubernetes.io/vac-protection"


def uses(pod: Pod, claim: PersistentVolumeClaim) -> bool:
    """Whether a pod holds on to a claim of its namespace: it has a node, whose kubelet may have mounted the volume."""
    return bool(pod.spec.node_name) and any(
        (
            volume.persistent_volume_claim is not None
            and volume.persistent_volume_claim.claim_name == claim.metadata.name
        )
        or (volume.ephemeral is not None and _is_own(pod, volume.name, claim) and not _is_shut_down(pod))
        for volume in pod.spec.volumes
    )


def _is_own(pod: Pod, volume: str, claim: PersistentVolumeClaim) -> bool:
    return claim.metadata.name == ephemeral_claim_name(pod, volume) and made_for(claim, pod.metadata.uid)


def _is_shut_down(pod: Pod) -> bool:
    """Whether all that is left of a pod is to remove it, which may in turn wait for its claim."""
    meta = pod.metadata
    return meta.deletion_timestamp is not None and meta.deletion_grace_period_seconds == 0


def finalizers_after(obj: Object, finalizer: str, *, used: bool) -> list[str] | None:
    """Return the finalizers that an object should have; ``None`` when it has them."""
    present = obj.metadata.finalizers
    if obj.metadata.deletion_timestamp is None:
        return None if finalizer in present else [*present, finalizer]
    if finalizer not in present or used:
        return None
    return [entry for entry in present if entry != finalizer]


class ClaimProtection:
    """Woken by claims and pods; keys are those of claims."""

    workers = 30

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._queue = context.queue
        claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS)
        pods = context.informers.informer(PODS, {CLAIM_INDEX: claims_of_pod})
        claims.on_change(self._claim_changed)
        pods.on_change(self._pod_changed)
        self._claims, self._pods = claims.cache, pods.cache

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is not None and finalizers_after(new, CLAIM_FINALIZER, used=False) is not None:
            self._queue.add(new.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        # One that runs holds its claims; any other state, and its end, may let go of them.
        if old is not None and (new is None or new.finished or new.deleting):
            for key in claims_of_pod(old):
                self._queue.add(key)

    async def reconcile(self, key: str) -> Result | None:
        claim = self._claims.get(key)
        if claim is None:
            return None
        used = claim.metadata.deletion_timestamp is not None and await self._is_used(claim)
        finalizers = finalizers_after(claim, CLAIM_FINALIZER, used=used)
        if finalizers is not None:
            meta, patch = claim.metadata, _patch(claim, finalizers)
            with contextlib.suppress(NotFound):
                await self._client.patch(PERSISTENT_VOLUME_CLAIMS, meta.name, patch, namespace=meta.namespace)
        return None

    async def _is_used(self, claim: PersistentVolumeClaim) -> bool:
        if _any_uses(self._pods.by_index(CLAIM_INDEX, claim.key), claim):
            return True
        # The cache may not know of a pod yet, and what is let go of now does not come back.
        return _any_uses((await self._client.list(PODS, namespace=claim.metadata.namespace)).items, claim)


def _any_uses(pods: Iterable[Pod], claim: PersistentVolumeClaim) -> bool:
    return any(uses(pod, claim) for pod in pods)


class VolumeProtection:
    """Woken by volumes; keys are their names."""

    workers = 1

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._queue = context.queue
        volumes = context.informers.informer(PERSISTENT_VOLUMES)
        volumes.on_change(self._volume_changed)
        self._volumes = volumes.cache

    def _volume_changed(self, old: PersistentVolume | None, new: PersistentVolume | None) -> None:
        if new is not None and finalizers_after(new, VOLUME_FINALIZER, used=False) is not None:
            self._queue.add(new.key)

    async def reconcile(self, key: str) -> Result | None:
        volume = self._volumes.get(key)
        if volume is None:
            return None
        finalizers = finalizers_after(volume, VOLUME_FINALIZER, used=volume.status.phase == BOUND)
        if finalizers is not None:
            with contextlib.suppress(NotFound):
                await self._client.patch(PERSISTENT_VOLUMES, key, _patch(volume, finalizers))
        return None


class AttributesClassProtection:
    """Woken by volume attributes classes, and by what has them; keys are the classes' names."""

    workers = 1

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._queue = context.queue
        classes = context.informers.informer(VOLUME_ATTRIBUTES_CLASSES)
        claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS, {ATTRIBUTES_INDEX: attributes_of_claim})
        volumes = context.informers.informer(PERSISTENT_VOLUMES, {ATTRIBUTES_INDEX: attributes_of_volume})
        classes.on_change(self._class_changed)
        claims.on_change(self._claim_changed)
        volumes.on_change(self._volume_changed)
        self._classes, self._claims, self._volumes = classes.cache, claims.cache, volumes.cache

    def _class_changed(self, old: VolumeAttributesClass | None, new: VolumeAttributesClass | None) -> None:
        if new is not None and finalizers_after(new, ATTRIBUTES_CLASS_FINALIZER, used=False) is not None:
            self._queue.add(new.key)

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        for name in attributes_of_claim(old) if old is not None else ():
            self._queue.add(name)

    def _volume_changed(self, old: PersistentVolume | None, new: PersistentVolume | None) -> None:
        for name in attributes_of_volume(old) if old is not None else ():
            self._queue.add(name)

    async def reconcile(self, key: str) -> Result | None:
        found = self._classes.get(key)
        if found is None:
            return None
        used = bool(self._claims.by_index(ATTRIBUTES_INDEX, key) or self._volumes.by_index(ATTRIBUTES_INDEX, key))
        finalizers = finalizers_after(found, ATTRIBUTES_CLASS_FINALIZER, used=used)
        if finalizers is not None:
            with contextlib.suppress(NotFound):
                await self._client.patch(VOLUME_ATTRIBUTES_CLASSES, key, _patch(found, finalizers))
        return None


def _patch(obj: Object, finalizers: list[str]) -> dict[str, object]:
    """Return the patch that sets the finalizers, unless the object is another by now (409)."""
    meta = obj.metadata
    return {"metadata": {"finalizers": finalizers, "resourceVersion": meta.resource_version, "uid": meta.uid}}
