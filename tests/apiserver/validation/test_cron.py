"""Schedules and time zones."""

import pytest

from apiserver.validation.cron import schedule_problem, time_zone_problem


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "*/15 0-5,22 1 jan-mar MON",
        "0 0 ? * 6",
        "@daily",
        "@every 1h30m",
        "10-50/5 * * * *",
        "5/15 * * * *",
    ],
)
def test_schedules(text: str) -> None:
    assert schedule_problem(text) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "expected exactly 5 fields, found 0: []", id="empty"),
        pytest.param("60 * * * *", "end of range (60) above maximum (59): 60", id="minute"),
        pytest.param("* * 0 * *", "beginning of range (0) below minimum (1): 0", id="day"),
        pytest.param("* * * * 7", "end of range (7) above maximum (6): 7", id="weekday"),
        pytest.param("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1", id="backwards"),
        pytest.param("*/0 * * * *", "step of range should be a positive number: */0", id="no-step"),
        pytest.param("@often", "unrecognized descriptor: @often", id="name"),
    ],
)
def test_what_is_no_schedule(text: str, problem: str) -> None:
    assert schedule_problem(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("x * * * *", 'from x: strconv.Atoi: parsing "x": invalid syntax', id="word"),
        pytest.param("*/x * * * *", 'from x: strconv.Atoi: parsing "x": invalid syntax', id="step"),
        pytest.param("*/-5 * * * *", "negative number (-5) not allowed: -5", id="negative-step"),
        pytest.param("٣ * * * *", "invalid syntax", id="another-script"),
        pytest.param("9" * 5000 + " * * * *", "value out of range", id="large"),
        pytest.param("1-" + "9" * 5000 + " * * * *", "value out of range", id="large-end"),
        pytest.param("*/" + "9" * 5000 + " * * * *", "value out of range", id="large-step"),
    ],
)
def test_what_is_no_number(text: str, problem: str) -> None:
    assert schedule_problem(text).endswith(problem)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Europe/Zurich", ""),
        ("Etc/UTC", ""),
        ("", "must be nil or non-empty string"),
        ("Nowhere/City", "unknown time zone Nowhere/City"),
        ("../etc/passwd", "unknown time zone ../etc/passwd"),
    ],
)
def test_time_zones(name: str, problem: str) -> None:
    assert time_zone_problem(name) == problem
