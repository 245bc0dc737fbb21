"""Which pods of a DaemonSet are to be made and deleted (``pkg/controller/daemon``, v1.36)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apimachinery.shares import scaled
from apimachinery.types.apps import DaemonSet, RollingUpdateDaemonSet
from apimachinery.types.pod import FAILED, SUCCEEDED, Pod
from controller_manager.availability import is_available
from controller_manager.daemonset.placing import Suitability, target_node
from controller_manager.revisions import REVISION_HASH

Pods = Mapping[str, Sequence[Pod]]
"""A DaemonSet's pods by the node they are on or made for, oldest first."""

Suitabilities = Mapping[str, Suitability]
"""By the name of the node; has all nodes that there are."""


@dataclass(slots=True)
class Plan:
    """Nodes that are to get a pod, pods that are to go, and those that have failed.

    Failed ones go too, but no faster than their node's back-off lets them.
    """

    create: list[str] = field(default_factory=list)
    delete: list[Pod] = field(default_factory=list)
    failed: list[Pod] = field(default_factory=list)


def by_node(pods: Iterable[Pod]) -> dict[str, list[Pod]]:
    """Sort pods by node; those that have ended and are being deleted do not hold their node any more."""
    found: dict[str, list[Pod]] = defaultdict(list)
    for pod in sorted(pods, key=lambda entry: (str(entry.metadata.creation_timestamp), entry.metadata.name)):
        if not (pod.finished and pod.deleting):
            found[target_node(pod)].append(pod)
    return dict(found)


def manage(daemon_set: DaemonSet, nodes: Suitabilities, pods: Pods, digest: str, now: datetime) -> Plan:
    """Return what brings every node to the one pod that it is to have, or to none."""
    plan = Plan()
    surges = _surge(daemon_set, 1) > 0
    for node, suitability in nodes.items():
        here = pods.get(node, ())
        if suitability.runs and not here:
            plan.create.append(node)
        elif suitability.keeps:
            living = [pod for pod in here if not pod.deleting]
            plan.failed += [pod for pod in living if pod.status.phase == FAILED]
            plan.delete += [pod for pod in living if pod.status.phase == SUCCEEDED]
            running = [pod for pod in living if not pod.finished]
            plan.delete += _excess(daemon_set, running, digest, now) if surges else running[1:]
        else:
            plan.delete += [pod for pod in here if not pod.deleting]
    gone = [found for node, found in pods.items() if node not in nodes]
    plan.delete += [pod for found in gone for pod in found if not pod.spec.node_name and not pod.deleting]
    return plan


def _excess(daemon_set: DaemonSet, running: Sequence[Pod], digest: str, now: datetime) -> list[Pod]:
    """While pods surge a node has an old and a new one; the old one goes when it is not ready, or the new one is."""
    new = [pod for pod in running if _is_updated(pod, digest)]
    old = [pod for pod in running if not _is_updated(pod, digest)]
    excess = new[1:] + old[1:]
    if new and old and (not old[0].ready or is_available(new[0], daemon_set.spec.min_ready_seconds, now)):
        excess.append(old[0])
    return excess


def _is_updated(pod: Pod, digest: str) -> bool:
    return pod.metadata.labels.get(REVISION_HASH) == digest


def _rolling(daemon_set: DaemonSet) -> RollingUpdateDaemonSet:
    return daemon_set.spec.update_strategy.rolling_update or RollingUpdateDaemonSet()


def _surge(daemon_set: DaemonSet, desired: int) -> int:
    if daemon_set.spec.update_strategy.type != "RollingUpdate":
        return 0
    return scaled(_rolling(daemon_set).max_surge, desired, round_up=True)


def roll(daemon_set: DaemonSet, nodes: Suitabilities, pods: Pods, digest: str, now: datetime) -> Plan:
    """Return how far pods of older versions may be replaced now; both bounds are rounded up."""
    desired = sum(entry.runs for entry in nodes.values())
    surge = _surge(daemon_set, desired)
    if surge:
        return _roll_with_surge(daemon_set, nodes, pods, digest, now, surge)
    most = scaled(_rolling(daemon_set).max_unavailable, desired, round_up=True)
    if desired and not most:
        most = 1
    return _roll_in_place(daemon_set, nodes, pods, digest, now, most)


def _versions(pods: Sequence[Pod], digest: str) -> tuple[list[Pod], list[Pod]]:
    """Return the new and the old pods of a node that are not being deleted."""
    living = [pod for pod in pods if not pod.deleting]
    return [pod for pod in living if _is_updated(pod, digest)], [pod for pod in living if not _is_updated(pod, digest)]


def _roll_in_place(
    daemon_set: DaemonSet, nodes: Suitabilities, pods: Pods, digest: str, now: datetime, most: int
) -> Plan:
    """An old pod that is not available is replaced at once; of the others as many as may be missing."""
    minimum = daemon_set.spec.min_ready_seconds
    unavailable = 0
    broken: list[Pod] = []
    candidates: list[Pod] = []
    for node in pods:
        new, old = _versions(pods[node], digest)
        if len(new) + len(old) != 1:
            # Whatever is wrong here, :func:`manage` mends it.
            unavailable += _counts(nodes, node)
        elif new:
            unavailable += not is_available(new[0], minimum, now)
        elif not is_available(old[0], minimum, now):
            unavailable += 1
            broken.append(old[0])
        else:
            candidates.append(old[0])
    return Plan(delete=broken + candidates[: max(0, most - unavailable)])


def _roll_with_surge(
    daemon_set: DaemonSet, nodes: Suitabilities, pods: Pods, digest: str, now: datetime, most: int
) -> Plan:
    """A new pod is started beside the old one, which goes once the new one is available."""
    minimum = daemon_set.spec.min_ready_seconds
    surging = 0
    broken: list[str] = []
    candidates: list[str] = []
    done: list[Pod] = []
    for node in pods:
        if not _counts(nodes, node):
            continue
        new, old = _versions(pods[node], digest)
        if len(new) > 1 or len(old) > 1:
            surging += 1
        elif not old:
            continue
        elif not new:
            (candidates if is_available(old[0], minimum, now) else broken).append(node)
        elif is_available(new[0], minimum, now):
            done.append(old[0])
        else:
            surging += 1
    return Plan(create=broken + candidates[: max(0, most - surging)], delete=done)


def _counts(nodes: Suitabilities, node: str) -> bool:
    found = nodes.get(node)
    return found is not None and found.runs
