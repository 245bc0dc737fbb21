"""ReplicaSets and ReplicationControllers: as many pods as asked for, no more and no fewer.

Follows ``pkg/controller/replicaset/replica_set.go`` and ``pkg/controller/replication`` (v1.36). What is decided from
objects alone is in :mod:`~controller_manager.ownership`, :mod:`~controller_manager.pod_ranking` and
:mod:`~controller_manager.replicaset_status`; this module reads the caches and talks to the server.
"""

import logging
from collections.abc import Sequence
from typing import Generic, TypeVar

from apimachinery.errors import NotFound
from apimachinery.selectors import Selector
from apimachinery.types.apps import ReplicaSet, ReplicationController
from apimachinery.types.base import encode
from apimachinery.types.pod import Pod
from controller_manager.batches import all_at_once, slow_start
from controller_manager.compiled_selectors import CompiledSelectors
from controller_manager.controller import Context, Result
from controller_manager.expectations import Expectations
from controller_manager.ownership import (
    CONTROLLER_INDEX,
    NAMESPACE_INDEX,
    controller_of,
    index_by_controller,
    index_by_namespace,
    orphan_key,
)
from controller_manager.pod_control import PodControl, pod_of_template
from controller_manager.pod_events import PodEvents
from controller_manager.pod_ranking import choose_for_deletion
from controller_manager.replicaset_status import active, calculate_status
from kubeclient.resources import PODS, REPLICASETS, REPLICATION_CONTROLLERS, Resource

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=ReplicaSet)

BURST_REPLICAS = 500
"""How many pods of one ReplicaSet are created or deleted before what was done is looked at again."""

PARALLEL_WRITES = 32
"""How many of those requests are under way at once."""

STATUS_SETTLE_SECONDS = 0.05
"""How long changes that only move the status are collected, at least."""

STATUS_SETTLE_SECONDS_PER_POD = 0.0002
"""How much longer for each pod, all of which are looked at: a thousand that become ready are a few writes."""

LONGEST_STATUS_SETTLE_SECONDS = 0.5


