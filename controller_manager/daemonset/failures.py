"""How soon a failed pod is replaced on its node (``failedPodsBackoff`` of ``pkg/controller/daemon``, v1.36)."""

from collections.abc import Hashable
from dataclasses import dataclass

INITIAL_SECONDS = 1.0
LONGEST_SECONDS = 15 * 60.0


@dataclass(slots=True)
class _Entry:
    delay: float
    since: float


class FailureBackoff:
    """By any key: the first failure is acted on at once, each further one after twice the time of the one before.

    Who has not failed for twice the longest delay starts anew.
    """

    def __init__(self) -> None:
        self._entries: dict[Hashable, _Entry] = {}

    def wait(self, key: Hashable, now: float) -> float:
        """Return how many seconds are left until the failure may be acted on; 0 counts it as acted on.

        ``now`` is in seconds of a clock that never goes backwards.
        """
        entry = self._entries.get(key)
        if entry is None or now - entry.since > 2 * LONGEST_SECONDS:
            self._forget_old(now)
            self._entries[key] = _Entry(INITIAL_SECONDS, now)
            return 0.0
        left = entry.delay - (now - entry.since)
        if left > 0:
            return left
        entry.delay = min(LONGEST_SECONDS, entry.delay * 2)
        entry.since = now
        return 0.0

    def _forget_old(self, now: float) -> None:
        self._entries = {key: entry for key, entry in self._entries.items() if now - entry.since <= 2 * LONGEST_SECONDS}
