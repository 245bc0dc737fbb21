"""Claims of a pod's own, from the templates in its volumes (``pkg/controller/volume/ephemeral``, v1.36).

The pod owns its claims, so that they go with it.
"""

from typing import Any

from apimachinery.errors import AlreadyExists, StatusError
from apimachinery.types.base import to_wire
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim
from apimachinery.types.volumes import Volume
from apimachinery.volume_claims import claims_of_pod, ephemeral_claim_name, made_for
from controller_manager.controller import Context, Result
from controller_manager.ownership import controller_reference
from controller_manager.volumes.indexes import CLAIM_INDEX
from kubeclient.errors import ConnectionFailed
from kubeclient.events import WARNING
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PODS

EVENT_SOURCE = "ephemeral_volume"


def claim_for(pod: Pod, volume: Volume) -> dict[str, Any]:
    """Return the claim to create for a volume with a template."""
    assert volume.ephemeral is not None
    template = to_wire(volume.ephemeral).get("volumeClaimTemplate", {})
    chosen = template.get("metadata", {})
    metadata = {key: chosen[key] for key in ("annotations", "labels") if key in chosen}
    metadata["name"] = ephemeral_claim_name(pod, volume.name)
    metadata["ownerReferences"] = [controller_reference(pod)]
    return {"metadata": metadata, "spec": template.get("spec", {})}


def not_its_own(pod: Pod, claim: PersistentVolumeClaim) -> str:
    """Return why a claim with the right name is not the pod's; empty when it is."""
    if made_for(claim, pod.metadata.uid):
        return ""
    return f'PVC "{claim.key}" was not created for pod "{pod.key}" (pod is not owner)'


class EphemeralVolumes:
    """Woken by pods, and by claims that go while a pod is there; keys are those of pods."""

    workers = 5

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        pods = context.informers.informer(PODS, {CLAIM_INDEX: claims_of_pod})
        claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS)
        pods.on_change(self._pod_changed)
        claims.on_change(self._claim_changed)
        self._pods, self._claims = pods.cache, claims.cache

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if old is None and new is not None and any(volume.ephemeral for volume in new.spec.volumes):
            self._queue.add(new.key)

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is None and old is not None:
            for pod in self._pods.by_index(CLAIM_INDEX, old.key):
                self._queue.add(pod.key)

    async def reconcile(self, key: str) -> Result | None:
        pod = self._pods.get(key)
        if pod is None or pod.deleting:
            return None
        for volume in pod.spec.volumes:
            if volume.ephemeral is not None:
                await self._ensure_claim(pod, volume)
        return None

    async def _ensure_claim(self, pod: Pod, volume: Volume) -> None:
        """Create the claim unless it is there; what is in the way, the pod's events tell."""
        claim = self._claims.get(f"{pod.metadata.namespace}/{ephemeral_claim_name(pod, volume.name)}")
        if claim is not None:
            # Nothing to be done about another's but to wait until it goes.
            self._tell(pod, volume, not_its_own(pod, claim))
            return
        wanted = claim_for(pod, volume)
        try:
            await self._client.create(PERSISTENT_VOLUME_CLAIMS, wanted, namespace=pod.metadata.namespace)
        except AlreadyExists:
            # Not seen yet; whose it is will be.
            raise
        except (StatusError, ConnectionFailed) as error:
            self._tell(pod, volume, f"create PVC {wanted['metadata']['name']}: {error}")
            raise

    def _tell(self, pod: Pod, volume: Volume, problem: str) -> None:
        if problem:
            message = f"ephemeral volume {volume.name}: {problem}"
            self._recorder.event(object_reference(pod), WARNING, "FailedBinding", message)
