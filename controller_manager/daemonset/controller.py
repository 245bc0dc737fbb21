"""The shell of the DaemonSet controller (``pkg/controller/daemon/daemon_controller.go``, v1.36)."""

from collections.abc import Iterable, Sequence
from functools import partial

from apimachinery.errors import NotFound
from apimachinery.selectors import Selector
from apimachinery.types.apps import ON_DELETE, ControllerRevision, DaemonSet, DaemonSetStatus
from apimachinery.types.base import encode
from apimachinery.types.core import Node, object_reference
from apimachinery.types.pod import SUCCEEDED, Pod
from controller_manager.batches import all_at_once, slow_start_over
from controller_manager.compiled_selectors import CompiledSelectors
from controller_manager.controller import Context, Result
from controller_manager.daemonset.failures import FailureBackoff
from controller_manager.daemonset.placing import Placing, pod_for, target_node
from controller_manager.daemonset.plan import Plan, Pods, Suitabilities, by_node, manage, roll
from controller_manager.daemonset.status import calculate_status
from controller_manager.expectations import Expectations
from controller_manager.ownership import (
    CONTROLLER_INDEX,
    NAMESPACE_INDEX,
    index_by_controller,
    index_by_namespace,
    orphan_key,
)
from controller_manager.pod_control import PodControl
from controller_manager.pod_events import PodEvents
from controller_manager.revisions import REVISION_HASH, Revisions, surplus
from kubeclient.events import NORMAL, WARNING
from kubeclient.resources import CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS

NAME = "daemonset-controller"

BURST_REPLICAS = 250
"""How many pods of one DaemonSet are created, and how many deleted, before what was done is looked at again."""

PARALLEL_WRITES = 32

SETTLE_SECONDS = 0.05
"""How long changes that only move the status are collected."""


