"""How many things may be under way at once, and when those that wait go on."""

import asyncio

from apimachinery.clock import ManualClock, RealClock
from kubeclient.turns import Turns


class Crowd:
    """Tasks that want a place, and keep it until they are let go of."""

    def __init__(self, group: asyncio.TaskGroup, limit: int) -> None:
        self._group = group
        self._turns = Turns(limit)
        self._ends: dict[int, asyncio.Event] = {}
        self.begun: list[int] = []

    def come(self, *numbers: int) -> list[asyncio.Task[None]]:
        return [self._group.create_task(self._stay(number)) for number in numbers]

    async def _stay(self, number: int) -> None:
        end = self._ends[number] = asyncio.Event()
        async with self._turns:
            self.begun.append(number)
            await end.wait()

    def end(self, number: int) -> None:
        self._ends[number].set()

    async def leave(self, *numbers: int) -> None:
        for number in numbers:
            self.end(number)
        await settle()


async def settle() -> None:
    await ManualClock().settle()


async def test_who_waits_goes_on_in_order_once_half_of_the_places_are_free() -> None:
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(group, 4)
        crowd.come(*range(8))
        await settle()
        assert crowd.begun == [0, 1, 2, 3]
        await crowd.leave(1)
        assert crowd.begun == [0, 1, 2, 3]
        await crowd.leave(3)
        assert crowd.begun == [0, 1, 2, 3, 4, 5]
        await crowd.leave(0, 2, 4, 5)
        assert crowd.begun == list(range(8))
        await crowd.leave(6, 7)


async def test_who_comes_while_others_wait_does_not_overtake_them() -> None:
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(group, 4)
        crowd.come(*range(5))
        await settle()
        await crowd.leave(0)
        crowd.come(5)
        await settle()
        assert crowd.begun == [0, 1, 2, 3]
        await crowd.leave(1)
        assert crowd.begun == [0, 1, 2, 3, 4, 5]
        await crowd.leave(*range(2, 6))


async def test_a_free_place_is_taken_at_once_when_nobody_waits() -> None:
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(group, 4)
        crowd.come(*range(4))
        await settle()
        await crowd.leave(0)
        crowd.come(4)
        await settle()
        assert crowd.begun == [0, 1, 2, 3, 4]
        await crowd.leave(*range(1, 5))


async def test_who_is_cancelled_while_it_waits_takes_no_place() -> None:
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(group, 1)
        _, waiting, _ = crowd.come(0, 1, 2)
        await settle()
        waiting.cancel()
        await crowd.leave(0)
        assert crowd.begun == [0, 2]
        await crowd.leave(2)


async def test_who_is_cancelled_with_its_place_just_given_hands_it_on() -> None:
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(group, 1)
        _, waiting, _ = crowd.come(0, 1, 2)
        await settle()
        crowd.end(0)
        # The first leaves in this turn, and the second would go on in the next.
        await RealClock().sleep(0)
        waiting.cancel()
        await settle()
        assert crowd.begun == [0, 2]
        await crowd.leave(2)
