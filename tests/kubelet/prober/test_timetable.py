"""Many moments, one task."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from apimachinery.clock import ManualClock
from kubelet.prober.timetable import GRAIN_SECONDS, Timetable


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def timetable(clock: ManualClock) -> AsyncIterator[Timetable]:
    made = Timetable(clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(made.run())
        await clock.settle()
        yield made
        running.cancel()


async def test_each_at_its_moment_whatever_the_order(timetable: Timetable, clock: ManualClock) -> None:
    seen: list[tuple[float, str]] = []
    for when in (30.0, 10.0, 20.0):
        timetable.at(when, lambda when=when: seen.append((clock.monotonic(), f"{when:g}")))
    await clock.advance(40)
    assert seen == [(10.0, "10"), (20.0, "20"), (30.0, "30")]


async def test_a_later_entry_may_be_due_earlier(timetable: Timetable, clock: ManualClock) -> None:
    seen: list[float] = []
    timetable.at(100.0, lambda: seen.append(clock.monotonic()))
    await clock.advance(5)
    timetable.at(7.0, lambda: seen.append(clock.monotonic()))
    await clock.advance(5)
    assert seen == [7.0]


async def test_what_is_cancelled_does_not_happen(timetable: Timetable, clock: ManualClock) -> None:
    seen: list[str] = []
    timetable.at(1.0, lambda: seen.append("cancelled")).cancel()
    kept = timetable.at(1.0, lambda: seen.append("kept"))
    await clock.advance(2)
    kept.cancel()
    assert seen == ["kept"]
    assert timetable.step() is None


async def test_what_is_past_is_done_at_once(timetable: Timetable, clock: ManualClock) -> None:
    await clock.advance(50)
    seen: list[float] = []
    timetable.at(3.0, lambda: seen.append(clock.monotonic()))
    await clock.settle()
    assert seen == [50.0]


async def test_a_crowd_is_done_together(clock: ManualClock) -> None:
    """Few awakenings, and none more than the grain late."""
    timetable, moments = Timetable(clock), [1 + number / 10_000 for number in range(1_000)]
    late, awakenings = [], set()

    def note(when: float) -> None:
        late.append(clock.monotonic() - when)
        awakenings.add(clock.monotonic())

    for moment in moments:
        timetable.at(moment, lambda moment=moment: note(moment))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(timetable.run())
        await clock.advance(2)
        running.cancel()
    assert len(late) == len(moments)
    assert max(late) <= GRAIN_SECONDS + 1e-9
    assert len(awakenings) <= 12


def test_lateness_is_counted_in_buckets(clock: ManualClock) -> None:
    timetable = Timetable(clock)
    for seconds in (0.0, 0.002, 0.003, 0.19, 60.0):
        timetable.note_lateness(seconds)
    counted = {most: number for most, number in timetable.statistics().items() if number}
    assert counted == {0.002: 2, 0.005: 1, 0.2: 1, float("inf"): 1}
