from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apimachinery.types.batch import CronJob, Job
from apimachinery.types.core import ObjectReference
from controller_manager.cronjobs.controller import SCHEDULED_TIMESTAMP, job_body
from controller_manager.cronjobs.decisions import decide, history_to_delete, job_name, settle

CREATED = datetime(2026, 1, 1, 10, 0, 30, tzinfo=UTC)
ENDED = datetime(2026, 1, 1, 9, tzinfo=UTC)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-01T{clock}").replace(tzinfo=UTC)


def cron_job(*, last: str = "", active: tuple[str, ...] = (), deleting: bool = False, **spec: Any) -> CronJob:
    """Return a CronJob ``hello`` of every ten minutes, created at 10:00:30."""
    status: dict[str, Any] = {"active": [{"name": name, "uid": f"uid-{name}"} for name in active]}
    if last:
        status["lastScheduleTime"] = at(last)
    meta = {"name": "hello", "namespace": "default", "uid": "uid-hello", "creationTimestamp": CREATED}
    return CronJob.model_validate({
        "metadata": {**meta, "deletionTimestamp": CREATED if deleting else None},
        "spec": {"schedule": "*/10 * * * *", "jobTemplate": {"spec": {"template": {}}}, **spec},
        "status": status,
    })


def job(name: str, ended: str = "", *, started: float = 0.0, completed: float = 0.0) -> Job:
    """Return a job that has ``ended`` as ``Complete`` or ``Failed``, or runs; the times are minutes before 9:00."""
    status: dict[str, Any] = {"startTime": ENDED - timedelta(minutes=started)}
    if ended:
        status["conditions"] = [{"type": ended, "status": "True"}]
    if ended == "Complete":
        status["completionTime"] = ENDED - timedelta(minutes=completed)
    return Job.model_validate({"metadata": {"name": name, "uid": f"uid-{name}"}, "status": status})


@pytest.mark.parametrize(
    ("of", "now", "start", "reasons"),
    [
        pytest.param(cron_job(), "10:05", None, [], id="not-yet"),
        pytest.param(cron_job(), "10:10", "10:10", [], id="due"),
        pytest.param(cron_job(), "10:45:10", "10:40", [], id="only-the-last-of-those-missed"),
        pytest.param(cron_job(last="10:40"), "10:45", None, [], id="started-before"),
        pytest.param(cron_job(last="10:30"), "10:45", "10:40", [], id="started-the-one-before"),
        pytest.param(cron_job(suspend=True), "10:10", None, [], id="suspended"),
        pytest.param(cron_job(deleting=True), "10:10", None, [], id="is-being-deleted"),
        pytest.param(cron_job(startingDeadlineSeconds=200), "10:45", None, [], id="too-late"),
        pytest.param(cron_job(startingDeadlineSeconds=200), "10:42", "10:40", [], id="just-in-time"),
        pytest.param(cron_job(schedule="* * * * *"), "11:59:05", "11:59", ["TooManyMissedTimes"], id="many-missed"),
        pytest.param(
            cron_job(schedule="* * * * *", startingDeadlineSeconds=120), "11:59:05", "11:59", [], id="few-in-time"
        ),
        pytest.param(cron_job(active=("a",)), "10:10", "10:10", [], id="allow"),
        pytest.param(
            cron_job(active=("a",), concurrencyPolicy="Forbid"), "10:10", None, ["JobAlreadyActive"], id="forbid"
        ),
        pytest.param(cron_job(concurrencyPolicy="Forbid"), "10:10", "10:10", [], id="forbid-nothing-runs"),
        pytest.param(cron_job(timeZone="Moon/Crater"), "10:10", None, ["UnknownTimeZone"], id="no-such-zone"),
        pytest.param(cron_job(schedule="nonsense"), "10:10", None, ["UnparseableSchedule"], id="no-schedule"),
        pytest.param(cron_job(schedule="0 0 31 2 *"), "10:10", None, ["UnparseableSchedule"], id="never"),
    ],
)
def test_decide(of: CronJob, now: str, start: str | None, reasons: list[str]) -> None:
    decision = decide(of, of.status.active, at(now))
    assert decision.start == (at(start) if start else None)
    assert [note.reason for note in decision.notes] == reasons


def test_replace_deletes_what_runs() -> None:
    of = cron_job(active=("a",), concurrencyPolicy="Replace")
    assert [entry.name for entry in decide(of, of.status.active, at("10:10")).replace] == ["a"]
    assert not decide(of, of.status.active, at("10:09")).replace


@pytest.mark.parametrize(
    ("now", "seconds"), [("10:05", 300.1), ("10:10", 600.1), ("10:45:10", 290.1)], ids=["before", "at", "after-some"]
)
def test_the_next_look(now: str, seconds: float) -> None:
    assert decide(cron_job(), (), at(now)).wait_seconds == pytest.approx(seconds)


def test_a_moment_has_one_name() -> None:
    assert job_name(cron_job(), at("10:10")) == f"hello-{int(at('10:10').timestamp()) // 60}"
    name = job_name(cron_job(), at("10:10"))
    assert decide(cron_job(), [ObjectReference(name=name)], at("10:10")).start is None


def test_jobs_that_end_leave_the_list() -> None:
    of = cron_job(active=("runs", "done", "gone"))
    settled = settle(of, [job("runs"), job("done", "Complete"), job("stray")])
    assert [entry.name for entry in settled.active] == ["runs"]
    assert [entry.name for entry in settled.missing] == ["gone"]
    assert settled.last_successful == ENDED
    assert [note.message for note in settled.notes] == [
        "Saw completed job: done, condition: Complete",
        "Saw a job that the controller did not create or forgot: stray",
    ]


def test_history_is_limited() -> None:
    jobs = [job(f"ok{number}", "Complete", started=number) for number in range(5)]
    jobs += [job("old", "Failed", started=9), job("new", "Failed", started=1), job("runs")]
    assert [found.metadata.name for found in history_to_delete(cron_job(), jobs)] == ["ok4", "ok3", "old"]
    assert not history_to_delete(cron_job(successfulJobsHistoryLimit=5, failedJobsHistoryLimit=2), jobs)


def test_the_job_of_a_moment() -> None:
    template = {"metadata": {"labels": {"app": "hello"}}, "spec": {"parallelism": 1, "backoffLimit": 6, "template": {}}}
    body = job_body(cron_job(timeZone="Europe/Berlin", jobTemplate=template), at("10:10"))
    assert body["metadata"]["labels"] == {"app": "hello"}
    assert body["metadata"]["annotations"] == {SCHEDULED_TIMESTAMP: "2026-01-01T11:10:00+01:00"}
    assert body["metadata"]["ownerReferences"][0]["uid"] == "uid-hello"
    # Or they would get the defaults that go with what else is missing.
    assert body["spec"]["parallelism"] == 1
    assert body["spec"]["backoffLimit"] == 6
    utc = job_body(cron_job(), at("10:10"))
    assert utc["metadata"]["annotations"] == {SCHEDULED_TIMESTAMP: "2026-01-01T10:10:00Z"}
