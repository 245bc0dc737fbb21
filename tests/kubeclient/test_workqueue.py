"""The work queue's promises, on a clock that is moved by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from apimachinery.clock import ManualClock
from kubeclient.workqueue import QueueStatistics, WorkQueue


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def queue(clock: ManualClock) -> WorkQueue[str]:
    return WorkQueue(clock)


@asynccontextmanager
async def running(queue: WorkQueue[str]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(queue.run())
        yield
        task.cancel()


async def test_a_key_waits_once_in_order_of_its_first_addition(queue: WorkQueue[str]) -> None:
    for key in ("a", "b", "a"):
        queue.add(key)
    assert [await queue.get(), await queue.get()] == ["a", "b"]
    assert queue.statistics() == QueueStatistics(ready=0, delayed=0, processing=2)


async def test_a_key_is_never_with_two_workers(queue: WorkQueue[str]) -> None:
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    assert queue.statistics().ready == 0
    queue.done("a")
    assert await queue.get() == "a"
    queue.done("a")
    assert queue.statistics() == QueueStatistics(0, 0, 0)


async def test_workers_wait_for_keys(queue: WorkQueue[str]) -> None:
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(queue.get()) for _ in range(2)]
        queue.add("a")
        queue.add("b")
    assert {worker.result() for worker in workers} == {"a", "b"}


async def test_a_cancelled_worker_loses_no_key(queue: WorkQueue[str], clock: ManualClock) -> None:
    async with asyncio.TaskGroup() as group:
        first, second = group.create_task(queue.get()), group.create_task(queue.get())
        await clock.settle()
        queue.add("a")
        first.cancel()
    assert first.cancelled()
    assert second.result() == "a"


async def test_delayed_keys_come_at_their_moment(queue: WorkQueue[str], clock: ManualClock) -> None:
    async with running(queue):
        queue.add_after("late", 10)
        queue.add_after("soon", 5)
        await clock.advance(4.9)
        assert queue.statistics() == QueueStatistics(ready=0, delayed=2, processing=0)
        await clock.advance(0.1)
        assert await queue.get() == "soon"
        await clock.advance(5)
        assert await queue.get() == "late"


@pytest.mark.parametrize(
    ("delays", "due"),
    [
        pytest.param((10, 3), 3, id="an earlier moment counts"),
        pytest.param((3, 10), 3, id="a later one does not"),
    ],
)
async def test_the_earliest_moment_counts(
    queue: WorkQueue[str], clock: ManualClock, delays: tuple[float, float], due: float
) -> None:
    async with running(queue):
        for delay in delays:
            queue.add_after("a", delay)
        await clock.advance(due)
        assert await queue.get() == "a"
        queue.done("a")
        await clock.advance(20)
        assert queue.statistics() == QueueStatistics(0, 0, 0)


async def test_adding_outright_takes_the_place_of_a_delay(queue: WorkQueue[str], clock: ManualClock) -> None:
    async with running(queue):
        queue.add_after("a", 10)
        queue.add("a")
        assert await queue.get() == "a"
        queue.done("a")
        await clock.advance(20)
        assert queue.statistics().ready == 0


async def test_failures_wait_twice_as_long_each_time_up_to_a_bound(clock: ManualClock) -> None:
    queue: WorkQueue[str] = WorkQueue(clock, base_delay=1, max_delay=5)
    async with running(queue):
        for delay in (1, 2, 4, 5, 5):
            queue.add_rate_limited("a")
            await clock.advance(delay - 0.01)
            assert queue.statistics().ready == 0
            await clock.advance(0.01)
            queue.done(await queue.get())
        assert queue.failures("a") == 5
        queue.forget("a")
        queue.add_rate_limited("a")
        await clock.advance(1)
        assert await queue.get() == "a"
