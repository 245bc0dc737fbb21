"""The harness: what becomes of a key that fails, and of one that wants to be looked at again."""

import asyncio

import pytest

from apimachinery.clock import ManualClock
from apimachinery.errors import Conflict
from apimachinery.tasks import cancel_and_wait
from controller_manager.controller import Result
from controller_manager.manager import Loop
from kubeclient.client import Client
from kubeclient.workqueue import WorkQueue

Outcome = Result | Exception | None


class Scripted:
    """A controller that does what it is told, try after try, and notes when."""

    def __init__(self, clock: ManualClock, outcomes: list[Outcome]) -> None:
        self.workers = 2
        self.tries: list[tuple[str, float]] = []
        self._clock = clock
        self._outcomes = outcomes

    async def reconcile(self, key: str) -> Result | None:
        self.tries.append((key, round(self._clock.monotonic(), 6)))
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.mark.parametrize(
    ("outcomes", "moments", "failed"),
    [
        pytest.param([], [0], 0, id="done"),
        pytest.param([Result(30), Result(60)], [0, 30, 90], 0, id="again-later"),
        pytest.param([Conflict("x"), Conflict("x"), Conflict("x")], [0, 0.005, 0.015, 0.035], 3, id="back-off"),
        pytest.param([ValueError("a bug")], [0, 0.005], 1, id="a-bug-is-tried-again-too"),
        pytest.param(
            [Conflict("x"), Conflict("x"), Result(1), Conflict("x")],
            [0, 0.005, 0.015, 1.015, 1.02],
            3,
            id="success-starts-the-back-off-over",
        ),
    ],
)
async def test_a_key_is_tried_again(outcomes: list[Outcome], moments: list[float], failed: int) -> None:
    clock = ManualClock()
    queue: WorkQueue[str] = WorkQueue(clock)
    controller = Scripted(clock, outcomes)
    loop = Loop("scripted", controller, queue, Client("http://127.0.0.1:1", clock=clock))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(loop.run())
        queue.add("key")
        await clock.advance(1000)
        await cancel_and_wait(running)
    assert controller.tries == [("key", moment) for moment in moments]
    statistics = loop.statistics()
    assert (statistics.reconciled, statistics.failed) == (len(moments) - failed, failed)
    assert statistics.queue.ready == statistics.queue.delayed == statistics.queue.processing == 0


async def test_one_key_is_never_with_two_workers() -> None:
    clock = ManualClock()
    queue: WorkQueue[str] = WorkQueue(clock)
    under_way: list[str] = []
    seen: list[list[str]] = []

    class Slow:
        workers = 3

        async def reconcile(self, key: str) -> Result | None:
            under_way.append(key)
            seen.append(sorted(under_way))
            await clock.sleep(1)
            under_way.remove(key)
            return None

    loop = Loop("slow", Slow(), queue, Client("http://127.0.0.1:1", clock=clock))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(loop.run())
        for key in ("a", "b"):
            queue.add(key)
        await clock.settle()
        queue.add("a")
        await clock.advance(10)
        await cancel_and_wait(running)
    assert all(len(set(keys)) == len(keys) for keys in seen)
    assert len(seen) == 3
