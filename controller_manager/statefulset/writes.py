"""What StatefulSets write: pods, their claims, and events (``statefulset/stateful_pod_control.go``, v1.36)."""

from typing import Any

from apimachinery.errors import AlreadyExists, Conflict, NotFound, StatusError
from apimachinery.types.apps import StatefulSet
from apimachinery.types.base import encode, to_wire
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim
from controller_manager.statefulset.identity import claims_for, has_identity, identity_labels
from controller_manager.statefulset.retention import same_owners, wanted_owners
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.events import NORMAL, WARNING, EventRecorder
from kubeclient.informer import Cache
from kubeclient.patches import checked_patch
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PODS


class Writes:
    """Each method returns once the server has answered, and raises when it refuses."""

    def __init__(self, client: Client, recorder: EventRecorder, claims: Cache[PersistentVolumeClaim]) -> None:
        self._client = client
        self._recorder = recorder
        self._claims = claims

    async def create(self, stateful_set: StatefulSet, body: dict[str, Any]) -> None:
        """Create a pod; :class:`~apimachinery.errors.AlreadyExists` means that the cache is late, or the name taken."""
        path = PODS.path(namespace=stateful_set.metadata.namespace)
        try:
            await self._client.request("POST", path, body=encode(body))
        except AlreadyExists:
            raise
        except (StatusError, ConnectionFailed) as error:
            self._tell(stateful_set, "create", body["metadata"]["name"], error)
            raise
        self._tell(stateful_set, "create", body["metadata"]["name"])

    async def delete(self, stateful_set: StatefulSet, pod: Pod) -> None:
        meta = pod.metadata
        try:
            await self._client.delete(PODS, meta.name, namespace=meta.namespace, uid=meta.uid)
        except NotFound:
            return
        except (StatusError, ConnectionFailed) as error:
            self._tell(stateful_set, "delete", meta.name, error)
            raise
        self._tell(stateful_set, "delete", meta.name)

    async def identify(self, stateful_set: StatefulSet, pod: Pod, ordinal: int) -> None:
        """Give a pod the labels of its ordinal, should somebody have taken them."""
        if has_identity(stateful_set, pod, ordinal):
            return
        meta = pod.metadata
        patch = checked_patch(pod, {"metadata": {"labels": identity_labels(stateful_set, ordinal)}})
        await self._client.patch(PODS, meta.name, patch, namespace=meta.namespace)
        self._tell(stateful_set, "update", meta.name)

    async def ensure_claims(self, stateful_set: StatefulSet, ordinal: int) -> None:
        """Create the claims of an ordinal that are missing.

        Raises :class:`~apimachinery.errors.Conflict` while one is still being deleted: the pod is not to have it.
        """
        for claim in claims_for(stateful_set, ordinal):
            known = self._claims.get(claim.key)
            if known is None:
                await self._create_claim(stateful_set, claim)
            elif known.metadata.deletion_timestamp is not None:
                raise Conflict(f"pvc {claim.metadata.name} is being deleted")

    async def _create_claim(self, stateful_set: StatefulSet, claim: PersistentVolumeClaim) -> None:
        try:
            await self._client.create(PERSISTENT_VOLUME_CLAIMS, claim)
        except AlreadyExists:
            return
        except (StatusError, ConnectionFailed) as error:
            self._tell_claim(stateful_set, claim, error)
            raise
        self._tell_claim(stateful_set, claim)

    async def settle_claims(self, stateful_set: StatefulSet, pod: Pod, ordinal: int, *, condemned: bool) -> None:
        """Give the claims of a pod the owners that the retention policy asks for."""
        for template in claims_for(stateful_set, ordinal):
            claim = self._claims.get(template.key)
            if claim is None:
                continue
            owners = wanted_owners(stateful_set, pod, claim, condemned=condemned)
            if same_owners(owners, claim.metadata.owner_references):
                continue
            meta = claim.metadata
            patch = checked_patch(claim, {"metadata": {"ownerReferences": [to_wire(entry) for entry in owners]}})
            await self._client.patch(PERSISTENT_VOLUME_CLAIMS, meta.name, patch, namespace=meta.namespace)

    def _tell(self, stateful_set: StatefulSet, verb: str, pod: str, error: Exception | None = None) -> None:
        what = f"{verb} Pod {pod} in StatefulSet {stateful_set.metadata.name}"
        self._record(stateful_set, verb, what, "successful", error)

    def _tell_claim(
        self, stateful_set: StatefulSet, claim: PersistentVolumeClaim, error: Exception | None = None
    ) -> None:
        set_name, claim_name = stateful_set.metadata.name, claim.metadata.name
        pod = f"{set_name}-{claim_name.rpartition('-')[2]}"
        what = f"create Claim {claim_name} Pod {pod} in StatefulSet {set_name}"
        self._record(stateful_set, "create", what, "success", error)

    def _record(self, stateful_set: StatefulSet, verb: str, what: str, praise: str, error: Exception | None) -> None:
        kind, outcome = (NORMAL, "Successful") if error is None else (WARNING, "Failed")
        message = f"{what} {praise}" if error is None else f"{what} failed error: {error}"
        self._recorder.event(object_reference(stateful_set), kind, f"{outcome}{verb.capitalize()}", message)
