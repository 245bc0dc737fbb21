"""The versions of what a controller makes pods of: ControllerRevisions (``pkg/controller/history``, v1.36).

What a version is, and which are to go, is decided by functions; :class:`Revisions` writes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Generic, TypeVar

from apimachinery.errors import AlreadyExists, Conflict, NotFound
from apimachinery.selectors import Selector
from apimachinery.types.apps import ControllerRevision, PodTemplateSpec
from apimachinery.types.base import Object, ObjectMeta, OwnerReference, to_wire
from controller_manager.adoption import Adopter
from controller_manager.hashing import content_hash
from controller_manager.ownership import CONTROLLER_INDEX, controller_of, controller_reference, orphan_key
from kubeclient.client import Client
from kubeclient.informer import Cache
from kubeclient.patches import checked_patch
from kubeclient.resources import CONTROLLER_REVISIONS, Resource

REVISION_HASH = "controller-revision-hash"
"""Label of the pods of DaemonSets and StatefulSets that says which version they are of."""

T = TypeVar("T", bound=Object)


def template_data(template: PodTemplateSpec) -> dict[str, Any]:
    """Return the patch that brings a workload back to ``template``; ``kubectl rollout undo`` sends it as it is."""
    return {"spec": {"template": {**to_wire(template), "$patch": "replace"}}}


def template_of(revision: ControllerRevision) -> PodTemplateSpec:
    """Return the template that is kept in a revision."""
    template = revision.data.get("spec", {}).get("template", {})
    return PodTemplateSpec.model_validate({key: value for key, value in template.items() if key != "$patch"})


def new_revision(
    owner: Object, template: PodTemplateSpec, number: int, collisions: int | None, hash_label: str
) -> ControllerRevision:
    """Return the revision of ``template``, named after the owner and a hash, which the label ``hash_label`` has too."""
    digest = content_hash(to_wire(template), collisions)
    meta = owner.metadata
    return ControllerRevision(
        metadata=ObjectMeta(
            name=f"{meta.name}-{digest}",
            namespace=meta.namespace,
            labels={**template.metadata.labels, hash_label: digest},
            annotations=dict(meta.annotations),
            owner_references=[OwnerReference.model_validate(controller_reference(owner))],
        ),
        data=template_data(template),
        revision=number,
    )


def in_order(revisions: Iterable[ControllerRevision]) -> list[ControllerRevision]:
    """Return them lowest number first; of one number the older first."""
    return sorted(
        revisions,
        key=lambda found: (found.revision, str(found.metadata.creation_timestamp), found.metadata.name),
    )


def find_current(revisions: Iterable[ControllerRevision], template: PodTemplateSpec) -> ControllerRevision | None:
    """Return the revision of ``template``: the one of the highest number, should there be several."""
    data = template_data(template)
    return next((found for found in reversed(in_order(revisions)) if found.data == data), None)


def surplus(
    revisions: Iterable[ControllerRevision], limit: int | None, is_live: Callable[[ControllerRevision], bool]
) -> list[ControllerRevision]:
    """Return the oldest revisions beyond ``limit`` that nothing is of any more; ``None`` keeps all."""
    if limit is None:
        return []
    idle = [found for found in in_order(revisions) if not is_live(found)]
    return idle[: max(0, len(idle) - limit)]


class Revisions(Generic[T]):
    """Finds and writes the revisions of the owners of one kind."""

    def __init__(
        self, client: Client, owners: Resource[T], cache: Cache[ControllerRevision], *, hash_label: str
    ) -> None:
        """``cache`` must be indexed by controller."""
        self._client = client
        self._cache = cache
        self._hash_label = hash_label
        self._adopter = Adopter(client, owners, CONTROLLER_REVISIONS)

    async def of(self, owner: T, selector: Selector) -> list[ControllerRevision]:
        """Return the owner's revisions, in order; orphans that it selects become so."""
        meta = owner.metadata
        owned = self._cache.by_index(CONTROLLER_INDEX, meta.uid)
        orphans = self._cache.by_index(CONTROLLER_INDEX, orphan_key(meta.namespace))
        return in_order(await self._adopter.claim(owner, selector, owned + orphans))

    async def current(
        self,
        owner: T,
        template: PodTemplateSpec,
        revisions: Sequence[ControllerRevision],
        collisions: int | None,
        on_collision: Callable[[int], Any],
    ) -> ControllerRevision:
        """Return the revision of ``template``, made or given the highest number if need be.

        Raises :class:`~apimachinery.errors.Conflict` when its name is taken by another; ``on_collision`` is then
        awaited with the new number of collisions, and the next try is for another name.
        """
        found = find_current(revisions, template)
        others = [entry for entry in revisions if entry is not found]
        number = max((entry.revision for entry in others), default=0) + 1
        if found is None:
            wanted = new_revision(owner, template, number, collisions, self._hash_label)
            try:
                return await self._client.create(CONTROLLER_REVISIONS, wanted)
            except AlreadyExists:
                return await self._taken(owner, wanted, collisions, on_collision)
        if found.revision < number:
            meta = found.metadata
            patch = checked_patch(found, {"revision": number})
            return await self._client.patch(CONTROLLER_REVISIONS, meta.name, patch, namespace=meta.namespace)
        return found

    async def _taken(
        self, owner: T, wanted: ControllerRevision, collisions: int | None, on_collision: Callable[[int], Any]
    ) -> ControllerRevision:
        """The cache may only be late: what is there is taken if it is what was to be made."""
        meta = wanted.metadata
        found = await self._client.get(CONTROLLER_REVISIONS, meta.name, namespace=meta.namespace)
        reference = controller_of(found)
        if reference is not None and reference.uid == owner.metadata.uid and found.data == wanted.data:
            return found
        await on_collision((collisions or 0) + 1)
        raise Conflict(f"the name {found.key} is taken: {owner.key} tries another one")

    async def remove(self, revisions: Collection[ControllerRevision]) -> None:
        for found in revisions:
            meta = found.metadata
            try:
                await self._client.delete(CONTROLLER_REVISIONS, meta.name, namespace=meta.namespace, uid=meta.uid)
            except NotFound:
                continue
