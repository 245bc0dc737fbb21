"""The garbage collector: dependents follow their owners (``pkg/controller/garbagecollector``, v1.36).

What becomes of an object is decided in :mod:`~controller_manager.object_graph`; this module finds out the state of
its owners, asking the server before it believes that one is gone, and carries the decision out.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from apimachinery.errors import NotFound
from apimachinery.types.base import Object, OwnerReference, to_wire
from apimachinery.types.extensions import CustomResourceDefinition
from controller_manager.batches import all_at_once
from controller_manager.collected_kinds import collected_resources
from controller_manager.controller import Context, Result
from controller_manager.metadata_kinds import api_versions, custom_resource
from controller_manager.object_graph import (
    FOREGROUND,
    ORPHAN,
    OWNER_INDEX,
    UID_INDEX,
    Item,
    ObjectGraph,
    OwnerState,
    Verdict,
    index_by_owner,
    index_by_uid,
    judge,
    orphans_dependents,
    waits_for_dependents,
)
from kubeclient.informer import Index
from kubeclient.patches import checked_patch
from kubeclient.resources import CUSTOM_RESOURCE_DEFINITIONS, Resource

logger = logging.getLogger(__name__)

ABSENT_OWNERS_KEPT = 500
"""How many owners that were found gone are remembered, so that a thousand dependents ask once; as upstream."""

CACHE_CATCH_UP_SECONDS = 1.0
"""After how long an owner that the server has and the cache has not is looked for again."""

PARALLEL_PATCHES = 20

_INDEXES: Mapping[str, Index[Any]] = {UID_INDEX: index_by_uid, OWNER_INDEX: index_by_owner}


@dataclass(frozen=True, slots=True)
class OwnerIdentity:
    """An owner reference with the namespace it is read in; empty for an owner that has none."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class GarbageCollector:
    """Woken by everything that can own or be owned; keys are uids."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_gc_syncs
        self._client = context.client
        self._queue = context.queue
        self._informers = context.informers
        self._custom: dict[str, Resource[Object]] = {}
        """The resource that each definition of a custom one makes, by the definition's name."""
        self._absent: OrderedDict[OwnerIdentity, None] = OrderedDict()
        self._resources = {
            (resource.model.API_VERSION, resource.model.KIND): resource for resource in collected_resources()
        }
        caches = []
        for resource in collected_resources():
            informer = context.informers.informer(resource, _INDEXES)
            informer.on_change(self._changed)
            caches.append((resource, informer.cache))
        context.informers.informer(CUSTOM_RESOURCE_DEFINITIONS).on_change(self._definition_changed)
        self._graph = ObjectGraph(caches)

    # What wakes it

    def _changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            assert old is not None
            self._wake_dependents(old)
            self._wake_waiting_owners(old)
            return
        if waits_for_dependents(new) and (old is None or not waits_for_dependents(old)):
            self._queue.add(new.metadata.uid)
            self._wake_dependents(new)
        elif orphans_dependents(new) and (old is None or not orphans_dependents(old)):
            self._queue.add(new.metadata.uid)
        references = new.metadata.owner_references
        if old is not None and old.metadata.owner_references != references:
            # A reference less, or one that blocks no more, may be what an owner waits for.
            self._wake_waiting_owners(old)
            if references:
                self._queue.add(new.metadata.uid)
        elif old is None and references and any(self._suspicious(reference) for reference in references):
            self._queue.add(new.metadata.uid)

    def _definition_changed(self, old: CustomResourceDefinition | None, new: CustomResourceDefinition | None) -> None:
        """Follow the objects of a custom resource for as long as it is served."""
        definition = new or old
        assert definition is not None
        name = definition.metadata.name
        before, after = self._custom.get(name), custom_resource(new) if new is not None else None
        if before == after:
            return
        if before is not None:
            self._graph.remove(before)
            del self._custom[name]
            for obj in self._informers.stop(before):
                self._changed(obj, None)
        if after is not None:
            self._custom[name] = after
            # What was served may still be somebody's owner: that it is gone can be found out when it is not any more.
            self._resources.update(
                dict.fromkeys(((version, after.model.KIND) for version in api_versions(definition)), after)
            )
            self._graph.add(after, self._informers.start(after, _INDEXES, self._changed))

    def _suspicious(self, reference: OwnerReference) -> bool:
        """Return whether a new object with this reference has to be looked at; most of them need not."""
        owner = self._graph.find(reference.uid)
        return owner is None or waits_for_dependents(owner.object) or not _is_named_by(owner.object, reference)

    def _wake_dependents(self, owner: Object) -> None:
        for item in self._graph.dependents(owner.metadata.uid):
            self._queue.add(item.object.metadata.uid)

    def _wake_waiting_owners(self, dependent: Object) -> None:
        for reference in dependent.metadata.owner_references:
            owner = self._graph.find(reference.uid)
            if owner is not None and waits_for_dependents(owner.object):
                self._queue.add(reference.uid)

    # What it does

    async def reconcile(self, key: str) -> Result | None:
        item = self._graph.find(key)
        if item is None:
            return None
        if orphans_dependents(item.object):
            await self._orphan_dependents(item)
            return None
        if waits_for_dependents(item.object):
            await self._wait_for_dependents(item)
            return None
        if item.object.metadata.deletion_timestamp is not None:
            return None
        return await self._collect(item)

    async def _orphan_dependents(self, item: Item) -> None:
        uid = item.object.metadata.uid
        errors = await all_at_once(
            partial(self._drop_references, (uid,)), self._graph.dependents(uid), PARALLEL_PATCHES
        )
        if errors:
            raise errors[0]
        await self._remove_finalizer(item, ORPHAN)

    async def _wait_for_dependents(self, item: Item) -> None:
        """Let the object go once nothing blocks it; the dependents were woken when its deletion began."""
        uid = item.object.metadata.uid
        blocking = self._graph.blocking_dependents(uid)
        if not blocking:
            await self._remove_finalizer(item, FOREGROUND)
            return
        # Two that own each other would wait for ever: unblock the one, as upstream does.
        owners = {reference.uid for reference in item.object.metadata.owner_references}
        for dependent in blocking:
            if dependent.object.metadata.uid in owners and waits_for_dependents(dependent.object):
                await self._unblock(dependent)

    async def _unblock(self, item: Item) -> None:
        references = [
            reference.model_copy(update={"block_owner_deletion": False})
            for reference in item.object.metadata.owner_references
        ]
        await self._set_references(item, references)

    async def _collect(self, item: Item) -> Result | None:
        """Delete an object whose owners are gone or wait for it, or take such owners off it."""
        meta = item.object.metadata
        owners = [(reference, await self._state(reference, meta.namespace)) for reference in meta.owner_references]
        judgement = judge(item.object, owners, has_dependents=self._graph.has_dependents(meta.uid))
        if judgement.verdict is Verdict.KEEP:
            return Result(CACHE_CATCH_UP_SECONDS) if any(map(self._unseen, meta.owner_references)) else None
        if judgement.verdict is Verdict.DROP_REFERENCES:
            await self._drop_references(judgement.dropped, item)
            return None
        logger.debug("deleting %s %s: its owners are gone", item.object.kind, item.object.key)
        try:
            # Decided by the owners of this very version: should they have changed, it is decided anew.
            await self._client.delete(
                item.resource,
                meta.name,
                namespace=meta.namespace,
                uid=meta.uid,
                resource_version=meta.resource_version,
                propagation_policy=judgement.policy,
            )
        except NotFound:
            logger.debug("%s %s was gone already", item.object.kind, item.object.key)
        return None

    def _unseen(self, reference: OwnerReference) -> bool:
        """Return whether the owner is of a kind that is cached, but not there (yet)."""
        known = (reference.api_version, reference.kind) in self._resources
        return known and self._graph.find(reference.uid) is None

    async def _state(self, reference: OwnerReference, namespace: str) -> OwnerState:
        owner = self._graph.find(reference.uid)
        if owner is not None and _is_named_by(owner.object, reference) and _reaches(owner.object, namespace):
            return OwnerState.WAITING if waits_for_dependents(owner.object) else OwnerState.SOLID
        resource = self._resources.get((reference.api_version, reference.kind))
        if resource is None or (resource.namespaced and not namespace):
            # Not something that can be looked for, so nothing shows that it is gone.
            return OwnerState.SOLID
        where = namespace if resource.namespaced else ""
        identity = OwnerIdentity(reference.api_version, reference.kind, where, reference.name, reference.uid)
        if identity in self._absent:
            self._absent.move_to_end(identity)
            return OwnerState.ABSENT
        return await self._live_state(resource, identity)

    async def _live_state(self, resource: Resource[Any], identity: OwnerIdentity) -> OwnerState:
        found: Object | None
        try:
            found = await self._client.get(resource, identity.name, namespace=identity.namespace)
        except NotFound:
            found = None
        if found is not None and found.metadata.uid == identity.uid:
            return OwnerState.WAITING if waits_for_dependents(found) else OwnerState.SOLID
        self._absent[identity] = None
        while len(self._absent) > ABSENT_OWNERS_KEPT:
            self._absent.popitem(last=False)
        return OwnerState.ABSENT

    async def _drop_references(self, uids: tuple[str, ...], item: Item) -> None:
        await self._set_references(item, [ref for ref in item.object.metadata.owner_references if ref.uid not in uids])

    async def _set_references(self, item: Item, references: list[OwnerReference]) -> None:
        """Replace the references of the very version that was looked at: custom resources take no finer patch."""
        change = {"metadata": {"ownerReferences": [to_wire(reference) for reference in references]}}
        meta = item.object.metadata
        try:
            await self._client.patch(
                item.resource, meta.name, checked_patch(item.object, change), namespace=meta.namespace
            )
        except NotFound:
            return

    async def _remove_finalizer(self, item: Item, finalizer: str) -> None:
        meta = item.object.metadata
        left = [name for name in meta.finalizers if name != finalizer]
        # Replacing a list needs the version it was read at: another finalizer may have been added or done.
        patch = {"metadata": {"resourceVersion": meta.resource_version, "finalizers": left}}
        try:
            await self._client.patch(item.resource, meta.name, patch, namespace=meta.namespace)
        except NotFound:
            return


def _is_named_by(owner: Object, reference: OwnerReference) -> bool:
    return (owner.API_VERSION, owner.KIND, owner.metadata.name) == (
        reference.api_version,
        reference.kind,
        reference.name,
    )


def _reaches(owner: Object, namespace: str) -> bool:
    """Return whether an object in ``namespace`` may have this owner: one beside it, or one outside namespaces."""
    return not owner.metadata.namespace or owner.metadata.namespace == namespace
