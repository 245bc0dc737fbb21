"""One step of a Deployment, planned from its objects (``pkg/controller/deployment/{rolling,recreate,sync}.go``, v1.36).

Upstream takes the same steps one write at a time and looks at the cluster anew after each; a plan is what a row of
those comes to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from apimachinery.types.apps import RECREATE, Deployment, ReplicaSet
from controller_manager.deployment.history import (
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    changed,
    find_new,
    in_line,
    new_replica_set,
    next_revision,
    surplus,
)
from controller_manager.deployment.sizes import (
    Sizes,
    active,
    is_scaling,
    max_surge,
    new_size,
    old_sizes,
    scaled_sizes,
)
from controller_manager.deployment.status import complete


@dataclass(frozen=True, slots=True)
class Change:
    """A ReplicaSet as it is and as it shall be."""

    before: ReplicaSet
    after: ReplicaSet


@dataclass(slots=True)
class Plan:
    """What to do now: create, then make the changes in order, then remove.

    ``new`` and ``old`` are the ReplicaSets as they will be, and ``rolling_out`` says whether getting further is
    expected of them.
    """

    new: ReplicaSet | None
    old: list[ReplicaSet]
    rolling_out: bool = False
    creates: bool = False
    changes: list[Change] = field(default_factory=list)
    removals: list[ReplicaSet] = field(default_factory=list)

    @property
    def replica_sets(self) -> list[ReplicaSet]:
        return [*self.old, *([self.new] if self.new is not None else [])]


def plan(deployment: Deployment, replica_sets: Sequence[ReplicaSet], *, old_pods: bool) -> Plan:
    """Return the next step. ``old_pods`` says whether pods of old ReplicaSets are still there, if only to terminate."""
    found = find_new(deployment, replica_sets)
    old = [entry for entry in replica_sets if entry is not found]
    if deployment.metadata.deletion_timestamp is not None:
        return Plan(found, old)
    revision = next_revision(old)
    new = in_line(deployment, found, revision) if found is not None else None
    if deployment.spec.paused or is_scaling(deployment, replica_sets):
        step = Plan(new, old)
        _resize(deployment, step, scaled_sizes(deployment, new, old), annotate=True)
        step.removals = surplus(deployment, old)
    else:
        step = Plan(new, old, rolling_out=True)
        may_create = deployment.spec.strategy.type != RECREATE or not (old_pods or active(old))
        if step.new is None and may_create:
            step.new, step.creates = new_replica_set(deployment, revision), True
        _resize(deployment, step, _rolled_sizes(deployment, step, old_pods=old_pods), annotate=step.creates)
        if complete(deployment, deployment.status):
            step.removals = surplus(deployment, old)
    step.changes = list(_changes(step, [*([found] if found is not None else []), *old]))
    return step


def _rolled_sizes(deployment: Deployment, step: Plan, *, old_pods: bool) -> Sizes:
    if deployment.spec.strategy.type != RECREATE:
        assert step.new is not None
        size = new_size(deployment, step.new, step.replica_sets)
        new = step.new.model_copy(update={"spec": step.new.spec.model_copy(update={"replicas": size})})
        return {**old_sizes(deployment, new, step.old), new.metadata.name: size}
    running = active(step.old)
    if running or old_pods or step.new is None:
        return {found.metadata.name: 0 for found in running}
    return {step.new.metadata.name: deployment.spec.replicas}


def _resize(deployment: Deployment, step: Plan, sizes: Sizes, *, annotate: bool) -> None:
    """Put the sizes into the plan. Who gets one is told what it was worked out from, ``annotate`` even if it stays."""

    def resized(replica_set: ReplicaSet) -> ReplicaSet:
        size = sizes.get(replica_set.metadata.name)
        if size is None or (size == replica_set.spec.replicas and not annotate):
            return replica_set
        wanted = deployment.spec.replicas
        noted = {DESIRED_REPLICAS: str(wanted), MAX_REPLICAS: str(wanted + max_surge(deployment))}
        return changed(replica_set, {**replica_set.metadata.annotations, **noted}, replicas=size)

    step.new = resized(step.new) if step.new is not None else None
    step.old = [resized(found) for found in step.old]


def _changes(step: Plan, before: Iterable[ReplicaSet]) -> Iterable[Change]:
    """The new one first: whether old pods may go depends on it."""
    known = {found.metadata.name: found for found in before}
    for after in [*([step.new] if step.new is not None and not step.creates else []), *step.old]:
        found = known[after.metadata.name]
        if after is not found and after != found:
            yield Change(found, after)