class ReplicaSetController(Generic[T]):
    """Woken by ReplicaSets, or what is read as such, and pods; keys are ``namespace/name`` of ReplicaSets.

    ``component`` is who its events are of.
    """

    def __init__(self, context: Context, resource: Resource[T], component: str, workers: int) -> None:
        self.workers = workers
        self._resource = resource
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._control = PodControl(context.client, context.recorder(component), resource)
        self._expectations = Expectations(self._clock)
        self._selectors = CompiledSelectors()
        replica_sets = context.informers.informer(
            resource,
            {CONTROLLER_INDEX: index_by_controller, NAMESPACE_INDEX: index_by_namespace},
        )
        pods = context.informers.informer(PODS, {CONTROLLER_INDEX: index_by_controller})
        replica_sets.on_change(self._replica_set_changed)
        events = PodEvents(
            replica_sets.cache, resource.model, self._queue, self._expectations, self._selector, settle_seconds
        )
        pods.on_change(events.changed)
        self._replica_sets = replica_sets.cache
        self._pods = pods.cache

    # What wakes it

    def _replica_set_changed(self, old: T | None, new: T | None) -> None:
        if new is None:
            assert old is not None
            self._expectations.forget(old.key)
            self._selectors.forget(old)
            self._queue.add(old.key)
            return
        if old is None or old.metadata.generation != new.metadata.generation:
            self._queue.add(new.key)
        else:
            self._queue.add_after(new.key, settle_seconds(new))

    def _selector(self, replica_set: T) -> Selector | None:
        return self._selectors.of(replica_set, replica_set.spec.selector)

    # What it does

    async def reconcile(self, key: str) -> Result | None:
        replica_set = self._replica_sets.get(key)
        if replica_set is None:
            self._expectations.forget(key)
            return None
        selector = self._selector(replica_set)
        if selector is None:
            return None
        # Before the pods are read: what is satisfied now is in the cache that is read next.
        counted = self._expectations.satisfied(key)
        uid, namespace = replica_set.metadata.uid, replica_set.metadata.namespace
        running = [pod for pod in self._pods.by_index(CONTROLLER_INDEX, uid) if not pod.finished]
        candidates = [pod for pod in running if not pod.deleting]
        terminating = len(running) - len(candidates)
        candidates += filter(active, self._pods.by_index(CONTROLLER_INDEX, orphan_key(namespace)))
        owned = await self._control.claim(replica_set, selector, candidates)
        failures: list[Exception] = []
        if counted and replica_set.metadata.deletion_timestamp is None:
            failures = await self._manage(replica_set, owned)
        wait = await self._write_status(replica_set, owned, terminating, str(failures[0]) if failures else "")
        if failures:
            raise failures[0]
        if not self._expectations.satisfied(key):
            left = self._expectations.remaining_seconds(key)
            wait = min(left, wait) if wait is not None else left
        return Result(wait) if wait is not None else None

    async def _manage(self, replica_set: T, pods: Sequence[Pod]) -> list[Exception]:
        """Create what is missing, or delete what is too much; return what went wrong."""
        missing = replica_set.spec.replicas - len(pods)
        if missing > 0:
            return await self._create(replica_set, min(missing, BURST_REPLICAS))
        if missing < 0:
            excess = min(-missing, BURST_REPLICAS)
            related = self._pods_of_relatives(replica_set)
            chosen = choose_for_deletion(pods, related, excess, self._clock.now())
            return await self._delete(replica_set, chosen)
        return []

    def _pods_of_relatives(self, replica_set: T) -> list[Pod]:
        """Return the active pods of all ReplicaSets that have the same controller."""
        controller = controller_of(replica_set)
        relatives = [replica_set]
        if controller is not None:
            relatives = self._replica_sets.by_index(CONTROLLER_INDEX, controller.uid)
        return [
            pod
            for relative in relatives
            for pod in self._pods.by_index(CONTROLLER_INDEX, relative.metadata.uid)
            if active(pod)
        ]

    async def _create(self, replica_set: T, count: int) -> list[Exception]:
        key, body = replica_set.key, pod_body(replica_set)
        self._expectations.expect_creations(key, count)

        async def create_one() -> None:
            created = False
            try:
                created = await self._control.create(replica_set, body)
            finally:
                if not created:
                    self._expectations.creation_observed(key)

        result = await slow_start(create_one, count, PARALLEL_WRITES)
        skipped = count - result.attempted
        if skipped:
            logger.debug("replica set %s: %d creations wait after a failure", key, skipped)
            self._expectations.creation_observed(key, skipped)
        return result.errors

    async def _delete(self, replica_set: T, pods: Sequence[Pod]) -> list[Exception]:
        key = replica_set.key
        self._expectations.expect_deletions(key, {pod.metadata.uid for pod in pods})

        async def delete_one(pod: Pod) -> None:
            deleted = False
            try:
                deleted = await self._control.delete(replica_set, pod)
            finally:
                if not deleted:
                    self._expectations.deletion_observed(key, pod.metadata.uid)

        return await all_at_once(delete_one, pods, PARALLEL_WRITES)

    async def _write_status(self, replica_set: T, pods: Sequence[Pod], terminating: int, failure: str) -> float | None:
        """Write the status if it changed; return after how many seconds time alone will change it."""
        outcome = calculate_status(replica_set, pods, terminating, failure, self._clock.now())
        if outcome.status != replica_set.status:
            updated = replica_set.model_copy(update={"status": outcome.status})
            try:
                await self._client.replace(self._resource, updated, subresource="status")
            except NotFound:
                return None
        return outcome.next_available_seconds


def settle_seconds(replica_set: ReplicaSet) -> float:
    """Return how long changes that only move the status are collected."""
    by_size = replica_set.spec.replicas * STATUS_SETTLE_SECONDS_PER_POD
    return min(LONGEST_STATUS_SETTLE_SECONDS, max(STATUS_SETTLE_SECONDS, by_size))


def pod_body(replica_set: ReplicaSet) -> bytes:
    """Return the pod that the template describes, encoded: all of a ReplicaSet's pods are created from these bytes."""
    return encode(pod_of_template(replica_set, replica_set.spec.template))


def replica_sets(context: Context) -> ReplicaSetController[ReplicaSet]:
    """Return the controller of ReplicaSets."""
    workers = context.settings.concurrent_replicaset_syncs
    return ReplicaSetController(context, REPLICASETS, "replicaset-controller", workers)


def replication_controllers(context: Context) -> ReplicaSetController[ReplicationController]:
    """Return the controller of ReplicationControllers, which are ReplicaSets with a simpler selector."""
    workers = context.settings.concurrent_rc_syncs
    return ReplicaSetController(context, REPLICATION_CONTROLLERS, "replication-controller", workers)
