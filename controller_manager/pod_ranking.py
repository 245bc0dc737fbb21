"""Which of a controller's pods go first when there are too many.

The order of upstream's ``ActivePodsWithRanks`` (``pkg/controller/controller_utils.go``, v1.36).
"""

import functools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from apimachinery.types.pod import ContainerStatus, Pod

POD_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
"""Annotation: pods with a lower number go before those with a higher one; none counts as 0."""

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_COST_LIMIT = 2**31


def deletion_cost(pod: Pod) -> int:
    """Return the pod's deletion cost; a value that is no 32-bit number in its plain form counts as 0."""
    text = pod.metadata.annotations.get(POD_DELETION_COST, "0")
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdecimal() and (digits == "0" or not digits.startswith("0"))
    if not plain or text == "-0":
        return 0
    cost = int(text)
    return cost if -_COST_LIMIT <= cost < _COST_LIMIT else 0


def choose_for_deletion(pods: Sequence[Pod], related: Iterable[Pod], count: int, now: datetime) -> list[Pod]:
    """Return the ``count`` of ``pods`` that are to be deleted.

    ``related`` are the running-mates whose crowding on a node counts: the pods of all ReplicaSets that share an
    owner with this one, ``pods`` included.
    """
    if count >= len(pods):
        return list(pods)
    crowd = Counter(pod.spec.node_name for pod in related if pod.spec.node_name)

    def compare(left: Pod, right: Pod) -> int:
        return _compare(left, right, crowd, now)

    return sorted(pods, key=functools.cmp_to_key(compare))[:count]


def _compare(left: Pod, right: Pod, crowd: Counter[str], now: datetime) -> int:
    """Return a negative number when ``left`` goes first."""
    stage = _stage(left, crowd), _stage(right, crowd)
    if stage[0] != stage[1]:
        return -1 if stage[0] < stage[1] else 1
    if left.ready and right.ready:
        order = _younger_first(_ready_since(left), _ready_since(right), left, right, now)
        if order:
            return order
    restarts = _most_restarts(right), _most_restarts(left)
    if restarts[0] != restarts[1]:
        return -1 if restarts[0] < restarts[1] else 1
    return _younger_first(left.metadata.creation_timestamp, right.metadata.creation_timestamp, left, right, now)


def _stage(pod: Pod, crowd: Counter[str]) -> tuple[bool, int, bool, int, int]:
    return (
        bool(pod.spec.node_name),
        _PHASES.get(pod.status.phase, 0),
        pod.ready,
        deletion_cost(pod),
        -crowd[pod.spec.node_name],
    )


def _ready_since(pod: Pod) -> datetime | None:
    found = pod.condition("Ready")
    return found.last_transition_time if found is not None else None


def _younger_first(left: datetime | None, right: datetime | None, first: Pod, second: Pod, now: datetime) -> int:
    """Compare ages by their order of magnitude; within one the uid decides, so that the choice is spread."""
    if left == right:
        return 0
    if left is None or right is None:
        return -1 if left is None else 1
    difference = _magnitude(now - left) - _magnitude(now - right)
    if difference:
        return difference
    return -1 if first.metadata.uid < second.metadata.uid else 1


def _magnitude(age: timedelta) -> int:
    nanoseconds = int(age.total_seconds() * 1e9)
    return -1 if nanoseconds <= 0 else int(math.log2(nanoseconds))


def _most_restarts(pod: Pod) -> tuple[int, int]:
    """Return the highest count among the app containers and, after it, among the sidecars."""
    sidecars = {entry.name for entry in pod.spec.init_containers if entry.restart_policy == "Always"}
    restartable = [status for status in pod.status.init_container_statuses if status.name in sidecars]
    return _highest(pod.status.container_statuses), _highest(restartable)


def _highest(statuses: Sequence[ContainerStatus]) -> int:
    return max((status.restart_count for status in statuses), default=0)
