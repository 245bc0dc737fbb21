"""Waiting for something to become true in a live system."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from apimachinery.clock import RealClock

T = TypeVar("T")

WAIT_SECONDS = 30.0
_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.2


async def eventually(check: Callable[[], Awaitable[T]], *, timeout: float = WAIT_SECONDS, what: str = "") -> T:
    """Call ``check`` until it returns something true, and return that.

    An ``AssertionError`` in it counts as "not yet"; every other exception passes through. Past ``timeout``
    seconds the last answer, or the last assertion, is the failure.
    """
    clock = RealClock()
    deadline = clock.monotonic() + timeout
    pause = _PAUSE_SECONDS
    while True:
        failure: AssertionError | None = None
        answer: T | None = None
        try:
            answer = await check()
            if answer:
                return answer
        except AssertionError as error:
            failure = error
        if clock.monotonic() >= deadline:
            said = what or getattr(check, "__qualname__", repr(check))
            raise AssertionError(f"not within {timeout} s: {said}; last answer: {failure or answer!r}") from failure
        await clock.sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * 1.5)
