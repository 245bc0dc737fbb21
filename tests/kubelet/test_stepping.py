"""Objects that take a step when there is a reason, and have no task in between."""

import asyncio
from collections.abc import Callable

from apimachinery.clock import ManualClock
from kubelet.stepping import Stepping


class Counter(Stepping):
    """Counts its steps; ``during`` is called in each."""

    def __init__(self, group: asyncio.TaskGroup, clock: ManualClock, during: Callable[[], None] = lambda: None) -> None:
        super().__init__(group, clock)
        self.during = during
        self.steps = 0
        self.last = False
        self.over = False

    async def step(self) -> bool:
        self.steps += 1
        self.during()
        return self.last

    def ended(self) -> None:
        self.over = True

    def task_name(self) -> str:
        return "counter"


def tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()} & {"counter", "beside"}


async def test_a_step_for_each_reason_and_no_task_in_between() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        counter = Counter(group, clock)
        await clock.settle()
        assert (counter.steps, tasks()) == (0, set())
        for steps in (1, 2):
            counter.wake()
            # Two reasons before a step are one.
            counter.wake()
            await clock.settle()
            assert (counter.steps, tasks()) == (steps, set())


async def test_a_reason_that_comes_during_a_step_leads_to_another() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        counter = Counter(group, clock)
        counter.during = lambda: counter.wake() if counter.steps < 3 else None
        counter.wake()
        await clock.settle()
        assert (counter.steps, tasks()) == (3, set())


async def test_moments() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        counter = Counter(group, clock)

        def twice() -> None:
            if counter.steps == 1:
                counter.wake_in(10)
                counter.wake_in(5)

        counter.during = twice
        counter.wake()
        await clock.advance(4.9)
        assert (counter.steps, tasks()) == (1, {"counter"})
        await clock.advance(0.1)
        # The later moment is forgotten with the step.
        assert (counter.steps, tasks()) == (2, set())
        await clock.advance(10)
        assert counter.steps == 2


async def test_a_reason_comes_before_its_moment() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        counter = Counter(group, clock)
        counter.during = lambda: counter.wake_in(10) if counter.steps == 1 else None
        counter.wake()
        await clock.advance(1)
        counter.wake()
        await clock.advance(20)
        assert counter.steps == 2


async def test_the_end_waits_for_what_was_spawned() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        counter = Counter(group, clock)

        def spawn() -> None:
            if not counter.last:
                counter.spawn(clock.sleep(5), "beside")

        counter.during = spawn
        counter.wake()
        await clock.settle()
        assert tasks() == {"beside"}
        counter.last = True
        counter.wake()
        await clock.settle()
        assert (counter.steps, counter.over) == (2, False)
        await clock.advance(5)
        assert (counter.over, tasks()) == (True, set())
        counter.wake()
        await clock.settle()
        assert counter.steps == 2, "nothing begins anew after the end"
