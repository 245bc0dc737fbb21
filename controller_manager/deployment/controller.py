"""The shell of the Deployment controller (``pkg/controller/deployment/deployment_controller.go``, v1.36)."""

import logging

from apimachinery.errors import AlreadyExists, Conflict, NotFound, StatusError
from apimachinery.selectors import Selector
from apimachinery.types.apps import RECREATE, Deployment, DeploymentStatus, ReplicaSet
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from controller_manager.adoption import Adopter
from controller_manager.compiled_selectors import CompiledSelectors
from controller_manager.controller import Context, Result
from controller_manager.deployment.history import REVISION, find_new, same_template
from controller_manager.deployment.rollout import Change, Plan, plan
from controller_manager.deployment.status import CREATION_FAILED, calculate_status, creation_failed
from controller_manager.ownership import (
    CONTROLLER_INDEX,
    NAMESPACE_INDEX,
    controller_of,
    index_by_controller,
    index_by_namespace,
    orphan_key,
)
from controller_manager.refusals import namespace_terminating
from kubeclient.events import NORMAL, WARNING
from kubeclient.patches import checked_patch
from kubeclient.resources import DEPLOYMENTS, PODS, REPLICASETS

logger = logging.getLogger(__name__)

NAME = "deployment-controller"

SETTLE_SECONDS = 0.03
"""How long changes of statuses are collected, so that a thousand pods that become ready are a few steps."""


