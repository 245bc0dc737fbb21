"""How long a Job waits before it replaces pods that failed (``pkg/controller/job/backoff_utils.go``, v1.36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apimachinery.types.pod import Pod
from controller_manager.jobs.pods import all_failures, finished_at

FIRST_BACKOFF_SECONDS = 10.0
"""How long after the first failure; it doubles with each further one."""

LONGEST_BACKOFF_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """How many pods have failed since one last succeeded, and when the last of them did."""

    failures: int = 0
    last_failure: datetime | None = None

    def after(self, succeeded: Sequence[Pod], failed: Sequence[Pod]) -> "Backoff":
        """Return what it is once these pods, not known before, have ended."""
        ends = sorted(finished_at(pod) for pod in failed)
        if not succeeded:
            return Backoff(self.failures + len(ends), ends[-1]) if ends else self
        last_success = max(finished_at(pod) for pod in succeeded)
        later = [end for end in ends if end > last_success]
        return Backoff(len(later), later[-1] if later else None)

    def remaining_seconds(self, now: datetime) -> float:
        """Return how long no pod is to be created yet; 0 when it may be now."""
        return remaining_seconds(self.failures, self.last_failure, now)


def remaining_seconds(failures: int, last_failure: datetime | None, now: datetime) -> float:
    """Return what is left of the wait that ``failures`` in a row cost."""
    if not failures or last_failure is None:
        return 0.0
    # Past the tenth doubling the limit has long been reached; the power must not overflow.
    wait = min(FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_BACKOFF_SECONDS)
    return max(0.0, wait - (now - last_failure).total_seconds())


def remaining_seconds_of_index(last_failed: Pod | None, now: datetime) -> float:
    """Return how long the index that ``last_failed`` worked on is to wait for its next pod."""
    if last_failed is None:
        return 0.0
    return remaining_seconds(all_failures(last_failed) + 1, finished_at(last_failed), now)
