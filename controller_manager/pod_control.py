"""What controllers do to pods: create, delete, adopt and release them, and tell of it on their owner.

The pod control and the reference manager of ``pkg/controller/{controller_utils,controller_ref_manager}.go`` (v1.36).
Whose a pod is, is decided in :mod:`~controller_manager.ownership`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import orjson

from apimachinery.errors import NotFound, StatusError
from apimachinery.selectors import Selector
from apimachinery.types.apps import PodTemplateSpec
from apimachinery.types.base import Object, to_wire
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from controller_manager.adoption import Adopter
from controller_manager.ownership import controller_reference
from controller_manager.refusals import namespace_terminating
from kubeclient.client import Client
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
        self._adopter = Adopter(client, owners, PODS, finalizers)

    async def create(self, owner: T, body: bytes) -> bool:
        """Create a pod from its bytes; return whether there is one, which a namespace that ends does not allow."""
        about = object_reference(owner)
        path = PODS.path(namespace=owner.metadata.namespace)
        try:
            created = orjson.loads(await self._client.request("POST", path, body=body))
        except (StatusError, ConnectionFailed) as error:
            if namespace_terminating(error):
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

    async def claim(self, owner: T, selector: Selector, pods: Iterable[Pod]) -> list[Pod]:
        """Adopt and release what is to be; return those of ``pods`` that are the owner's then."""
        return await self._adopter.claim(owner, selector, pods)


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
