"""Making the owner references of objects what an owner's selector says (``controller_ref_manager.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from apimachinery.errors import Conflict, Invalid, NotFound
from apimachinery.patch_types import PatchType
from apimachinery.selectors import Selector
from apimachinery.types.base import Object
from controller_manager.ownership import adoption_patch, claim, release_patch
from kubeclient.client import Client
from kubeclient.resources import Resource

OwnerT = TypeVar("OwnerT", bound=Object)
DependentT = TypeVar("DependentT", bound=Object)


class Adopter(Generic[OwnerT, DependentT]):
    """Claims objects of the kind ``dependents`` for owners of the kind ``owners``.

    Adopted objects get ``finalizers`` too, and lose them when they are released.
    """

    def __init__(
        self, client: Client, owners: Resource[OwnerT], dependents: Resource[DependentT], finalizers: Sequence[str] = ()
    ) -> None:
        self._client = client
        self._owners = owners
        self._dependents = dependents
        self._finalizers = finalizers

    async def claim(self, owner: OwnerT, selector: Selector, candidates: Iterable[DependentT]) -> list[DependentT]:
        """Adopt and release what is to be; return those that are the owner's then, the adopted ones last.

        Raises :class:`~apimachinery.errors.Conflict` when there is something to adopt and the server knows the owner
        as another, or as one that is being deleted.
        """
        claims = claim(owner, selector, candidates)
        await self.release(owner, claims.to_release)
        return claims.owned + await self.adopt(owner, claims.to_adopt)

    async def release(self, owner: OwnerT, dependents: Iterable[DependentT]) -> None:
        for dependent in dependents:
            await self._patch(dependent, release_patch([owner.metadata.uid], dependent, self._finalizers))

    async def adopt(self, owner: OwnerT, dependents: Sequence[DependentT]) -> list[DependentT]:
        """Make ``dependents`` the owner's and return those that have become so; see :meth:`claim`."""
        if not dependents:
            return []
        await self._check_can_adopt(owner)
        patches = [(dependent, adoption_patch(owner, dependent, self._finalizers)) for dependent in dependents]
        adopted = [await self._patch(dependent, patch) for dependent, patch in patches]
        return [dependent for dependent in adopted if dependent is not None]

    async def _check_can_adopt(self, owner: OwnerT) -> None:
        """Ask the server, for the cache may be late: an owner that is gone must not adopt."""
        meta = owner.metadata
        live = (await self._client.get(self._owners, meta.name, namespace=meta.namespace)).metadata
        if live.uid != meta.uid:
            raise Conflict(
                f"original {owner.KIND} {meta.namespace}/{meta.name} is gone: got uid {live.uid}, wanted {meta.uid}"
            )
        if live.deletion_timestamp is not None:
            raise Conflict(f"{meta.namespace}/{meta.name} has just been deleted at {live.deletion_timestamp}")

    async def _patch(self, dependent: DependentT, patch: dict[str, object]) -> DependentT | None:
        """Return the object as it is now; ``None`` when it was not there any more."""
        meta = dependent.metadata
        try:
            return await self._client.patch(
                self._dependents, meta.name, patch, namespace=meta.namespace, patch_type=PatchType.STRATEGIC
            )
        except (NotFound, Invalid):
            return None
