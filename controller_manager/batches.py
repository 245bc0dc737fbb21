"""Doing the same thing many times at once, carefully at first (``slowStartBatch``, v1.36)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


def batch_sizes(count: int) -> Iterator[int]:
    """Yield 1, 2, 4, … and a rest, ``count`` together."""
    size = 1
    while count > 0:
        yield min(size, count)
        count -= size
        size *= 2


@dataclass(frozen=True, slots=True)
class BatchResult:
    """``attempted`` calls were made, ``errors`` is what those raised that failed."""

    attempted: int
    errors: list[Exception]


async def all_at_once(call: Callable[[T], Awaitable[None]], items: Sequence[T], width: int) -> list[Exception]:
    """Call for every item, ``width`` of them at a time; return what was raised."""
    errors: list[Exception] = []
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            try:
                await call(item)
            except Exception as error:
                errors.append(error)

    if width == 1 or len(items) == 1:
        await work()
        return errors
    async with asyncio.TaskGroup() as group:
        for _ in range(min(width, len(items))):
            group.create_task(work())
    return errors


async def slow_start(call: Callable[[], Awaitable[None]], count: int, width: int) -> BatchResult:
    """Call ``count`` times in batches that double, and stop after a batch in which one failed.

    A quota that is used up, or a template that no admission lets pass, is thus met with one refused request instead
    of hundreds.
    """

    async def once(_: int) -> None:
        await call()

    return await slow_start_over(once, range(count), width)


async def slow_start_over(call: Callable[[T], Awaitable[None]], items: Sequence[T], width: int) -> BatchResult:
    """Call for every item as :func:`slow_start` does."""
    attempted = 0
    for size in batch_sizes(len(items)):
        errors = await all_at_once(call, items[attempted : attempted + size], width)
        attempted += size
        if errors:
            return BatchResult(attempted, errors)
    return BatchResult(attempted, [])
