"""Tasks that must not end, and tasks that must."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from apimachinery.clock import ManualClock
from apimachinery.tasks import TaskEnded, beside, cancel_and_wait, guard


async def _return() -> None:
    return


async def _fail() -> None:
    raise LookupError("gone")


async def test_a_guarded_task_that_ends_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TaskEnded, match="loop"):
        await guard(_return(), "loop")
    assert "loop ended" in caplog.text


async def test_a_guarded_task_that_fails_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(LookupError):
        await guard(_fail(), "loop")
    assert "loop failed" in caplog.text


async def test_cancelling_a_guarded_task_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(guard(asyncio.Event().wait(), "loop"))
        await ManualClock().settle()
        task.cancel()
    assert task.cancelled()
    assert not caplog.records


async def test_cancel_and_wait_returns_when_all_have_ended(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[str] = []

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.wait_for(asyncio.shield(_return()), None)
            ended.append("slow")

    async def bad_at_ending() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise LookupError("on the way out") from None

    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(slow_to_end()), loop.create_task(bad_at_ending(), name="bad")]
    await ManualClock().settle()
    with caplog.at_level(logging.ERROR):
        await cancel_and_wait(*tasks)
    assert ended == ["slow"]
    assert all(task.done() for task in tasks)
    assert "task bad failed while it was cancelled" in caplog.text


async def test_work_beside_a_block_ends_with_it() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(ValueError, match="its own"):
        await _raise_beside(work, begun)
    assert ended.is_set()


async def _raise_beside(work: Callable[[], Awaitable[None]], begun: asyncio.Event) -> None:
    async with beside(work, "work"):
        await begun.wait()
        raise ValueError("its own")


async def test_work_that_fails_takes_the_block_beside_it_down() -> None:
    async def work() -> None:
        raise ValueError("of the work")

    with pytest.raises(ExceptionGroup) as caught:
        async with beside(work, "work"):
            await asyncio.Event().wait()
    assert [str(error) for error in caught.value.exceptions] == ["of the work"]
