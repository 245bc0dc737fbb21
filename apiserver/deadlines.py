"""How long a request may take (``k8s.io/apiserver/pkg/endpoints/filters/request_deadline.go``, v0.36).

A timer for each request would cost as much as serving a small one does. Requests are entered in a table instead, and
one task looks for those that are over, for as long as there are any: a deadline is kept to within
:data:`TICK_SECONDS`.
"""

import asyncio

from apimachinery.clock import Clock
from apimachinery.duration import parse_duration
from apimachinery.errors import BadRequest, ServerTimeout

TICK_SECONDS = 0.25


def requested_timeout(text: str, longest: float) -> float:
    """Return the seconds that a ``timeout`` parameter asks for, ``longest`` at most; raise 400 for none it could be."""
    if not text:
        return longest
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise BadRequest(f"invalid timeout specified in the request URL - {error}") from None
    return seconds if 0 < seconds < longest else longest


def timed_out() -> ServerTimeout:
    return ServerTimeout("Timeout: request did not complete within the allotted timeout")


class Deadlines:
    """The requests under way that have to end in time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[asyncio.Task[object], float] = {}
        self._some = asyncio.Event()

    def start(self, task: asyncio.Task[object], now: float, seconds: float) -> None:
        """Cancel ``task`` when :meth:`end` is not called within ``seconds`` of ``now`` on the monotonic clock."""
        self._due[task] = now + seconds
        self._some.set()

    def end(self, task: asyncio.Task[object]) -> bool:
        """Forget a task; return whether it has been cancelled for being late."""
        return self._due.pop(task, None) is None

    async def run(self) -> None:
        """Cancel what is late, until cancelled."""
        while True:
            await self._some.wait()
            await self._clock.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            for task in [task for task, due in self._due.items() if due <= now]:
                del self._due[task]
                task.cancel()
            if not self._due:
                self._some.clear()
