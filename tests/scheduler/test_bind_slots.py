import asyncio

import pytest

from apimachinery.clock import RealClock
from scheduler.bind_slots import BindSlots


@pytest.mark.parametrize(
    ("limit", "released"), [pytest.param(1, 1, id="one"), pytest.param(4, 2, id="four"), pytest.param(5, 2, id="five")]
)
async def test_once_all_are_taken_the_next_begin_when_half_are_free(limit: int, released: int) -> None:
    slots = BindSlots(limit)
    for _ in range(limit):
        await slots.some()
        slots.take()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(slots.some())
        for _ in range(released):
            await RealClock().sleep(0)
            assert not waiting.done()
            slots.release()
    assert slots.free == released


async def test_as_long_as_there_are_some_nobody_waits_for_more() -> None:
    slots = BindSlots(4)
    for _ in range(3):
        slots.take()
    await slots.some()
    assert slots.free == 1


async def test_who_has_begun_takes_the_next_one() -> None:
    """It does not wait for half of them, and whoever waits for those goes on waiting."""
    slots = BindSlots(4)
    for _ in range(4):
        slots.take()
    async with asyncio.TaskGroup() as group:
        begun, waiting = group.create_task(slots.acquire()), group.create_task(slots.some())
        await RealClock().sleep(0)
        assert not begun.done()
        slots.release()
        await begun
        assert slots.free == 0
        assert not waiting.done()
        slots.release()
        slots.release()
