"""The shell of the StatefulSet controller (``pkg/controller/statefulset/stateful_set.go``, v1.36).

Names are fixed, so that what is done twice on a late cache does no harm: nothing has to be expected here.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from apimachinery.errors import NotFound
from apimachinery.selectors import Selector
from apimachinery.types.apps import ControllerRevision, StatefulSet, StatefulSetStatus
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim
from controller_manager.adoption import Adopter
from controller_manager.batches import all_at_once, slow_start_over
from controller_manager.compiled_selectors import CompiledSelectors
from controller_manager.controller import Context, Result
from controller_manager.expectations import Expectations
from controller_manager.ownership import (
    CONTROLLER_INDEX,
    NAMESPACE_INDEX,
    index_by_controller,
    index_by_namespace,
    orphan_key,
)
from controller_manager.pod_events import PodEvents
from controller_manager.revisions import Revisions, surplus, template_of
from controller_manager.statefulset.identity import ordinal_of, owner_of_claim, pod_for, revision_of
from controller_manager.statefulset.plan import Plan, Pods, Versions, plan
from controller_manager.statefulset.status import calculate_status
from controller_manager.statefulset.writes import Writes
from kubeclient.resources import CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFULSETS

T = TypeVar("T")

NAME = "statefulset-controller"

HASH_LABEL = "controller.kubernetes.io/hash"
"""Label of a StatefulSet's revisions; its pods are labelled with the revision's name."""

PARALLEL_WRITES = 32

SETTLE_SECONDS = 0.02
"""How long changes that may move the status, or let the next pod come, are collected."""


class StatefulSetController:
    """Woken by StatefulSets, their pods, and claims that go; keys are ``namespace/name`` of StatefulSets."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_statefulset_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._selectors = CompiledSelectors()
        self._adopter = Adopter(context.client, STATEFULSETS, PODS)
        sets = context.informers.informer(STATEFULSETS, {NAMESPACE_INDEX: index_by_namespace})
        pods = context.informers.informer(PODS, {CONTROLLER_INDEX: index_by_controller})
        revisions = context.informers.informer(CONTROLLER_REVISIONS, {CONTROLLER_INDEX: index_by_controller})
        claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS)
        nothing_expected = Expectations(self._clock)
        events = PodEvents(
            sets.cache, StatefulSet, self._queue, nothing_expected, self._selector, lambda _: SETTLE_SECONDS
        )
        sets.on_change(self._set_changed)
        pods.on_change(events.changed)
        claims.on_change(self._claim_changed)
        self._sets = sets.cache
        self._pods = pods.cache
        self._revisions = Revisions(context.client, STATEFULSETS, revisions.cache, hash_label=HASH_LABEL)
        self._writes = Writes(context.client, context.recorder(NAME), claims.cache)

    # What wakes it

    def _set_changed(self, old: StatefulSet | None, new: StatefulSet | None) -> None:
        if new is None:
            assert old is not None
            self._selectors.forget(old)
        elif old is None or old.metadata.generation != new.metadata.generation:
            self._queue.add(new.key)
        else:
            self._queue.add_after(new.key, SETTLE_SECONDS)

    def _claim_changed(self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        """A pod may wait for an old claim of its name to be gone."""
        if old is None or new is not None:
            return
        for stateful_set in self._sets.by_index(NAMESPACE_INDEX, old.metadata.namespace):
            if owner_of_claim(stateful_set, old.metadata.name):
                self._queue.add(stateful_set.key)

    def _selector(self, stateful_set: StatefulSet) -> Selector | None:
        return self._selectors.of(stateful_set, stateful_set.spec.selector)

    # What it does

    async def reconcile(self, key: str) -> Result | None:
        stateful_set = self._sets.get(key)
        selector = self._selector(stateful_set) if stateful_set is not None else None
        if stateful_set is None or selector is None:
            return None
        revisions = await self._revisions.of(stateful_set, selector)
        pods = await self._claimed(stateful_set, selector)
        update = await self._update_revision(stateful_set, revisions)
        known = {found.metadata.name: found for found in [*revisions, update]}
        current = known.get(stateful_set.status.current_revision, update)
        versions = Versions(current.metadata.name, update.metadata.name)
        step = plan(stateful_set, versions, pods, self._clock.now())
        failures = await self._carry_out(stateful_set, step, pods, known)
        outcome = calculate_status(stateful_set, versions, pods, self._clock.now())
        await self._write(stateful_set, outcome.status)
        if failures:
            raise failures[0]
        await self._remove_surplus(stateful_set, revisions, pods, versions)
        wait = outcome.next_available_seconds
        return Result(wait) if wait is not None else None

    async def _claimed(self, stateful_set: StatefulSet, selector: Selector) -> Pods:
        """Return the set's pods by ordinal; pods whose names have none are not the set's, whatever their labels."""
        meta = stateful_set.metadata
        candidates = self._pods.by_index(CONTROLLER_INDEX, meta.uid)
        candidates += self._pods.by_index(CONTROLLER_INDEX, orphan_key(meta.namespace))
        named = [pod for pod in candidates if ordinal_of(stateful_set, pod.metadata.name) is not None]
        claimed = await self._adopter.claim(stateful_set, selector, named)
        ordinals = ((ordinal_of(stateful_set, pod.metadata.name), pod) for pod in claimed)
        return {ordinal: pod for ordinal, pod in ordinals if ordinal is not None}

    async def _update_revision(
        self, stateful_set: StatefulSet, revisions: Sequence[ControllerRevision]
    ) -> ControllerRevision:
        status = stateful_set.status

        async def collided(collisions: int) -> None:
            await self._write(stateful_set, status.model_copy(update={"collision_count": collisions}))

        template = stateful_set.spec.template
        return await self._revisions.current(stateful_set, template, revisions, status.collision_count, collided)

    async def _carry_out(
        self, stateful_set: StatefulSet, step: Plan, pods: Pods, revisions: dict[str, ControllerRevision]
    ) -> Sequence[Exception]:
        """Return what went wrong; later parts of the plan are left then."""

        async def create(ordinal: int) -> None:
            revision = revisions[step.create[ordinal]]
            await self._writes.ensure_claims(stateful_set, ordinal)
            body = pod_for(stateful_set, template_of(revision), revision.metadata.name, ordinal)
            await self._writes.create(stateful_set, body)

        async def see_to_claims(ordinal: int) -> None:
            pod = pods[ordinal]
            if pod.status.phase == "Pending" and not pod.deleting:
                await self._writes.ensure_claims(stateful_set, ordinal)
            await self._writes.identify(stateful_set, pod, ordinal)
            await self._writes.settle_claims(stateful_set, pod, ordinal, condemned=False)

        async def condemn(ordinal: int) -> None:
            await self._writes.settle_claims(stateful_set, pods[ordinal], ordinal, condemned=True)

        async def delete(pod: Pod) -> None:
            await self._writes.delete(stateful_set, pod)

        async def carefully(call: Callable[[T], Awaitable[None]], items: Iterable[T]) -> list[Exception]:
            return (await slow_start_over(call, list(items), PARALLEL_WRITES)).errors

        return (
            await carefully(create, step.create)
            or await carefully(see_to_claims, step.claims)
            or await carefully(condemn, step.condemned)
            or await all_at_once(delete, step.delete, PARALLEL_WRITES)
        )

    async def _remove_surplus(
        self, stateful_set: StatefulSet, revisions: Sequence[ControllerRevision], pods: Pods, versions: Versions
    ) -> None:
        live = {versions.current, versions.update, *map(revision_of, pods.values())}

        def is_live(revision: ControllerRevision) -> bool:
            return revision.metadata.name in live

        await self._revisions.remove(surplus(revisions, stateful_set.spec.revision_history_limit, is_live))

    async def _write(self, stateful_set: StatefulSet, status: StatefulSetStatus) -> None:
        if status == stateful_set.status:
            return
        updated = stateful_set.model_copy(update={"status": status})
        try:
            await self._client.replace(STATEFULSETS, updated, subresource="status")
        except NotFound:
            return
