"""What a controller has done and not yet seen in its cache (``pkg/controller/controller_utils.go``, v1.36).

A cache lags behind the server. Who creates three pods and then counts the cache's would create them again; so the
three are expected until their additions have been seen, and nobody counts before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apimachinery.clock import Clock

EXPECTATIONS_TIMEOUT_SECONDS = 300.0
"""After how long an expectation that no event has met is given up: the event will not come any more."""


@dataclass(slots=True)
class _Pending:
    since: float
    creations: int = 0
    deletions: set[str] = field(default_factory=set)


class Expectations:
    """By the key of the owner: how many creations, and the deletion of which objects, are still to be seen."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[str, _Pending] = {}

    def expect(self, key: str, creations: int, deletions: Iterable[str] = ()) -> None:
        """Call before any of it is asked for; replaces what was expected before. ``deletions`` are uids."""
        self._pending[key] = _Pending(self._clock.monotonic(), creations, set(deletions))

    def expect_creations(self, key: str, count: int) -> None:
        """Call before the first creation is asked for; replaces what was expected before."""
        self.expect(key, count)

    def expect_deletions(self, key: str, uids: set[str]) -> None:
        """Call before the first deletion is asked for; replaces what was expected before."""
        self.expect(key, 0, uids)

    def creation_observed(self, key: str, count: int = 1) -> None:
        """One was seen in the cache, or will not come because the server refused it."""
        pending = self._pending.get(key)
        if pending is not None:
            pending.creations -= count
            self._drop_if_met(key, pending)

    def deletion_observed(self, key: str, uid: str) -> None:
        """``uid`` was seen to go, or will not because the server refused."""
        pending = self._pending.get(key)
        if pending is not None:
            pending.deletions.discard(uid)
            self._drop_if_met(key, pending)

    def _drop_if_met(self, key: str, pending: _Pending) -> None:
        if pending.creations <= 0 and not pending.deletions:
            del self._pending[key]

    def forget(self, key: str) -> None:
        """The owner is gone."""
        self._pending.pop(key, None)

    def satisfied(self, key: str) -> bool:
        """Return whether the cache shows all that was done for ``key``, or has had time enough to."""
        return self.remaining_seconds(key) <= 0

    def remaining_seconds(self, key: str) -> float:
        """Return how long what is pending for ``key`` may still be waited for; 0 when nothing is."""
        pending = self._pending.get(key)
        if pending is None:
            return 0.0
        return max(0.0, pending.since + EXPECTATIONS_TIMEOUT_SECONDS - self._clock.monotonic())
