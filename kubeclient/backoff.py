"""Exponential delays between tries."""

import random


class Backoff:
    """Delays in seconds that start at ``initial``, grow by ``factor`` and stop growing at ``limit``.

    ``jitter`` adds up to that fraction of the delay, drawn from ``rng``, so that many clients that lost the
    same server do not come back in step.
    """

    def __init__(
        self,
        *,
        initial: float,
        limit: float,
        factor: float = 2.0,
        jitter: float = 0.0,
        rng: random.Random | None = None,
    ) -> None:
        if jitter and rng is None:
            raise ValueError("jitter needs a random.Random to draw from")
        self._initial = initial
        self._limit = limit
        self._factor = factor
        self._jitter = jitter
        self._rng = rng
        self._current = initial

    def next(self) -> float:
        """Return the delay before the next try."""
        delay = self._current
        self._current = min(self._limit, self._current * self._factor)
        if self._rng is not None:
            delay *= 1 + self._jitter * self._rng.random()
        return delay

    def reset(self) -> None:
        """Start over: the last try succeeded."""
        self._current = self._initial
