"""Which pods a Job that goes on is to have, more or fewer (``manageJob`` in
``pkg/controller/job/job_controller.go``, v1.36)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.pod import Pod
from controller_manager.jobs.backoff import Backoff, remaining_seconds_of_index
from controller_manager.jobs.indexes import Indexes
from controller_manager.jobs.observed import Observed
from controller_manager.jobs.pods import indexes_of, replaces_only_failed, valid_index
from controller_manager.pod_ranking import choose_for_deletion

BURST_PODS = 500
"""How many pods of one Job are created or deleted before what was done is looked at again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to a job's pods, and in how many seconds time alone makes more to do.

    ``create`` has an entry for each new pod: its index, or ``None`` where there are none.
    """

    delete: Sequence[Pod] = ()
    create: Sequence[int | None] = ()
    wait_seconds: float | None = None


def plan(observed: Observed, backoff: Backoff, now: datetime) -> Plan:
    """Return what is to be done. There are never deletions and creations at once: the former come first."""
    if observed.job.spec.suspend:
        return Plan(delete=observed.active)
    wanted = _wanted(observed)
    surplus = _surplus(observed, max(0, len(observed.active) - wanted), now)
    if surplus:
        return Plan(delete=surplus[:BURST_PODS])
    missing = wanted - len(observed.active)
    if replaces_only_failed(observed.job):
        missing -= len(observed.terminating)
    if missing <= 0:
        return Plan()
    return _creations(observed, min(missing, BURST_PODS), backoff, now)


def _wanted(observed: Observed) -> int:
    """Return how many pods are to be active."""
    spec = observed.job.spec
    parallelism = spec.parallelism or 0
    if spec.completions is None:
        # The first success says that there is nothing left to begin with.
        return len(observed.active) if observed.succeeded else parallelism
    return max(0, min(parallelism, spec.completions - observed.succeeded))


def _surplus(observed: Observed, at_least: int, now: datetime) -> list[Pod]:
    """Return what is to go: the pods without an index of their own, and others until there are ``at_least``."""
    left = list(observed.active)
    gone: list[Pod] = []
    if observed.job.spec.indexed:
        left = []
        by_index: defaultdict[int | None, list[Pod]] = defaultdict(list)
        for pod in observed.active:
            by_index[valid_index(observed.job, pod)].append(pod)
        gone += by_index.pop(None, [])
        for pods in by_index.values():
            doubled = choose_for_deletion(pods, (), len(pods) - 1, now)
            gone += doubled
            left += [pod for pod in pods if pod not in doubled]
    if len(gone) < at_least:
        gone += choose_for_deletion(left, (), at_least - len(gone), now)
    return gone


def _creations(observed: Observed, count: int, backoff: Backoff, now: datetime) -> Plan:
    spec = observed.job.spec
    if spec.backoff_limit_per_index is None and (wait := backoff.remaining_seconds(now)):
        return Plan(wait_seconds=wait)
    if not spec.indexed:
        return Plan(create=[None] * count)
    waits = {
        index: remaining_seconds_of_index(observed.to_replace.get(index), now)
        for index in _pending_indexes(observed, count)
    }
    ready = [index for index, wait in waits.items() if not wait]
    return Plan(create=ready, wait_seconds=min((wait for wait in waits.values() if wait), default=None))


def _pending_indexes(observed: Observed, count: int) -> list[int]:
    """Return the first ``count`` indexes that nobody works on or has settled."""
    taken = observed.succeeded_indexes | Indexes.of(indexes_of(observed.active))
    if replaces_only_failed(observed.job):
        taken |= Indexes.of(indexes_of(observed.terminating))
    if observed.failed_indexes is not None:
        taken |= observed.failed_indexes
    return taken.missing(count, observed.job.spec.completions or 0)