class DaemonSetController:
    """Woken by DaemonSets, their pods and revisions, and nodes; keys are ``namespace/name`` of DaemonSets."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_daemonset_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(NAME)
        self._control = PodControl(context.client, self._recorder, DAEMONSETS)
        self._expectations = Expectations(self._clock)
        self._failures = FailureBackoff()
        self._selectors = CompiledSelectors()
        daemon_sets = context.informers.informer(DAEMONSETS, {NAMESPACE_INDEX: index_by_namespace})
        pods = context.informers.informer(PODS, {CONTROLLER_INDEX: index_by_controller})
        revisions = context.informers.informer(CONTROLLER_REVISIONS, {CONTROLLER_INDEX: index_by_controller})
        nodes = context.informers.informer(NODES)
        events = PodEvents(
            daemon_sets.cache, DaemonSet, self._queue, self._expectations, self._selector, lambda _: SETTLE_SECONDS
        )
        daemon_sets.on_change(self._daemon_set_changed)
        pods.on_change(events.changed)
        nodes.on_change(self._node_changed)
        self._daemon_sets = daemon_sets.cache
        self._pods = pods.cache
        self._nodes = nodes.cache
        self._revisions = Revisions(context.client, DAEMONSETS, revisions.cache, hash_label=REVISION_HASH)

    # What wakes it

    def _daemon_set_changed(self, old: DaemonSet | None, new: DaemonSet | None) -> None:
        if new is None:
            assert old is not None
            self._expectations.forget(old.key)
            self._selectors.forget(old)
        elif old is None or old.metadata.generation != new.metadata.generation:
            self._queue.add(new.key)
        else:
            self._queue.add_after(new.key, SETTLE_SECONDS)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        """A node's status, of which there are many, has no part in where pods belong."""
        if old is not None and new is not None and _placement_facts(old) == _placement_facts(new):
            return
        for daemon_set in self._daemon_sets.objects():
            self._queue.add_after(daemon_set.key, SETTLE_SECONDS)

    def _selector(self, daemon_set: DaemonSet) -> Selector | None:
        return self._selectors.of(daemon_set, daemon_set.spec.selector)

    # What it does

    async def reconcile(self, key: str) -> Result | None:
        daemon_set = self._daemon_sets.get(key)
        selector = self._selector(daemon_set) if daemon_set is not None else None
        if daemon_set is None or selector is None or daemon_set.metadata.deletion_timestamp is not None:
            return None
        revisions = await self._revisions.of(daemon_set, selector)
        current = await self._current_revision(daemon_set, revisions)
        digest = current.metadata.labels.get(REVISION_HASH, current.metadata.name)
        # Before the pods are read: what is satisfied now is in the cache that is read next.
        counted = self._expectations.satisfied(key)
        placing = Placing(daemon_set)
        nodes = {node.metadata.name: placing.on(node) for node in self._nodes.objects()}
        pods = by_node(await self._claimed(daemon_set, selector))
        waits: list[float] = []
        failures: Sequence[Exception] = []
        if counted:
            failures = await self._act(daemon_set, nodes, pods, digest, waits)
            await self._remove_surplus(daemon_set, [found for found in revisions if found is not current], pods)
        outcome = calculate_status(daemon_set, nodes, pods, digest, self._clock.now(), observed=counted)
        await self._write(daemon_set, outcome.status)
        if failures:
            raise failures[0]
        if outcome.next_available_seconds is not None:
            waits.append(outcome.next_available_seconds)
        if not self._expectations.satisfied(key):
            waits.append(self._expectations.remaining_seconds(key))
        return Result(min(waits)) if waits else None

    async def _current_revision(
        self, daemon_set: DaemonSet, revisions: Sequence[ControllerRevision]
    ) -> ControllerRevision:
        status = daemon_set.status

        async def collided(collisions: int) -> None:
            await self._write(daemon_set, status.model_copy(update={"collision_count": collisions}))

        template = daemon_set.spec.template
        return await self._revisions.current(daemon_set, template, revisions, status.collision_count, collided)

    async def _claimed(self, daemon_set: DaemonSet, selector: Selector) -> list[Pod]:
        meta = daemon_set.metadata
        candidates = self._pods.by_index(CONTROLLER_INDEX, meta.uid)
        candidates += self._pods.by_index(CONTROLLER_INDEX, orphan_key(meta.namespace))
        return await self._control.claim(daemon_set, selector, candidates)

    async def _act(
        self, daemon_set: DaemonSet, nodes: Suitabilities, pods: Pods, digest: str, waits: list[float]
    ) -> Sequence[Exception]:
        """Make and delete what is to be now; ``waits`` gets the seconds after which failed pods may be replaced."""
        now = self._clock.now()
        plan = manage(daemon_set, nodes, pods, digest, now)
        plan.delete += self._replaceable(daemon_set, plan.failed, waits)
        failures = await self._carry_out(daemon_set, plan, digest)
        rolls = daemon_set.spec.update_strategy.type != ON_DELETE
        if failures or not rolls or not self._expectations.satisfied(daemon_set.key):
            return failures
        return await self._carry_out(daemon_set, roll(daemon_set, nodes, pods, digest, now), digest)

    def _replaceable(self, daemon_set: DaemonSet, failed: Iterable[Pod], waits: list[float]) -> list[Pod]:
        found = []
        meta = daemon_set.metadata
        for pod in failed:
            node = target_node(pod)
            wait = self._failures.wait((meta.uid, meta.generation, node), self._clock.monotonic())
            if wait > 0:
                waits.append(wait)
                continue
            message = f"Found failed daemon pod {pod.key} on node {node}, will try to kill it"
            self._recorder.event(object_reference(daemon_set), WARNING, "FailedDaemonPod", message)
            found.append(pod)
        return found

    async def _carry_out(self, daemon_set: DaemonSet, plan: Plan, digest: str) -> Sequence[Exception]:
        create, delete = plan.create[:BURST_REPLICAS], plan.delete[:BURST_REPLICAS]
        if not create and not delete:
            return []
        for pod in delete:
            if pod.status.phase == SUCCEEDED:
                message = f"Found succeeded daemon pod {pod.key} on node {target_node(pod)}, will try to delete it"
                self._recorder.event(object_reference(daemon_set), NORMAL, "SucceededDaemonPod", message)
        key = daemon_set.key
        self._expectations.expect(key, len(create), {pod.metadata.uid for pod in delete})
        result = await slow_start_over(partial(self._create, daemon_set, digest), create, PARALLEL_WRITES)
        self._expectations.creation_observed(key, len(create) - result.attempted)
        return result.errors + await all_at_once(partial(self._delete, daemon_set), delete, PARALLEL_WRITES)

    async def _create(self, daemon_set: DaemonSet, digest: str, node: str) -> None:
        created = False
        try:
            created = await self._control.create(daemon_set, encode(pod_for(daemon_set, node, digest)))
        finally:
            if not created:
                self._expectations.creation_observed(daemon_set.key)

    async def _delete(self, daemon_set: DaemonSet, pod: Pod) -> None:
        deleted = False
        try:
            deleted = await self._control.delete(daemon_set, pod)
        finally:
            if not deleted:
                self._expectations.deletion_observed(daemon_set.key, pod.metadata.uid)

    async def _remove_surplus(self, daemon_set: DaemonSet, old: Sequence[ControllerRevision], pods: Pods) -> None:
        live = {pod.metadata.labels.get(REVISION_HASH) for found in pods.values() for pod in found}

        def is_live(revision: ControllerRevision) -> bool:
            return revision.metadata.labels.get(REVISION_HASH) in live

        await self._revisions.remove(surplus(old, daemon_set.spec.revision_history_limit, is_live))

    async def _write(self, daemon_set: DaemonSet, status: DaemonSetStatus) -> None:
        if status == daemon_set.status:
            return
        updated = daemon_set.model_copy(update={"status": status})
        try:
            await self._client.replace(DAEMONSETS, updated, subresource="status")
        except NotFound:
            return


def _placement_facts(node: Node) -> tuple[object, ...]:
    return node.metadata.labels, node.spec.taints