class DeploymentController:
    """Woken by Deployments, their ReplicaSets, and pods that go; keys are ``namespace/name`` of Deployments."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_deployment_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(NAME)
        self._adopter = Adopter(context.client, DEPLOYMENTS, REPLICASETS)
        self._selectors = CompiledSelectors()
        deployments = context.informers.informer(DEPLOYMENTS, {NAMESPACE_INDEX: index_by_namespace})
        replica_sets = context.informers.informer(REPLICASETS, {CONTROLLER_INDEX: index_by_controller})
        pods = context.informers.informer(PODS, {CONTROLLER_INDEX: index_by_controller})
        deployments.on_change(self._deployment_changed)
        replica_sets.on_change(self._replica_set_changed)
        pods.on_change(self._pod_changed)
        self._deployments = deployments.cache
        self._replica_sets = replica_sets.cache
        self._pods = pods.cache

    # What wakes it

    def _deployment_changed(self, old: Deployment | None, new: Deployment | None) -> None:
        if new is None:
            assert old is not None
            self._selectors.forget(old)
            return
        if old is None or old.metadata.generation != new.metadata.generation:
            self._queue.add(new.key)
        else:
            self._queue.add_after(new.key, SETTLE_SECONDS)

    def _replica_set_changed(self, old: ReplicaSet | None, new: ReplicaSet | None) -> None:
        before = self._owner_of(old) if old is not None else None
        after = self._owner_of(new) if new is not None else None
        if before is not None and before != after:
            self._queue.add(before)
        if after is not None:
            self._queue.add_after(after, SETTLE_SECONDS)
        elif new is not None and controller_of(new) is None and (old is None or _reshaped(old, new)):
            self._wake_adopters(new)

    def _wake_adopters(self, replica_set: ReplicaSet) -> None:
        for deployment in self._deployments.by_index(NAMESPACE_INDEX, replica_set.metadata.namespace):
            selector = self._selector(deployment)
            if selector is not None and selector.matches(replica_set.metadata.labels):
                self._queue.add(deployment.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        """Recreating waits for the last old pod to go."""
        if old is None or old.finished or not (new is None or new.finished):
            return
        reference = controller_of(old)
        if reference is None or reference.kind != ReplicaSet.KIND:
            return
        replica_set = self._replica_sets.get(f"{old.metadata.namespace}/{reference.name}")
        owner = self._owner_of(replica_set) if replica_set is not None else None
        if owner is None:
            return
        deployment = self._deployments.get(owner)
        if deployment is not None and deployment.spec.strategy.type == RECREATE:
            self._queue.add(owner)

    def _owner_of(self, replica_set: ReplicaSet) -> str | None:
        """Return the key of the Deployment that controls the ReplicaSet, when it is the one we know."""
        reference = controller_of(replica_set)
        if reference is None or reference.kind != Deployment.KIND:
            return None
        key = f"{replica_set.metadata.namespace}/{reference.name}"
        found = self._deployments.get(key)
        return key if found is not None and found.metadata.uid == reference.uid else None

    def _selector(self, deployment: Deployment) -> Selector | None:
        return self._selectors.of(deployment, deployment.spec.selector)

    # What it does

    async def reconcile(self, key: str) -> Result | None:
        deployment = self._deployments.get(key)
        selector = self._selector(deployment) if deployment is not None else None
        if deployment is None or selector is None:
            return None
        meta = deployment.metadata
        candidates = self._replica_sets.by_index(CONTROLLER_INDEX, meta.uid)
        candidates += self._replica_sets.by_index(CONTROLLER_INDEX, orphan_key(meta.namespace))
        owned = await self._adopter.claim(deployment, selector, candidates)
        step = plan(deployment, owned, old_pods=self._has_old_pods(deployment, owned))
        created = await self._create(deployment, step) if step.creates else False
        for change in step.changes:
            await self._change(deployment, change)
        for replica_set in step.removals:
            await self._remove(replica_set)
        return await self._write_status(deployment, step, created=created)

    def _has_old_pods(self, deployment: Deployment, owned: list[ReplicaSet]) -> bool:
        """Return whether anything of an old version may still run."""
        if deployment.spec.strategy.type != RECREATE:
            return False
        new = find_new(deployment, owned)
        old = [found for found in owned if found is not new]
        return any(found.status.replicas for found in old) or any(
            not pod.finished for found in old for pod in self._pods.by_index(CONTROLLER_INDEX, found.metadata.uid)
        )

    async def _create(self, deployment: Deployment, step: Plan) -> bool:
        """Create the new ReplicaSet and put what the server made of it into the plan; return whether it is new.

        One that exists already is taken when it is what was to be created: the cache is late. Else the name is taken,
        and the next try is for another one.
        """
        wanted = step.new
        assert wanted is not None
        try:
            step.new = await self._client.create(REPLICASETS, wanted)
        except AlreadyExists:
            step.new = await self._taken(deployment, wanted)
            return False
        except StatusError as error:
            if namespace_terminating(error):
                raise Conflict(f"{deployment.key} gets no new ReplicaSet: its namespace is going") from error
            message = f'Failed to create new replica set "{wanted.metadata.name}": {error}'
            self._recorder.event(object_reference(deployment), WARNING, CREATION_FAILED, message)
            await self._write(deployment, creation_failed(deployment, message, self._clock.now()))
            raise
        if wanted.spec.replicas:
            self._tell_size(deployment, wanted, 0)
        return True

    async def _taken(self, deployment: Deployment, wanted: ReplicaSet) -> ReplicaSet:
        found = await self._client.get(REPLICASETS, wanted.metadata.name, namespace=wanted.metadata.namespace)
        owner = controller_of(found)
        ours = owner is not None and owner.uid == deployment.metadata.uid
        if ours and same_template(found.spec.template, wanted.spec.template):
            return found
        collisions = (deployment.status.collision_count or 0) + 1
        await self._write(deployment, deployment.status.model_copy(update={"collision_count": collisions}))
        raise Conflict(f"the name {found.key} is taken: {deployment.key} tries another one")

    async def _change(self, deployment: Deployment, change: Change) -> None:
        before, after = change.before, change.after
        patch = {
            "metadata": {"annotations": after.metadata.annotations},
            "spec": {"replicas": after.spec.replicas, "minReadySeconds": after.spec.min_ready_seconds},
        }
        meta = before.metadata
        await self._client.patch(REPLICASETS, meta.name, checked_patch(before, patch), namespace=meta.namespace)
        if before.spec.replicas != after.spec.replicas:
            self._tell_size(deployment, after, before.spec.replicas)

    def _tell_size(self, deployment: Deployment, replica_set: ReplicaSet, before: int) -> None:
        size = replica_set.spec.replicas
        direction = "up" if size > before else "down"
        message = f"Scaled {direction} replica set {replica_set.metadata.name} from {before} to {size}"
        self._recorder.event(object_reference(deployment), NORMAL, "ScalingReplicaSet", message)

    async def _remove(self, replica_set: ReplicaSet) -> None:
        meta = replica_set.metadata
        try:
            await self._client.delete(REPLICASETS, meta.name, namespace=meta.namespace, uid=meta.uid)
        except NotFound:
            logger.debug("replica set %s is gone already", replica_set.key)

    async def _write_status(self, deployment: Deployment, step: Plan, *, created: bool) -> Result | None:
        outcome = calculate_status(
            deployment, step.new, step.old, self._clock.now(), rolling_out=step.rolling_out, created=created
        )
        revision = step.new.metadata.annotations.get(REVISION, "") if step.new is not None else ""
        await self._write(deployment, outcome.status, revision)
        wait = outcome.deadline_in_seconds
        return Result(wait) if wait is not None else None

    async def _write(self, deployment: Deployment, status: DeploymentStatus, revision: str = "") -> None:
        """Write the status, and the number of the revision where there is one, if they changed."""
        meta = deployment.metadata
        annotations = {**meta.annotations, **({REVISION: revision} if revision else {})}
        if status == deployment.status and annotations == meta.annotations:
            return
        metadata = meta.model_copy(update={"annotations": annotations})
        updated = deployment.model_copy(update={"metadata": metadata, "status": status})
        try:
            await self._client.replace(DEPLOYMENTS, updated, subresource="status")
        except NotFound:
            logger.debug("deployment %s is gone", deployment.key)


def _reshaped(old: ReplicaSet, new: ReplicaSet) -> bool:
    """Return whether a ReplicaSet without an owner may be somebody's since the change."""
    return old.metadata.labels != new.metadata.labels or controller_of(old) is not None
