"""Time: standing still, running faster, and written down."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from apimachinery.clock import (
    ManualClock,
    RealClock,
    ScaledClock,
    parse_rfc3339,
    parse_time_scale,
    rfc3339,
    rfc3339_micro,
    time_scale,
)


async def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 3, 1, tzinfo=UTC)
    await clock.advance(90)
    assert (clock.monotonic(), clock.now()) == (90, datetime(2026, 3, 1, 0, 1, 30, tzinfo=UTC))


async def test_sleepers_wake_in_order_each_at_its_own_moment() -> None:
    clock = ManualClock()
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("late", 20), ("early", 5), ("early too", 5), ("at once", 0)):
            group.create_task(sleep(name, seconds))
        await clock.settle()
        assert woken == [("at once", 0)]
        assert clock.sleepers == 3
        await clock.advance(60)
    assert woken[1:] == [("early", 5), ("early too", 5), ("late", 20)]


async def test_one_advance_wakes_what_falls_asleep_on_the_way() -> None:
    clock = ManualClock()
    ticks: list[float] = []

    async def tick() -> None:
        for _ in range(3):
            await clock.sleep(10)
            ticks.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        group.create_task(tick())
        await clock.advance(30)
    assert ticks == [10, 20, 30]


async def test_a_cancelled_sleeper_is_no_longer_counted() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        sleeper = group.create_task(clock.sleep(10))
        await clock.settle()
        sleeper.cancel()
    assert clock.sleepers == 0
    await clock.advance(20)


class TestManualTimeout:
    async def test_it_raises_when_its_moment_comes(self) -> None:
        clock = ManualClock()
        reached: list[float] = []

        async def bounded() -> None:
            with pytest.raises(TimeoutError):
                async with clock.timeout(10):
                    await clock.sleep(60)
            reached.append(clock.monotonic())

        async with asyncio.TaskGroup() as group:
            group.create_task(bounded())
            await clock.advance(9.9)
            assert reached == []
            await clock.advance(0.1)
            assert reached == [10]
        assert clock.sleepers == 0

    async def test_work_that_ends_in_time_leaves_nothing_behind(self) -> None:
        clock = ManualClock()
        async with clock.timeout(10):
            await clock.sleep(0)
        assert clock.sleepers == 0
        await clock.advance(20)

    async def test_none_is_no_bound(self) -> None:
        clock = ManualClock()
        async with asyncio.TaskGroup() as group:

            async def unbounded() -> None:
                async with clock.timeout(None):
                    await clock.sleep(10**6)

            group.create_task(unbounded())
            await clock.advance(10**6)

    async def test_the_inner_of_two_bounds_is_the_one_that_raises(self) -> None:
        clock = ManualClock()
        outcome: list[str] = []

        async def nested() -> None:
            async with clock.timeout(10):
                try:
                    async with clock.timeout(5):
                        await clock.sleep(60)
                except TimeoutError:
                    outcome.append("inner")
                await clock.sleep(2)
            outcome.append("done")

        async with asyncio.TaskGroup() as group:
            group.create_task(nested())
            await clock.advance(30)
        assert outcome == ["inner", "done"]

    async def test_an_error_inside_passes_through(self) -> None:
        with pytest.raises(LookupError):
            async with ManualClock().timeout(5):
                raise LookupError


class TestScaledClock:
    async def test_waits_pass_faster(self) -> None:
        real, scaled = RealClock(), ScaledClock(1000)
        began, scaled_began = real.monotonic(), scaled.monotonic()
        await scaled.sleep(20)
        assert real.monotonic() - began < 5
        assert scaled.monotonic() - scaled_began >= 20

    async def test_bounds_pass_faster_too(self) -> None:
        scaled = ScaledClock(1000)
        with pytest.raises(TimeoutError):
            async with scaled.timeout(20):
                await asyncio.Event().wait()

    def test_processes_with_one_anchor_agree_on_the_time(self) -> None:
        anchor = datetime.fromisoformat("2026-01-01T00:00:00Z")
        one, other = ScaledClock(60, anchor), ScaledClock(60, anchor)
        assert abs(one.now() - other.now()) < timedelta(seconds=6)

    @pytest.mark.parametrize("factor", [0, -1])
    def test_time_does_not_run_backwards(self, factor: float) -> None:
        with pytest.raises(ValueError, match="must be positive"):
            ScaledClock(factor)


class TestText:
    @pytest.mark.parametrize(
        ("moment", "seconds", "micros"),
        [
            pytest.param(
                datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z", id="UTC"
            ),
            pytest.param(
                datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))),
                "2026-01-31T10:00:00Z",
                "2026-01-31T10:00:00.000000Z",
                id="another zone",
            ),
            pytest.param(
                datetime(2026, 1, 31, 12, 0, 0, 999_999, tzinfo=UTC),
                "2026-01-31T12:00:00Z",
                "2026-01-31T12:00:00.999999Z",
                id="fractions are cut, not rounded",
            ),
        ],
    )
    def test_times_are_written_in_utc(self, moment: datetime, seconds: str, micros: str) -> None:
        assert (rfc3339(moment), rfc3339_micro(moment)) == (seconds, micros)
        assert parse_rfc3339(micros) == moment

    @pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "yesterday", ""])
    def test_a_time_without_a_zone_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            parse_rfc3339(text)


def test_clocks_made_from_one_text_agree() -> None:
    text = time_scale(60, datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC))
    assert text == "60@2026-03-01T12:00:00.000250Z"
    first, second = parse_time_scale(text), parse_time_scale(text)
    assert abs(first.now() - second.now()) < timedelta(seconds=30)
    assert first.now() - datetime.now(UTC) > timedelta()  # noqa: TID251 - which a scaled clock runs ahead of


@pytest.mark.parametrize("text", ["1", "1@2026-03-01T12:00:00Z", "1.0"])
def test_a_factor_of_one_is_the_machines_own_time(text: str) -> None:
    assert isinstance(parse_time_scale(text), RealClock)


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "inf", "nan", "60@noon", "60@2026-03-01T12:00:00"])
def test_what_is_no_time_scale_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"factor|time cannot pass"):
        parse_time_scale(text)
