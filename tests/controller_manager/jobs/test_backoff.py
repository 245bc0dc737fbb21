from datetime import timedelta

import pytest

from apimachinery.types.pod import Pod
from controller_manager.jobs.backoff import Backoff, remaining_seconds, remaining_seconds_of_index
from tests.controller_manager.builders import NOW
from tests.controller_manager.jobs.objects import pod


def ago(seconds: float) -> Backoff:
    return Backoff(2, NOW - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("before", "succeeded", "failed", "after"),
    [
        pytest.param(Backoff(), [], [], Backoff(), id="nothing"),
        pytest.param(ago(30), [], [], ago(30), id="nothing-new"),
        pytest.param(ago(30), [], [pod("a", "Failed", ended=4)], Backoff(3, NOW - timedelta(seconds=4)), id="one-more"),
        pytest.param(
            Backoff(),
            [],
            [pod("a", "Failed", ended=4), pod("b", "Failed", ended=2)],
            Backoff(2, NOW - timedelta(seconds=2)),
            id="the-last-one-counts",
        ),
        pytest.param(ago(30), [pod("a", "Succeeded", ended=1)], [], Backoff(), id="a-success-starts-over"),
        pytest.param(
            ago(30),
            [pod("a", "Succeeded", ended=5)],
            [pod("b", "Failed", ended=7), pod("c", "Failed", ended=3)],
            Backoff(1, NOW - timedelta(seconds=3)),
            id="what-failed-before-the-success-is-forgotten",
        ),
    ],
)
def test_failures_in_a_row(before: Backoff, succeeded: list[Pod], failed: list[Pod], after: Backoff) -> None:
    assert before.after(succeeded, failed) == after


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(0, 0), (1, 10), (2, 20), (3, 40), (6, 320), (7, 600), (8, 600), (5000, 600)],
)
def test_the_wait_doubles(failures: int, wait: float) -> None:
    assert remaining_seconds(failures, NOW, NOW) == wait
    assert remaining_seconds(failures, NOW - timedelta(seconds=4), NOW) == max(0, wait - 4)
    assert remaining_seconds(failures, NOW - timedelta(seconds=1000), NOW) == 0


def test_an_index_waits_for_its_own_failures() -> None:
    assert remaining_seconds_of_index(None, NOW) == 0
    assert remaining_seconds_of_index(pod("p", "Failed", index=0), NOW) == 10
    assert remaining_seconds_of_index(pod("p", "Failed", index=0, failures=1, ignored=1, ended=5), NOW) == 35
