"""A light ``asyncio.Event``."""

import asyncio

import pytest

from apimachinery.clock import RealClock
from apimachinery.flag import Flag


async def test_everybody_who_waits_is_woken() -> None:
    flag = Flag()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(flag.wait()) for _ in range(3)]
        await RealClock().sleep(0)
        assert not any(task.done() for task in waiting)
        flag.set()
    assert flag.is_set()


async def test_a_flag_that_is_up_holds_nobody() -> None:
    flag = Flag()
    flag.set()
    await flag.wait()
    flag.clear()
    assert not flag.is_set()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await flag.wait()


async def test_a_waiter_that_was_woken_goes_on_though_the_flag_is_down_again() -> None:
    """As with ``asyncio.Event``."""
    flag = Flag()
    async with asyncio.TaskGroup() as group:
        group.create_task(flag.wait())
        await RealClock().sleep(0)
        flag.set()
        flag.clear()


async def test_a_waiter_that_is_cancelled_leaves_the_others() -> None:
    flag = Flag()
    async with asyncio.TaskGroup() as group:
        gone, stays = group.create_task(flag.wait()), group.create_task(flag.wait())
        await RealClock().sleep(0)
        gone.cancel()
        await RealClock().sleep(0)
        flag.set()
    assert gone.cancelled()
    assert not stays.cancelled()
