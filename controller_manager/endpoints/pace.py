"""How soon a Service is looked at again."""

from apimachinery.clock import Clock

REST_FACTOR = 10.0
"""How much longer a Service rests than it took to write it the last time."""


class Pace:
    """Lets a change through at once, and collects those that follow closely.

    After a write that took a while the Service rests for a multiple of that while, at most ``longest`` seconds: a
    thousand pods that become ready one by one are then a handful of writes, and a single one waits for nothing.
    """

    def __init__(self, clock: Clock, longest: float) -> None:
        self._clock = clock
        self._longest = longest
        self._rests: dict[str, float] = {}

    def left(self, key: str) -> float:
        """Return for how many seconds more the Service rests; 0 when it does not."""
        until = self._rests.get(key)
        if until is None:
            return 0.0
        left = until - self._clock.monotonic()
        if left <= 0:
            del self._rests[key]
        return max(0.0, left)

    def wrote(self, key: str, began: float) -> None:
        """The Service has been written; ``began`` is the monotonic time at which that started."""
        now = self._clock.monotonic()
        self._rests[key] = now + min(self._longest, REST_FACTOR * (now - began))
