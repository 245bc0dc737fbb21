from datetime import timedelta

import pytest

from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.backoff import Backoff
from controller_manager.jobs.plan import plan
from tests.controller_manager.builders import NOW
from tests.controller_manager.jobs.objects import indexed, job, look, pod

JUST_FAILED = Backoff(1, NOW - timedelta(seconds=4))
IGNORE_1 = {"rules": [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [1]}}]}


@pytest.mark.parametrize(
    ("of", "pods", "count"),
    [
        pytest.param(job(), [], 1, id="one"),
        pytest.param(job(completions=5, parallelism=2), [], 2, id="no-more-than-parallelism"),
        pytest.param(job(completions=5, parallelism=9), [], 5, id="no-more-than-completions"),
        pytest.param(job(completions=5, parallelism=3, status={"succeeded": 4}), [], 1, id="the-last"),
        pytest.param(job(completions=5, parallelism=3), [pod("a"), pod("b", "Succeeded")], 2, id="some-run"),
        pytest.param(job(parallelism=3), [pod("a")], 2, id="queue"),
        pytest.param(job(parallelism=3), [pod("a"), pod("b", "Succeeded")], 0, id="queue-with-a-success"),
        pytest.param(job(), [pod("a", deleting=True)], 1, id="one-is-going"),
        pytest.param(job(podReplacementPolicy="Failed"), [pod("a", deleting=True)], 0, id="one-is-to-end-first"),
        pytest.param(job(podFailurePolicy=IGNORE_1), [pod("a", deleting=True)], 0, id="to-be-judged-first"),
        pytest.param(job(completions=2000, parallelism=2000), [], 500, id="a-burst"),
        pytest.param(job(parallelism=0), [], 0, id="none-wanted"),
    ],
)
def test_creations(of: Job, pods: list[Pod], count: int) -> None:
    step = plan(look(of, *pods), Backoff(), NOW)
    assert list(step.create) == [None] * count
    assert not step.delete


def test_failures_are_waited_for() -> None:
    step = plan(look(job(), pod("a", "Failed")), JUST_FAILED, NOW)
    assert not step.create
    assert step.wait_seconds == 6
    assert list(plan(look(job(), pod("a", "Failed")), JUST_FAILED, NOW + timedelta(seconds=6)).create) == [None]


@pytest.mark.parametrize(
    ("of", "pods", "indexes", "wait"),
    [
        pytest.param(indexed(), [], [0, 1, 2], None, id="all"),
        pytest.param(indexed(parallelism=2), [pod("a", index=0)], [1], None, id="the-next"),
        pytest.param(indexed(status={"completedIndexes": "0,2"}), [], [1], None, id="between"),
        pytest.param(indexed(), [pod("a", "Succeeded", index=1)], [0, 2], None, id="a-new-success"),
        pytest.param(
            indexed(podReplacementPolicy="Failed"), [pod("a", index=0, deleting=True)], [1, 2], None, id="still-held"
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=0), [pod("a", "Failed", index=1)], [0, 2], None, id="failed-for-good"
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=3), [pod("a", "Failed", index=1, ended=4)], [0, 2], 6, id="one-waits"
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=3, status={"completedIndexes": "0"}),
            [pod("a", "Failed", index=1, ended=4), pod("b", "Failed", index=2, ended=12)],
            [2],
            6,
            id="each-waits-for-itself",
        ),
    ],
)
def test_indexes(of: Job, pods: list[Pod], indexes: list[int], wait: float | None) -> None:
    step = plan(look(of, *pods), Backoff(), NOW)
    assert list(step.create) == indexes
    assert step.wait_seconds == wait


@pytest.mark.parametrize(
    ("of", "pods", "names"),
    [
        pytest.param(job(parallelism=1), [pod("a", ready=True), pod("b")], ["b"], id="not-ready-goes-first"),
        pytest.param(job(parallelism=1), [pod("a"), pod("b", "Pending", node="")], ["b"], id="no-node-goes-first"),
        pytest.param(job(suspend=True, parallelism=2), [pod("a"), pod("b")], ["a", "b"], id="suspended"),
        pytest.param(indexed(), [pod("a", index=0), pod("b", index=0, ready=True)], ["a"], id="an-index-twice"),
        pytest.param(indexed(), [pod("a"), pod("b", index=7), pod("c", index=1)], ["a", "b"], id="no-index-of-the-job"),
        pytest.param(
            indexed(completions=2, parallelism=1), [pod("a", index=0), pod("b", index=1, ready=True)], ["a"], id="fewer"
        ),
    ],
)
def test_deletions_come_first(of: Job, pods: list[Pod], names: list[str]) -> None:
    step = plan(look(of, *pods), Backoff(), NOW)
    assert sorted(gone.metadata.name for gone in step.delete) == names
    assert not step.create
