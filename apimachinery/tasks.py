"""The asyncio vocabulary: who owns a task, and what happens when one ends that must not.

Tasks live in ``asyncio.TaskGroup``s; ``asyncio.create_task`` is banned by the linter, so that no work is
fired and forgotten. The helpers here cover what a bare group leaves open.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NoReturn

from apimachinery.errors import FatalError

logger = logging.getLogger(__name__)


class TaskEnded(RuntimeError):
    """A task that runs for as long as its component does came to an end."""


async def guard(work: Awaitable[object], name: str) -> NoReturn:
    """Run ``work`` that must never end by itself.

    When it returns or raises, the fact is logged under ``name`` and raised, so that the owning group, and
    with it the process, goes down instead of living on half dead. Cancellation passes through, and so does a
    :class:`~apimachinery.errors.FatalError`, whose text the process ends with.
    """
    try:
        await work
    except (asyncio.CancelledError, FatalError):
        raise
    except BaseException:
        logger.exception("%s failed", name)
        raise
    logger.error("%s ended, but should run for as long as the process does", name)
    raise TaskEnded(name)


async def cancel_and_wait(*tasks: asyncio.Task[object]) -> None:
    """Cancel tasks and return once each has ended; what they raise on their way out is logged."""
    for task in tasks:
        task.cancel()
    for task, result in zip(tasks, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
        if isinstance(result, Exception):
            logger.error("task %s failed while it was cancelled", task.get_name(), exc_info=result)


@asynccontextmanager
async def beside(work: Callable[[], Awaitable[object]], name: str) -> AsyncIterator[None]:
    """Run ``work``, which must never end by itself, for as long as the block does.

    What the block raises is raised as it is, in no group; that ``work`` failed is raised in one, and cancels the block.
    """
    failure: Exception | None = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_guarded(work, name), name=name)
        try:
            yield
        except Exception as error:
            failure = error
        finally:
            task.cancel()
    if failure is not None:
        raise failure


async def _guarded(work: Callable[[], Awaitable[object]], name: str) -> NoReturn:
    await guard(work(), name)
