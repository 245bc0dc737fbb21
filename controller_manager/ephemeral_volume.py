"""The ephemeral volume controller: pods get the claims that their volumes describe.

After ``pkg/controller/volume/ephemeral`` (v1.36).
"""

import logging
from collections.abc import Iterable
from typing import Any

from apimachinery.errors import StatusError
from apimachinery.types.base import OwnerReference, to_wire
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim
from apimachinery.types.volumes import Volume
from controller_manager.controller import Context, Result
from kubeclient.events import WARNING
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PODS

logger = logging.getLogger(__name__)

NAME = "ephemeral-volume-controller"

EVENT_SOURCE = "ephemeral_volume"

BY_CLAIM = "ephemeral-claim"
"""The index of pods by the ``namespace/name`` of the claims that their ephemeral volumes have."""


def claim_name(pod: Pod, volume: Volume) -> str:
    """Return the name of the claim for an ephemeral volume."""
    return f"{pod.metadata.name}-{volume.name}"


def ephemeral_volumes(pod: Pod) -> list[Volume]:
    return [volume for volume in pod.spec.volumes if volume.ephemeral is not None]


def claim_keys(pod: Pod) -> Iterable[str]:
    """Return the ``namespace/name`` of each claim that a pod's ephemeral volumes have."""
    return [f"{pod.metadata.namespace}/{claim_name(pod, volume)}" for volume in ephemeral_volumes(pod)]


def claim_of(pod: Pod, volume: Volume) -> dict[str, Any]:
    """Return the claim that an ephemeral volume describes: its template, owned by the pod."""
    assert volume.ephemeral is not None
    template = (volume.ephemeral.model_extra or {}).get("volumeClaimTemplate") or {}
    described = template.get("metadata") or {}
    owner = OwnerReference(
        api_version="v1",
        kind="Pod",
        name=pod.metadata.name,
        uid=pod.metadata.uid,
        controller=True,
        block_owner_deletion=True,
    )
    metadata = {key: described[key] for key in ("labels", "annotations") if described.get(key)}
    return {
        "metadata": {"name": claim_name(pod, volume), **metadata, "ownerReferences": [to_wire(owner)]},
        "spec": template.get("spec") or {},
    }


def owned_by(claim: PersistentVolumeClaim, pod: Pod) -> bool:
    """Whether a claim was made for this very pod."""
    return any(owner.controller and owner.uid == pod.metadata.uid for owner in claim.metadata.owner_references)


class EphemeralVolumeController:
    """Woken by pods, and by claims that go; keys are ``namespace/name`` of pods."""

    def __init__(self, context: Context) -> None:
        self.workers = 5
        self._client = context.client
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        pods = context.informers.informer(PODS, indexes={BY_CLAIM: claim_keys})
        pods.on_change(self._pod_changed)
        self._pods = pods.cache
        claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS)
        claims.on_change(self._claim_changed)
        self._claims = claims.cache

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        # A pod's volumes never change.
        if old is None and new is not None and ephemeral_volumes(new):
            self._queue.add(new.key)

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is None and old is not None:
            for pod in self._pods.by_index(BY_CLAIM, old.key):
                self._queue.add(pod.key)

    async def reconcile(self, key: str) -> Result | None:
        pod = self._pods.get(key)
        if pod is None or pod.deleting:
            # Its claims go with it, by their owner.
            return None
        for volume in ephemeral_volumes(pod):
            await self._see_to(pod, volume)
        return None

    async def _see_to(self, pod: Pod, volume: Volume) -> None:
        namespace, name = pod.metadata.namespace, claim_name(pod, volume)
        claim = self._claims.get(f"{namespace}/{name}")
        if claim is not None:
            if not owned_by(claim, pod):
                raise ClaimInTheWay(f"PVC {claim.key} was not created for pod {pod.key} (pod is not owner)")
            return
        try:
            await self._client.create(PERSISTENT_VOLUME_CLAIMS, claim_of(pod, volume), namespace=namespace)
        except StatusError as error:
            message = f"ephemeral volume {volume.name}: create PVC {name}: {error}"
            self._recorder.event(object_reference(pod), WARNING, "EphemeralVolumeCreateFailed", message)
            raise


class ClaimInTheWay(Exception):
    """There is a claim of the name that is needed, and it is not the pod's. Tried again until it is gone."""
