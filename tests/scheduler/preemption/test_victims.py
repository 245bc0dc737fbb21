"""Whose end costs least."""

import math

import pytest

from scheduler.preemption.victims import Candidate, Victim, best, by_importance
from tests.scheduler.builders import make_pod


def victim(name: str, priority: int = 0, started: float = math.inf) -> Victim:
    return Victim(make_pod(name).priority(priority).info(), started)


def candidate(node: str, *victims: Victim, violations: int = 0) -> Candidate:
    return Candidate(node, tuple(by_importance(victims)), violations)


def test_importance() -> None:
    pods = [victim("new"), victim("young", 5, 20.0), victim("old", 5, 10.0), victim("high", 9), victim("negative", -1)]
    assert [entry.pod.name for entry in by_importance(pods)] == ["high", "old", "young", "new", "negative"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param(
            candidate("a", victim("x", 9), victim("y", 9)),
            candidate("b", victim("z"), violations=1),
            id="budgets first",
        ),
        pytest.param(
            candidate("a", victim("x", 1), victim("y", 1)), candidate("b", victim("z", 2)), id="the highest priority"
        ),
        pytest.param(
            candidate("a", victim("v", 5), victim("w", 1)),
            candidate("b", victim("x", 5), victim("y", 2)),
            id="the sum of priorities",
        ),
        pytest.param(
            candidate("a", victim("x", -5)),
            candidate("b", victim("y", -5), victim("z", -9)),
            id="fewer pods of negative priority",
        ),
        pytest.param(
            candidate("a", victim("x", 5, 20.0)), candidate("b", victim("y", 5, 10.0)), id="the one started later"
        ),
        pytest.param(
            candidate("a", victim("x", 5)), candidate("b", victim("y", 5, 10.0)), id="the one that has not started"
        ),
        pytest.param(
            candidate("a", victim("v", 5, 20.0), victim("w", 1, 1.0)),
            candidate("b", victim("x", 5, 10.0), victim("y", 1, 9.0)),
            id="only those of the highest priority count for that",
        ),
    ],
)
def test_order_of_criteria(better: Candidate, worse: Candidate) -> None:
    assert best([worse, better]) is better
    assert best([better, worse]) is better


def test_of_equals_the_first() -> None:
    first, second = candidate("a", victim("x")), candidate("b", victim("y"))
    assert best([first, second]) is first
