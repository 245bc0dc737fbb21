"""What controllers do to pods: create, delete, adopt and release them, and tell of it on their owner.

The pod control and the reference manager of ``pkg/controller/{controller_utils,controller_ref_manager}.go`` (v1.36).
Whose a pod is, is decided in :mod:`~controller_manager.ownership`.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import orjson

from apimachinery.errors import Conflict, Forbidden, Invalid, NotFound, StatusError
from apimachinery.types.apps import PodTemplateSpec
from apimachinery.types.base import Object, to_wire
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from controller_manager.ownership import adoption_patch, controller_reference, release_patch
from kubeclient.client import Client, PatchType
from kubeclient.errors import ConnectionFailed
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubeclient.resources import PODS, Resource

T = TypeVar("T", bound=Object)


class PodControl(Generic[T]):
    """Writes the pods of the owners of one kind, and events on these owners.

    Adopted pods get ``finalizers`` too, and lose them when they are released.
    """

    def __init__(
        self, client: Client, recorder: EventRecorder, owners: Resource[T], finalizers: Sequence[str] = ()
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._owners = owners
        self._finalizers = finalizers

    async def create(self, owner: T, body: bytes) -> bool:
        """Create a pod from its bytes; return whether there is one, which a namespace that ends does not allow."""
        about = object_reference(owner)
        path = PODS.path(namespace=owner.metadata.namespace)
        try:
            created = orjson.loads(await self._client.request("POST", path, body=body))
        except (StatusError, ConnectionFailed) as error:
            if _namespace_terminating(error):
                return False
            self._recorder.event(about, WARNING, "FailedCreate", f"Error creating: {error}")
            raise
        self._recorder.event(about, NORMAL, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")
        return True

    async def delete(self, owner: T, pod: Pod) -> bool:
        """Delete a pod; return whether it was still there."""
        about, meta = object_reference(owner), pod.metadata
        try:
            await self._client.delete(PODS, meta.name, namespace=meta.namespace, uid=meta.uid)
        except NotFound:
            return False
        except (StatusError, ConnectionFailed) as error:
            self._recorder.event(about, WARNING, "FailedDelete", f"Error deleting: {error}")
            raise
        self._recorder.event(about, NORMAL, "SuccessfulDelete", f"Deleted pod: {meta.name}")
        return True

    async def adopt(self, owner: T, pods: Sequence[Pod]) -> list[Pod]:
        """Make ``pods`` the owner's and return those that have become so."""
        if not pods:
            return []
        await self._check_can_adopt(owner)
        patches = [(pod, adoption_patch(owner, pod, self._finalizers)) for pod in pods]
        return [pod for pod, patch in patches if await self._patch_owners(pod, patch)]

    async def _check_can_adopt(self, owner: T) -> None:
        """Ask the server, for the cache may be late: an owner that is gone must not adopt."""
        meta = owner.metadata
        live = (await self._client.get(self._owners, meta.name, namespace=meta.namespace)).metadata
        if live.uid != meta.uid:
            raise Conflict(
                f"original {owner.KIND} {meta.namespace}/{meta.name} is gone: got uid {live.uid}, wanted {meta.uid}"
            )
        if live.deletion_timestamp is not None:
            raise Conflict(f"{meta.namespace}/{meta.name} has just been deleted at {live.deletion_timestamp}")

    async def release(self, owner: T, pods: Sequence[Pod]) -> None:
        """Let go of ``pods``, which the owner does not select any more."""
        for pod in pods:
            await self._patch_owners(pod, release_patch([owner.metadata.uid], pod, self._finalizers))

    async def _patch_owners(self, pod: Pod, patch: dict[str, Any]) -> bool:
        """Return whether the pod was still there to be patched."""
        meta = pod.metadata
        try:
            await self._client.patch(PODS, meta.name, patch, namespace=meta.namespace, patch_type=PatchType.STRATEGIC)
        except (NotFound, Invalid):
            return False
        return True


def pod_of_template(owner: Object, template: PodTemplateSpec) -> dict[str, Any]:
    """Return the pod that ``template`` describes, the owner's and named after it (``GetPodFromTemplate``)."""
    metadata: dict[str, Any] = {
        key: value
        for key, value in to_wire(template.metadata).items()
        if key in {"labels", "annotations", "finalizers"}
    }
    metadata["generateName"] = f"{owner.metadata.name}-"
    metadata["namespace"] = owner.metadata.namespace
    metadata["ownerReferences"] = [controller_reference(owner)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": to_wire(template.spec)}


def _namespace_terminating(error: Exception) -> bool:
    return isinstance(error, Forbidden) and any(cause.reason == "NamespaceTerminating" for cause in error.causes)
