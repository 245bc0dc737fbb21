from datetime import UTC, datetime, timedelta

import pytest

from controller_manager.cronjobs.schedule import parse


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "moments"),
    [
        pytest.param("* * * * *", "2026-01-01T10:00:30", ["2026-01-01T10:01", "2026-01-01T10:02"], id="each-minute"),
        pytest.param("*/15 * * * *", "2026-01-01T10:00", ["2026-01-01T10:15", "2026-01-01T10:30"], id="step"),
        pytest.param("10-50/20 9 * * *", "2026-01-01T09:11", ["2026-01-01T09:30", "2026-01-01T09:50"], id="range-step"),
        pytest.param("5/30 * * * *", "2026-01-01T10:00", ["2026-01-01T10:05", "2026-01-01T10:35"], id="from-step"),
        pytest.param("0 9 * * mon-fri", "2026-01-02T09:00", ["2026-01-05T09:00", "2026-01-06T09:00"], id="names"),
        pytest.param("0 0 1 jan,JUL ?", "2026-01-01T00:00", ["2026-07-01T00:00", "2027-01-01T00:00"], id="months"),
        pytest.param("0 0 13 * 5", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-09T00:00"], id="either-day"),
        pytest.param("0 0 */10 * 5", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-09T00:00"], id="no-star"),
        pytest.param("0 0 */1 * 5", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-09T00:00"], id="a-star"),
        pytest.param("0 0 * * 4/3", "2026-01-01T00:00", ["2026-01-08T00:00", "2026-01-15T00:00"], id="no-day-seven"),
        pytest.param("0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"], id="leap-day"),
        pytest.param("@hourly", "2026-01-01T10:00", ["2026-01-01T11:00", "2026-01-01T12:00"], id="hourly"),
        pytest.param("@weekly", "2026-01-01T10:00", ["2026-01-04T00:00", "2026-01-11T00:00"], id="weekly"),
        pytest.param("@every 1h30m", "2026-01-01T10:07", ["2026-01-01T11:37", "2026-01-01T13:07"], id="every"),
        pytest.param("@every 10ms", "2026-01-01T10:00", ["2026-01-01T10:00:01", "2026-01-01T10:00:02"], id="a-second"),
    ],
)
def test_moments(schedule: str, after: str, moments: list[str]) -> None:
    read = parse(schedule)
    found = []
    moment = utc(after)
    for _ in moments:
        following = read.next(moment)
        assert following is not None
        found.append(moment := following)
    assert found == [utc(text) for text in moments]


@pytest.mark.parametrize(
    ("zone", "after", "moment"),
    [
        pytest.param("Asia/Kolkata", "2026-01-01T00:00", "2026-01-01T21:00", id="half-an-hour"),
        pytest.param("America/New_York", "2026-01-01T00:00", "2026-01-01T07:30", id="winter"),
        pytest.param("America/New_York", "2026-07-01T00:00", "2026-07-01T06:30", id="summer"),
        pytest.param("America/New_York", "2026-03-08T00:00", "2026-03-09T06:30", id="the-hour-that-is-left-out"),
    ],
)
def test_half_past_two_on_the_clock_of_a_zone(zone: str, after: str, moment: str) -> None:
    assert parse("30 2 * * *", zone).next(utc(after)) == utc(moment)


def test_an_hour_that_comes_twice() -> None:
    """In New York it is half past one at 05:30 and at 06:30 UTC on the day that summer time ends."""
    read = parse("30 1 * * *", "America/New_York")
    first = read.next(utc("2026-11-01T00:00"))
    assert first == utc("2026-11-01T05:30")
    assert read.next(first) == first + timedelta(hours=1)


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("* * * *", "expected exactly 5 fields, found 4"),
        ("@often", "unrecognized descriptor: @often"),
        ("@every soon", "invalid duration"),
        ("61 * * * *", "Bad minute"),
    ],
)
def test_what_cannot_be_read(schedule: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse(schedule)
