from typing import Any

import pytest

from apimachinery.types.base import to_wire
from apimachinery.types.batch import Job, JobStatus
from apimachinery.types.pod import Pod
from controller_manager.jobs.tracking import count_released, finish, track, with_condition
from controller_manager.jobs.verdict import Verdict
from tests.controller_manager.builders import NOW
from tests.controller_manager.jobs.objects import indexed, job, look, pod

IGNORE_1 = {"rules": [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [1]}}]}
FAILS = Verdict(False, "BackoffLimitExceeded", "enough")


@pytest.mark.parametrize(
    ("of", "pods", "uncounted", "released"),
    [
        pytest.param(job(), [pod("a")], {}, [], id="runs"),
        pytest.param(job(), [pod("a", "Succeeded")], {"succeeded": ["a"]}, ["a"], id="succeeded"),
        pytest.param(job(), [pod("a", "Failed")], {"failed": ["a"]}, ["a"], id="failed"),
        pytest.param(job(), [pod("a", deleting=True)], {"failed": ["a"]}, ["a"], id="is-being-deleted"),
        pytest.param(job(), [pod("a", "Failed", tracked=False)], {}, [], id="counted-before"),
        pytest.param(job(podFailurePolicy=IGNORE_1), [pod("a", "Failed")], {}, ["a"], id="ignored"),
        pytest.param(
            job(status={"uncountedTerminatedPods": {"failed": ["a"]}}),
            [pod("a", "Failed")],
            {"failed": ["a"]},
            ["a"],
            id="noted-and-not-yet-released",
        ),
        pytest.param(job(deleting=True), [pod("a")], {}, ["a"], id="the-job-goes"),
        pytest.param(indexed(), [pod("a", "Succeeded", index=1)], {}, ["a"], id="an-index-needs-no-uid"),
        pytest.param(indexed(), [pod("a", "Failed", index=9)], {}, ["a"], id="no-index-of-the-job"),
        pytest.param(
            indexed(backoffLimitPerIndex=1), [pod("a", "Failed", index=0)], {}, [], id="kept-for-its-successor"
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=1),
            [pod("a", "Failed", index=0), pod("b", index=0, failures=1)],
            {"failed": ["a"]},
            ["a"],
            id="its-successor-is-there",
        ),
        pytest.param(
            indexed(backoffLimitPerIndex=1),
            [pod("a", "Failed", index=0, failures=1)],
            {"failed": ["a"]},
            ["a"],
            id="its-index-has-failed",
        ),
    ],
)
def test_pods_are_noted(of: Job, pods: list[Pod], uncounted: dict[str, Any], released: list[str]) -> None:
    tracking = track(look(of, *pods), of.status, None, NOW)
    assert tracking.status.uncounted_terminated_pods is not None
    assert to_wire(tracking.status.uncounted_terminated_pods) == uncounted
    assert [found.metadata.name for found in tracking.release] == released
    assert not tracking.status.conditions


@pytest.mark.parametrize(
    ("verdict", "failed", "condition"),
    [
        pytest.param(FAILS, ["a"], "FailureTarget", id="what-runs-has-failed-with-the-job"),
        pytest.param(Verdict(True, "SuccessPolicy", "enough"), [], "SuccessCriteriaMet", id="but-not-when-it-succeeds"),
    ],
)
def test_a_verdict_lets_all_pods_go(verdict: Verdict, failed: list[str], condition: str) -> None:
    tracking = track(look(job(), pod("a")), JobStatus(), verdict, NOW)
    assert tracking.status.uncounted_terminated_pods is not None
    assert tracking.status.uncounted_terminated_pods.failed == failed
    assert [found.metadata.name for found in tracking.release] == ["a"]
    assert [(entry.type, entry.reason) for entry in tracking.status.conditions] == [(condition, verdict.reason)]


def test_what_was_released_is_not_noted_again() -> None:
    """The cache may show the finalizer a while after it has gone."""
    of = job(status={"failed": 1})
    tracking = track(look(of, pod("a", "Failed"), released=("a",)), of.status, None, NOW)
    assert not tracking.release
    assert tracking.status.failed == 1


def test_indexes_are_counted_once() -> None:
    of = indexed(backoffLimitPerIndex=0, status={"completedIndexes": "1", "succeeded": 1, "failedIndexes": ""})
    pods = [pod("a", "Succeeded", index=0), pod("b", "Succeeded", index=1), pod("c", "Failed", index=2)]
    status = track(look(of, *pods), of.status, None, NOW).status
    assert (status.succeeded, status.completed_indexes, status.failed_indexes) == (2, "0,1", "2")


def test_the_status_stays_small() -> None:
    of = job(completions=2000, parallelism=2000)
    pods = [pod(f"p{number}", "Succeeded") for number in range(700)]
    tracking = track(look(of, *pods), of.status, None, NOW)
    assert tracking.more
    assert len(tracking.release) == 500


def test_counters_take_over_what_is_released() -> None:
    before = JobStatus.model_validate({
        "succeeded": 3,
        "failed": 1,
        "uncountedTerminatedPods": {"succeeded": ["a", "b"], "failed": ["c"]},
    })
    after = count_released(before, {"b"})
    assert after.uncounted_terminated_pods is not None
    assert (after.succeeded, after.failed) == (4, 2)
    assert to_wire(after.uncounted_terminated_pods) == {"succeeded": ["b"]}
    assert before.succeeded == 3


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        pytest.param({}, True, id="all-counted"),
        pytest.param({"uncountedTerminatedPods": {"failed": ["a"]}}, False, id="one-to-count"),
        pytest.param({"terminating": 1}, False, id="one-to-end"),
    ],
)
def test_the_end_waits_for_all_pods(status: dict[str, Any], ends: bool) -> None:
    ended = finish(JobStatus.model_validate(status), FAILS, NOW)
    assert (ended is not None) is ends
    if ended is not None:
        assert [(entry.type, entry.status) for entry in ended.conditions] == [("Failed", "True")]
        assert ended.completion_time is None
    done = finish(JobStatus(), Verdict(True), NOW)
    assert done is not None
    assert done.completion_time == NOW


def test_conditions() -> None:
    assert with_condition([], "Suspended", "False", "JobResumed", "Job resumed", NOW) == []
    suspended = with_condition([], "Suspended", "True", "JobSuspended", "Job suspended", NOW)
    assert with_condition(suspended, "Suspended", "True", "JobSuspended", "Job suspended", NOW) is suspended
    (resumed,) = with_condition(suspended, "Suspended", "False", "JobResumed", "Job resumed", NOW)
    assert (resumed.status, resumed.reason) == ("False", "JobResumed")
