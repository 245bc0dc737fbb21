"""Time as a dependency: nothing a user could wait for reads the machine's clock by itself.

Every component takes a :class:`Clock`. ``RealClock`` is the default, ``ScaledClock`` makes the same
waits pass faster, ``ManualClock`` stands still until a test moves it.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """The four things code may ask of time."""

    def now(self) -> datetime:
        """Return the wall-clock time, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; never goes backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` on this clock; zero or less only yields to the event loop."""
        ...

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[None]:
        """Bound a block to ``seconds`` on this clock (``None``: no bound); raise ``TimeoutError`` past it.

        Never hold one across a ``yield``: the bound would then cut the consumer, not the block.
        """
        ...


class RealClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @asynccontextmanager
    async def timeout(self, seconds: float | None) -> AsyncIterator[None]:
        async with asyncio.timeout(seconds):
            yield


class ScaledClock:
    """Time that passes ``factor`` times as fast as the machine's.

    Both the wall clock and the monotonic clock start at the machine's own reading (or at ``anchor``, so
    that several processes agree) and run on from there.
    """

    def __init__(self, factor: float, anchor: datetime | None = None) -> None:
        if not factor > 0:
            raise ValueError(f"a clock's factor must be positive, not {factor}")
        self._factor = factor
        self._anchor = anchor if anchor is not None else datetime.now(UTC)
        self._start = time.monotonic() - (datetime.now(UTC) - self._anchor).total_seconds()

    def now(self) -> datetime:
        return self._anchor + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._start) * self._factor

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)

    @asynccontextmanager
    async def timeout(self, seconds: float | None) -> AsyncIterator[None]:
        async with asyncio.timeout(None if seconds is None else seconds / self._factor):
            yield


def parse_time_scale(text: str) -> Clock:
    """Return the clock that ``FACTOR`` or ``FACTOR@TIME`` stands for; ``TIME`` is a scaled clock's anchor.

    Raises ``ValueError`` with a text for a person. A factor of 1 is the machine's own time.
    """
    factor_text, _, anchor_text = text.partition("@")
    try:
        factor = float(factor_text)
        anchor = parse_rfc3339(anchor_text) if anchor_text else None
    except ValueError:
        raise ValueError(f"{text!r} is not a factor, such as 60, with or without @TIME behind it") from None
    if not (0 < factor < float("inf")):
        raise ValueError(f"time cannot pass {factor_text} times as fast")
    return RealClock() if factor == 1 else ScaledClock(factor, anchor)


def time_scale(factor: float, anchor: datetime) -> str:
    """Return what :func:`parse_time_scale` reads."""
    return f"{factor!r}@{rfc3339_micro(anchor)}"


class ManualClock:
    """Time that stands still until :meth:`advance` moves it.

    >>> clock = ManualClock()
    >>> sleeper = group.create_task(clock.sleep(300))   # doctest: +SKIP
    >>> await clock.advance(300)                        # doctest: +SKIP
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._waiters: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, (self._elapsed + seconds, next(self._order), waiter))
        await waiter

    @asynccontextmanager
    async def timeout(self, seconds: float | None) -> AsyncIterator[None]:
        if seconds is None:
            yield
            return
        async with asyncio.timeout(None) as scope:
            expiry = asyncio.get_running_loop().create_future()
            expiry.add_done_callback(
                lambda done: None if done.cancelled() else scope.reschedule(asyncio.get_running_loop().time())
            )
            heapq.heappush(self._waiters, (self._elapsed + seconds, next(self._order), expiry))
            try:
                yield
            finally:
                expiry.cancel()

    @property
    def sleepers(self) -> int:
        """How many sleeps and timeouts are pending."""
        return sum(not waiter.done() for _, _, waiter in self._waiters)

    async def advance(self, seconds: float) -> None:
        """Move time on, waking every sleeper at its own moment and letting the woken run in between."""
        target = self._elapsed + seconds
        await self.settle()
        while self._waiters and self._waiters[0][0] <= target:
            due, _, waiter = heapq.heappop(self._waiters)
            if waiter.done():
                continue
            self._elapsed = max(self._elapsed, due)
            waiter.set_result(None)
            await self.settle()
        self._elapsed = target
        await self.settle()

    async def settle(self) -> None:
        """Let tasks that are ready to run do so, without time passing."""
        for _ in range(20):
            await asyncio.sleep(0)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """Format as Kubernetes' ``metav1.Time``: whole seconds, ``2026-01-31T12:00:00Z``."""
    since = (moment if moment.tzinfo is not None else moment.astimezone(UTC)) - _EPOCH
    return _whole_second(since.days, since.seconds)


@lru_cache(maxsize=1024)
def _whole_second(days: int, seconds: int) -> str:
    """Format so many days and seconds after 1970: most of what is formatted in one second is that second."""
    return (_EPOCH + timedelta(days, seconds)).replace(tzinfo=None).isoformat() + "Z"


def rfc3339_micro(moment: datetime) -> str:
    """Format as Kubernetes' ``metav1.MicroTime``: ``2026-01-31T12:00:00.000000Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_rfc3339(text: str) -> datetime:
    """Parse either form, with any UTC offset; raise ``ValueError`` when it is neither."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)
