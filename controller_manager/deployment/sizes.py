"""How many pods each ReplicaSet of a Deployment may have (``pkg/controller/deployment/{sync,rolling}.go``, v1.36).

Sizes are mappings from a ReplicaSet's name to its number of replicas; those that stay as they are may be missing.
"""

from collections.abc import Iterable, Sequence

from apimachinery.shares import scaled
from apimachinery.types.apps import RECREATE, Deployment, ReplicaSet, RollingUpdateDeployment
from controller_manager.deployment.history import DESIRED_REPLICAS, MAX_REPLICAS, by_age, number

Sizes = dict[str, int]


def max_surge(deployment: Deployment) -> int:
    """Return how many pods there may be beyond ``spec.replicas``."""
    return _fenceposts(deployment)[0]


def max_unavailable(deployment: Deployment) -> int:
    """Return how many of ``spec.replicas`` may be missing while pods are replaced."""
    return min(_fenceposts(deployment)[1], deployment.spec.replicas)


def _fenceposts(deployment: Deployment) -> tuple[int, int]:
    """Shares of the surge are rounded up, of what may be missing down; both at 0 would end every rollout."""
    spec = deployment.spec
    if spec.strategy.type == RECREATE:
        return 0, 0
    rolling = spec.strategy.rolling_update or RollingUpdateDeployment()
    surge = scaled(rolling.max_surge, spec.replicas, round_up=True)
    unavailable = scaled(rolling.max_unavailable, spec.replicas, round_up=False)
    return surge, unavailable if surge or unavailable else 1


def total(replica_sets: Iterable[ReplicaSet]) -> int:
    return sum(found.spec.replicas for found in replica_sets)


def active(replica_sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Return those that are to have pods."""
    return [found for found in replica_sets if found.spec.replicas > 0]


def is_scaling(deployment: Deployment, replica_sets: Iterable[ReplicaSet]) -> bool:
    """Return whether the Deployment's size has changed since its ReplicaSets were given theirs."""
    return any(
        DESIRED_REPLICAS in found.metadata.annotations and number(found, DESIRED_REPLICAS) != deployment.spec.replicas
        for found in active(replica_sets)
    )


def new_size(deployment: Deployment, new: ReplicaSet, replica_sets: Iterable[ReplicaSet]) -> int:
    """Return the size of the new ReplicaSet that all together (``replica_sets``) leave room for."""
    wanted, size = deployment.spec.replicas, new.spec.replicas
    if size >= wanted or deployment.spec.strategy.type == RECREATE:
        return wanted
    room = wanted + max_surge(deployment) - total(replica_sets)
    return size + max(0, min(room, wanted - size))


def old_sizes(deployment: Deployment, new: ReplicaSet, old: Sequence[ReplicaSet]) -> Sizes:
    """Return the sizes to which old ReplicaSets shrink, as far as enough pods stay available.

    Pods that are not available go first, from the oldest ReplicaSet on; what then may still go is taken from those
    that are.
    """
    everything = [*old, new]
    least = deployment.spec.replicas - max_unavailable(deployment)
    missing = new.spec.replicas - new.status.available_replicas
    most = total(everything) - least - missing
    sizes: Sizes = {found.metadata.name: found.spec.replicas for found in old}
    if most <= 0:
        return sizes
    for found in by_age(old):
        broken = found.spec.replicas - found.status.available_replicas
        taken = max(0, min(most, broken))
        sizes[found.metadata.name] -= taken
        most -= taken
    spare = max(0, sum(found.status.available_replicas for found in everything) - least)
    for found in by_age(old):
        taken = min(sizes[found.metadata.name], spare)
        sizes[found.metadata.name] -= taken
        spare -= taken
    return sizes


def scaled_sizes(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> Sizes:
    """Return the sizes once the Deployment has another one, or is paused: nothing is rolled out by them.

    One ReplicaSet that has pods gets them all, or the newest should none have; several are scaled in proportion in
    a rolling update, and left alone otherwise. Once the new one has all that is asked for, the others get none.
    """
    everything = [*old, *([new] if new is not None else [])]
    running, wanted = active(everything), deployment.spec.replicas
    if len(running) <= 1:
        newest = running or ([new] if new is not None else by_age(old)[-1:])
        return {found.metadata.name: wanted for found in newest}
    if new is not None and _saturated(deployment, new):
        return {found.metadata.name: 0 for found in running if found is not new}
    if deployment.spec.strategy.type == RECREATE:
        return {}
    return _in_proportion(deployment, running)


def _saturated(deployment: Deployment, new: ReplicaSet) -> bool:
    wanted = deployment.spec.replicas
    return (new.spec.replicas, number(new, DESIRED_REPLICAS), new.status.available_replicas) == (wanted,) * 3


def _in_proportion(deployment: Deployment, running: Sequence[ReplicaSet]) -> Sizes:
    """Spread what is to be added, or removed, by size; the largest takes what rounding leaves over."""
    wanted = deployment.spec.replicas
    allowed = wanted + max_surge(deployment) if wanted else 0
    missing = allowed - total(running)
    newer_first = by_age(running)[::-1] if missing > 0 else by_age(running)
    ranked = sorted(newer_first, key=lambda found: -found.spec.replicas)
    sizes: Sizes = {}
    added = 0
    for found in ranked:
        share = _share(deployment, found, allowed)
        left = missing - added
        part = min(share, left) if missing > 0 else max(share, left)
        sizes[found.metadata.name] = found.spec.replicas + part
        added += part
    first = ranked[0].metadata.name
    sizes[first] = max(0, sizes[first] + missing - added)
    return sizes


def _share(deployment: Deployment, replica_set: ReplicaSet, allowed: int) -> int:
    """Return by how much the ReplicaSet grows with the Deployment, which could have so many pods before."""
    size = replica_set.spec.replicas
    before = number(replica_set, MAX_REPLICAS) or deployment.status.replicas
    if not deployment.spec.replicas or not before:
        return -size if not deployment.spec.replicas else 0
    # Halves are rounded up; all of these numbers are positive.
    return (2 * size * allowed + before) // (2 * before) - size
