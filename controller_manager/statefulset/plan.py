"""What a StatefulSet does next (``statefulset/stateful_set_control.go``, v1.36).

Pods come in the order of their ordinals and go in the opposite one; each waits for the one before it, unless the set
is ``Parallel``. Nothing is scaled down before all that is to be there is, and nothing updated before that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apimachinery.shares import scaled
from apimachinery.types.apps import ON_DELETE, PARALLEL, RollingUpdateStatefulSet, StatefulSet
from apimachinery.types.pod import Pod
from controller_manager.statefulset.health import is_healthy
from controller_manager.statefulset.identity import ordinals, revision_of

Pods = Mapping[int, Pod]
"""A StatefulSet's pods by ordinal."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The names of the revisions that pods are of before an update, and after it."""

    current: str
    update: str


@dataclass(slots=True)
class Plan:
    """What to do now, in this order: create pods, by ordinal and revision; see to claims; delete pods.

    ``claims`` are pods whose claims must be there and have their owners, ``condemned`` those of them that are beyond
    the set's size.
    """

    create: dict[int, str] = field(default_factory=dict)
    claims: list[int] = field(default_factory=list)
    condemned: list[int] = field(default_factory=list)
    delete: list[Pod] = field(default_factory=list)


def plan(stateful_set: StatefulSet, versions: Versions, pods: Pods, now: datetime) -> Plan:
    step = Plan()
    if stateful_set.metadata.deletion_timestamp is not None:
        return step
    if _establish(stateful_set, versions, pods, now, step) and _shrink(stateful_set, pods, now, step):
        step.delete += _outdated(stateful_set, versions, pods, now, step)
    return step


def _in_order(stateful_set: StatefulSet) -> bool:
    return stateful_set.spec.pod_management_policy != PARALLEL


def _establish(stateful_set: StatefulSet, versions: Versions, pods: Pods, now: datetime, step: Plan) -> bool:
    """Plan for the pods that are to be there; return whether to go on from there."""
    minimum, in_order = stateful_set.spec.min_ready_seconds, _in_order(stateful_set)
    for ordinal in ordinals(stateful_set):
        pod = pods.get(ordinal)
        if pod is None:
            step.create[ordinal] = _version_for(stateful_set, versions, ordinal)
        elif pod.finished:
            # Its successor comes once it has gone.
            step.delete += [] if pod.deleting else [pod]
        else:
            step.claims.append(ordinal)
            if is_healthy(pod, minimum, now):
                continue
        if in_order:
            return False
    return True


def _version_for(stateful_set: StatefulSet, versions: Versions, ordinal: int) -> str:
    """Pods below the partition stay what they were, even when they are made anew."""
    strategy, start = stateful_set.spec.update_strategy, stateful_set.spec.ordinals.start
    if strategy.type == ON_DELETE:
        return versions.update
    kept = strategy.rolling_update.partition if strategy.rolling_update is not None else None
    if kept is None:
        kept = stateful_set.status.current_replicas
    return versions.current if ordinal < start + kept else versions.update


def _shrink(stateful_set: StatefulSet, pods: Pods, now: datetime, step: Plan) -> bool:
    """Plan for the pods beyond the set's size, highest first; return whether to go on from there."""
    wanted, in_order = ordinals(stateful_set), _in_order(stateful_set)
    condemned = sorted((ordinal for ordinal in pods if ordinal not in wanted), reverse=True)
    step.condemned = condemned
    ill = [
        ordinal
        for ordinal in [*wanted, *reversed(condemned)]
        if ordinal not in pods or not is_healthy(pods[ordinal], stateful_set.spec.min_ready_seconds, now)
    ]
    for ordinal in condemned:
        pod = pods[ordinal]
        if not pod.deleting and (not in_order or ordinal not in ill or ordinal == ill[0]):
            step.delete.append(pod)
        if in_order:
            return False
    return True


def _outdated(stateful_set: StatefulSet, versions: Versions, pods: Pods, now: datetime, step: Plan) -> list[Pod]:
    """Return the pods that make way for the new version: ill ones, and as many healthy ones as may be missing."""
    strategy = stateful_set.spec.update_strategy
    if strategy.type == ON_DELETE:
        return []
    rolling = strategy.rolling_update or RollingUpdateStatefulSet()
    wanted, minimum = ordinals(stateful_set), stateful_set.spec.min_ready_seconds
    healthy = {ordinal for ordinal in wanted if ordinal in pods and is_healthy(pods[ordinal], minimum, now)}
    most = max(1, scaled(rolling.max_unavailable, stateful_set.spec.replicas, round_up=False))
    spare = most - (len(wanted) - len(healthy))
    going = {pod.metadata.name for pod in step.delete}
    found: list[Pod] = []
    for ordinal in reversed(wanted[rolling.partition :]):
        pod = pods.get(ordinal)
        if pod is None or pod.deleting or pod.metadata.name in going or revision_of(pod) == versions.update:
            continue
        if ordinal not in healthy:
            found.append(pod)
        elif spare > 0:
            found.append(pod)
            spare -= 1
    return found
