"""Keys waiting to be reconciled: each at most once, never twice at the same time, retried with back-off.

The contract of client-go's rate-limited work queue (``util/workqueue``, v0.36).
"""

import asyncio
import heapq
import itertools
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from apimachinery.clock import Clock

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """``ready`` can be taken now, ``delayed`` wait for their moment, ``processing`` are with a worker."""

    ready: int
    delayed: int
    processing: int


class WorkQueue(Generic[K]):
    """A queue of hashable keys for any number of workers.

    ``run()`` moves delayed keys on and must be running for :meth:`add_after` to have an effect. A key added
    while a worker has it is handed out again after :meth:`done`.
    """

    def __init__(self, clock: Clock, *, base_delay: float = 0.005, max_delay: float = 1000.0) -> None:
        self._clock = clock
        self._base_delay = base_delay
        self._max_delay = max_delay
        self._ready: deque[K] = deque()
        self._waiting: set[K] = set()
        self._processing: set[K] = set()
        self._again: set[K] = set()
        self._failures: dict[K, int] = {}
        self._delayed: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}
        self._order = itertools.count()
        self._earlier = asyncio.Event()
        self._getters: deque[asyncio.Future[None]] = deque()

    def add(self, key: K) -> None:
        """Make ``key`` ready now, unless it is already."""
        self._due.pop(key, None)
        if key in self._waiting:
            return
        if key in self._processing:
            self._again.add(key)
            return
        self._waiting.add(key)
        self._ready.append(key)
        self._wake_one()

    def _wake_one(self) -> None:
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_result(None)
                return

    def add_after(self, key: K, delay: float) -> None:
        """Make ``key`` ready in ``delay`` seconds; an earlier moment already set stays."""
        if delay <= 0:
            self.add(key)
            return
        if key in self._waiting:
            return
        due = self._clock.monotonic() + delay
        if self._due.get(key, float("inf")) <= due:
            return
        self._due[key] = due
        heapq.heappush(self._delayed, (due, next(self._order), key))
        if self._delayed[0][2] == key:
            self._earlier.set()

    def add_rate_limited(self, key: K) -> None:
        """Make ``key`` ready after a delay that doubles with each failure since :meth:`forget`."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(self._max_delay, self._base_delay * 2 ** min(failures, 40)))

    def forget(self, key: K) -> None:
        """The last try of ``key`` succeeded: its next failure starts with the shortest delay."""
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        return self._failures.get(key, 0)

    async def get(self) -> K:
        """Return the next ready key, waiting for one; the caller must call :meth:`done` with it."""
        while not self._ready:
            getter = asyncio.get_running_loop().create_future()
            self._getters.append(getter)
            try:
                await getter
            except asyncio.CancelledError:
                # The wake-up may have been meant for this getter: pass it on.
                if getter.done() and not getter.cancelled() and self._ready:
                    self._wake_one()
                raise
        key = self._ready.popleft()
        self._waiting.discard(key)
        self._processing.add(key)
        return key

    def done(self, key: K) -> None:
        """The worker is through with ``key``."""
        self._processing.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    async def run(self) -> None:
        """Hand delayed keys over when their moment comes; until cancelled."""
        while True:
            self._move_due()
            self._earlier.clear()
            if not self._delayed:
                await self._earlier.wait()
                continue
            try:
                async with self._clock.timeout(max(0.0, self._delayed[0][0] - self._clock.monotonic())):
                    await self._earlier.wait()
            except TimeoutError:
                continue

    def _move_due(self) -> None:
        now = self._clock.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            due, _, key = heapq.heappop(self._delayed)
            # A key re-scheduled to an earlier moment, or added outright, leaves a stale entry behind.
            if self._due.get(key) == due:
                self.add(key)

    def statistics(self) -> QueueStatistics:
        return QueueStatistics(len(self._ready), len(self._due), len(self._processing))
