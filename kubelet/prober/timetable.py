"""What is due when: one task for all the moments that thousands of probes wait for."""

import asyncio
import heapq
import itertools
from bisect import bisect_left
from collections.abc import Callable, Mapping

from apimachinery.clock import Clock

GRAIN_SECONDS = 0.01
"""What falls due within this is done together, so that many probes a second cost few awakenings."""

LATENESS_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""In seconds."""


class Alarm:
    """A callback that waits for its moment."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Have nothing happen; no error when it has happened already."""
        self.callback = None


class Timetable:
    """Calls back at moments of a clock's monotonic time; ``run()`` does the calling.

    >>> alarm = timetable.at(clock.monotonic() + 10, probe)
    >>> alarm.cancel()

    Callbacks must neither block nor raise.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Alarm]] = []
        self._order = itertools.count()
        self._woken = asyncio.Event()
        self._waits_until = float("inf")
        self._late = [0] * (len(LATENESS_BUCKETS) + 1)

    def at(self, when: float, callback: Callable[[], None]) -> Alarm:
        """Call ``callback`` at ``when``, or as soon as possible when that has passed."""
        alarm = Alarm(callback)
        heapq.heappush(self._heap, (when, next(self._order), alarm))
        if when < self._waits_until:
            self._waits_until = when
            self._woken.set()
        return alarm

    def note_lateness(self, seconds: float) -> None:
        """Count how long after its moment something was begun; see :meth:`statistics`."""
        self._late[bisect_left(LATENESS_BUCKETS, seconds)] += 1

    def statistics(self) -> Mapping[float, int]:
        """Return how often something was begun at most so many seconds late and later than the entry before."""
        return dict(zip((*LATENESS_BUCKETS, float("inf")), self._late, strict=True))

    def step(self) -> float | None:
        """Do what is due; return the seconds until something is again, ``None`` when nothing waits."""
        heap, now = self._heap, self._clock.monotonic()
        while heap and heap[0][0] <= now:
            alarm = heapq.heappop(heap)[2]
            if (callback := alarm.callback) is not None:
                alarm.callback = None
                callback()
        while heap and heap[0][2].callback is None:
            heapq.heappop(heap)
        return heap[0][0] - now if heap else None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            pause = self.step()
            if pause is not None:
                pause = max(pause, GRAIN_SECONDS)
                self._waits_until = self._clock.monotonic() + pause
            else:
                self._waits_until = float("inf")
            self._woken.clear()
            try:
                async with self._clock.timeout(pause):
                    await self._woken.wait()
            except TimeoutError:
                continue
