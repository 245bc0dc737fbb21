"""How many pods the controllers of pods ask for (``getExpectedScale`` in ``pkg/controller/disruption``, v1.36)."""

from collections.abc import Iterable
from dataclasses import dataclass

from apimachinery.errors import NotFound
from apimachinery.types.apps import Deployment, ReplicaSet
from apimachinery.types.base import OwnerReference
from apimachinery.types.pod import Pod
from controller_manager.ownership import controller_of
from controller_manager.scalables import NotScalable, Scalables
from kubeclient.client import Client
from kubeclient.informer import Cache


class ScaleUnknown(Exception):
    """Nobody says how many pods there should be; the text says why."""


@dataclass(frozen=True, slots=True)
class Scale:
    """``total`` of all controllers; ``unmanaged`` are the names of pods that have none."""

    total: int
    unmanaged: list[str]


class Scales:
    """Looks at ReplicaSets and Deployments in caches, at everything else through its ``scale``."""

    def __init__(self, client: Client, replica_sets: Cache[ReplicaSet], deployments: Cache[Deployment]) -> None:
        self._replica_sets = replica_sets
        self._deployments = deployments
        self._scalables = Scalables(client)

    async def of(self, pods: Iterable[Pod]) -> Scale:
        """Add up what the controllers of ``pods`` ask for; raise :class:`ScaleUnknown` when one cannot be asked."""
        by_uid: dict[str, int] = {}
        unmanaged = []
        for pod in pods:
            owner = controller_of(pod)
            if owner is None:
                unmanaged.append(pod.metadata.name)
                continue
            if owner.uid in by_uid:
                continue
            found = self._of_cached(owner, pod.metadata.namespace)
            if found is None:
                found = await self._of_subresource(owner, pod)
            uid, count = found
            by_uid[uid] = count
            # All ReplicaSets of a Deployment stand for the one number that it asks for.
            by_uid.setdefault(owner.uid, 0)
        return Scale(sum(by_uid.values()), unmanaged)

    def _of_cached(self, owner: OwnerReference, namespace: str) -> tuple[str, int] | None:
        """Return the uid of what decides on the number of pods, and the number."""
        if (owner.api_version, owner.kind) != (ReplicaSet.API_VERSION, ReplicaSet.KIND):
            return None
        replica_set = self._replica_sets.get(f"{namespace}/{owner.name}")
        if replica_set is None or replica_set.metadata.uid != owner.uid:
            return None
        above = controller_of(replica_set)
        if above is None or above.kind != Deployment.KIND:
            return owner.uid, replica_set.spec.replicas
        deployment = self._deployments.get(f"{namespace}/{above.name}")
        if deployment is None or deployment.metadata.uid != above.uid:
            return None
        return above.uid, deployment.spec.replicas

    async def _of_subresource(self, owner: OwnerReference, pod: Pod) -> tuple[str, int]:
        try:
            scale = await self._scalables.get(owner.api_version, owner.kind, pod.metadata.namespace, owner.name)
        except NotFound:
            scale = None
        except NotScalable as error:
            raise ScaleUnknown(str(error)) from error
        if scale is None or scale["metadata"].get("uid") != owner.uid:
            raise ScaleUnknown(f'found no controllers for pod "{pod.metadata.name}"')
        return owner.uid, scale.get("spec", {}).get("replicas", 0)
