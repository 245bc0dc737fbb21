"""A bound on how fast a script runs commands, so that a loop without end starves nobody."""

from apimachinery.clock import Clock

_BURST = 20_000
_PER_SECOND = 20_000
_YIELD_EVERY = 50
_FORK = 15
"""As many commands is a new process."""


class Throttle:
    """Counts a shell's commands: lets others run now and then, and past a burst holds to a rate.

    A script that waits for anything, or ends soon, never notices.
    """

    __slots__ = ("_clock", "_count", "_credit", "_last")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self._credit = float(_BURST)
        self._last = clock.monotonic()

    def due(self) -> bool:
        """Count one command; when true, :meth:`pause` is to be awaited."""
        self._count += 1
        return self._count >= _YIELD_EVERY

    def fork(self) -> None:
        """Count a process that is begun, which is as much work as many commands."""
        self._count += _FORK

    async def pause(self) -> None:
        now = self._clock.monotonic()
        self._credit = min(_BURST, self._credit + (now - self._last) * _PER_SECOND) - self._count
        self._last = now
        self._count = 0
        await self._clock.sleep(0 if self._credit > 0 else -self._credit / _PER_SECOND + 0.01)
