from datetime import timedelta
from typing import Any

import pytest

from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.jobs.verdict import Verdict, completion, deadline_seconds, verdict
from tests.controller_manager.builders import NOW
from tests.controller_manager.jobs.objects import indexed, job, look, pod

FAIL_ON_42 = {"rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]}
IGNORE_1 = {"rules": [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [1]}}]}


def announced(kind: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": "True", "reason": "Why", "message": "so"}]}


def started(seconds: float) -> dict[str, Any]:
    return {"startTime": NOW - timedelta(seconds=seconds)}


FAILED = pod("a", "Failed")


@pytest.mark.parametrize(
    ("of", "pods", "reason"),
    [
        pytest.param(job(), [], None, id="begins"),
        pytest.param(job(), [FAILED], None, id="within-the-limit"),
        pytest.param(job(backoffLimit=0), [FAILED], "BackoffLimitExceeded", id="past-the-limit"),
        pytest.param(job(backoffLimit=1, status={"failed": 1}), [FAILED], "BackoffLimitExceeded", id="known-and-new"),
        pytest.param(
            job(backoffLimit=1, status={"failed": 1, "uncountedTerminatedPods": {"failed": ["b"]}}),
            [],
            "BackoffLimitExceeded",
            id="between-finalizer-and-counter",
        ),
        pytest.param(job(backoffLimit=0, podFailurePolicy=IGNORE_1), [FAILED], None, id="ignored"),
        pytest.param(job(podFailurePolicy=FAIL_ON_42), [pod("a", "Failed", exit_code=42)], "PodFailurePolicy", id="42"),
        pytest.param(job(restart="OnFailure", backoffLimit=2), [pod("a", restarts=1)], None, id="restarted-once"),
        pytest.param(
            job(restart="OnFailure", backoffLimit=2), [pod("a", restarts=2)], "BackoffLimitExceeded", id="restarted"
        ),
        pytest.param(
            job(restart="OnFailure", backoffLimit=0), [pod("a", restarts=1)], "BackoffLimitExceeded", id="no-restart"
        ),
        pytest.param(job(activeDeadlineSeconds=5, status=started(4)), [], None, id="before-the-deadline"),
        pytest.param(job(activeDeadlineSeconds=5, status=started(5)), [], "DeadlineExceeded", id="at-the-deadline"),
        pytest.param(
            job(activeDeadlineSeconds=5, suspend=True, status=started(5)), [], None, id="suspended-past-the-deadline"
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=0, maxFailedIndexes=0),
            [pod("a", "Failed", index=0)],
            "MaxFailedIndexesExceeded",
            id="too-many-indexes",
        ),
        pytest.param(indexed(backoffLimitPerIndex=0), [pod("a", "Failed", index=0)], None, id="other-indexes-go-on"),
        pytest.param(
            indexed(backoffLimitPerIndex=0, status={"completedIndexes": "1", "failedIndexes": "2"}),
            [pod("a", "Failed", index=0)],
            "FailedIndexes",
            id="no-index-is-left",
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=1, status={"completedIndexes": "1", "failedIndexes": "2"}),
            [pod("a", "Failed", index=0)],
            None,
            id="the-index-is-tried-again",
        ),
        pytest.param(
            indexed(successPolicy={"rules": [{"succeededCount": 1}]}),
            [pod("a", "Succeeded", index=2)],
            "SuccessPolicy",
            id="success-policy",
        ),
        pytest.param(job(backoffLimit=0, status=announced("SuccessCriteriaMet")), [FAILED], "Why", id="success-stays"),
        pytest.param(job(status=announced("FailureTarget")), [], "Why", id="failure-stays"),
    ],
)
def test_verdict(of: Job, pods: list[Pod], reason: str | None) -> None:
    found = verdict(look(of, *pods), NOW)
    assert (found.reason if found is not None else None) == reason
    if found is not None:
        assert found.success is (reason == "SuccessPolicy" or of.true_condition("SuccessCriteriaMet") is not None)


@pytest.mark.parametrize(
    ("of", "pods", "complete"),
    [
        pytest.param(job(), [], False, id="none"),
        pytest.param(job(), [pod("a", "Succeeded")], True, id="one-of-one"),
        pytest.param(job(completions=2), [pod("a", "Succeeded")], False, id="one-of-two"),
        pytest.param(job(completions=2, status={"succeeded": 1}), [pod("a", "Succeeded")], True, id="two-of-two"),
        pytest.param(job(parallelism=2), [pod("a", "Succeeded"), pod("b")], False, id="queue-one-runs"),
        pytest.param(job(parallelism=2), [pod("a", "Succeeded"), pod("b", "Failed")], True, id="queue-all-ended"),
        pytest.param(job(completions=0), [], True, id="nothing-to-do"),
        pytest.param(
            indexed(), [pod("a", "Succeeded", index=0), pod("b", "Succeeded", index=0)], False, id="an-index-twice"
        ),
    ],
)
def test_completion(of: Job, pods: list[Pod], complete: bool) -> None:
    seen = look(of, *pods)
    assert completion(seen, len(seen.active)) == (Verdict(True) if complete else None)


def test_deadline() -> None:
    assert deadline_seconds(job(activeDeadlineSeconds=30, status=started(10)), NOW) == 20
    assert deadline_seconds(job(activeDeadlineSeconds=30), NOW) is None
    assert deadline_seconds(job(status=started(10)), NOW) is None
