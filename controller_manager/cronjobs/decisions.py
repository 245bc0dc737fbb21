"""Whether a CronJob is to start a job now, and which of its jobs are history (``pkg/controller/cronjob``, v1.36)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apimachinery.types.batch import CronJob, Job
from apimachinery.types.core import ObjectReference
from controller_manager.cronjobs.schedule import Schedule, parse
from controller_manager.notes import Note
from kubeclient.events import NORMAL, WARNING

LATENESS_SECONDS = 0.1
"""How long after the moment itself the next look is taken, so that the moment has certainly come."""

MANY_MISSED = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """``start`` a job for that moment after deleting those in ``replace``; look again in ``wait_seconds``."""

    start: datetime | None = None
    replace: Sequence[ObjectReference] = ()
    wait_seconds: float | None = None
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """``base`` is the last moment that was served, ``latest`` the last since then, of about ``count``."""

    base: datetime
    latest: datetime | None = None
    count: int = 0


def decide(cron_job: CronJob, active: Sequence[ObjectReference], now: datetime) -> Decision:
    """Return what is to be done at ``now``, with ``active`` the jobs that have not ended."""
    spec = cron_job.spec
    if cron_job.metadata.deletion_timestamp is not None:
        return Decision()
    try:
        ZoneInfo(spec.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        return Decision(notes=[Note(WARNING, "UnknownTimeZone", f'invalid timeZone: "{spec.time_zone}": {error}')])
    if spec.suspend:
        return Decision()
    try:
        schedule = parse(spec.schedule, spec.time_zone)
    except ValueError as error:
        message = f'unparseable schedule: "{spec.schedule}" : {error}'
        return Decision(notes=[Note(WARNING, "UnparseableSchedule", message)])
    try:
        missed = missed_moments(cron_job, schedule, now, deadline=True)
        wait = _seconds_to_next(cron_job, schedule, now)
    except ValueError as error:
        message = f"invalid schedule: {spec.schedule} : {error}"
        return Decision(notes=[Note(WARNING, "InvalidSchedule", message)])
    if missed.latest is None:
        return Decision(wait_seconds=wait)
    notes = []
    if missed.count > MANY_MISSED:
        message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
        notes.append(Note(WARNING, "TooManyMissedTimes", message))
    return _of_moment(cron_job, active, missed.latest, now, Decision(wait_seconds=wait, notes=notes))


def _of_moment(
    cron_job: CronJob, active: Sequence[ObjectReference], moment: datetime, now: datetime, otherwise: Decision
) -> Decision:
    """Decide on a moment that has come."""
    spec, wait, notes = cron_job.spec, otherwise.wait_seconds, otherwise.notes
    limit = spec.starting_deadline_seconds
    if limit is not None and moment + timedelta(seconds=limit) < now:
        message = f"Missed scheduled time to start a job: {moment.strftime('%a, %d %b %Y %H:%M:%S %z')}"
        return Decision(wait_seconds=wait, notes=[*notes, Note(WARNING, "MissSchedule", message)])
    name = job_name(cron_job, moment)
    if cron_job.status.last_schedule_time == moment or any(entry.name == name for entry in active):
        return otherwise
    if spec.concurrency_policy == "Forbid" and active:
        message = "Not starting job because prior execution is running and concurrency policy is Forbid"
        return Decision(wait_seconds=wait, notes=[*notes, Note(NORMAL, "JobAlreadyActive", message)])
    replace = active if spec.concurrency_policy == "Replace" else ()
    return Decision(start=moment, replace=replace, wait_seconds=wait, notes=notes)


def missed_moments(cron_job: CronJob, schedule: Schedule, now: datetime, *, deadline: bool) -> Missed:
    """Return what has been missed since the last start (``mostRecentScheduleTime`` in ``utils.go``).

    With ``deadline`` what is too late to be started is not looked at. Raises ``ValueError`` for a schedule that never
    comes.
    """
    base = cron_job.status.last_schedule_time or cron_job.metadata.creation_timestamp
    assert base is not None
    limit = cron_job.spec.starting_deadline_seconds
    if deadline and limit is not None:
        base = max(base, now - timedelta(seconds=limit))
    first = schedule.next(base)
    second = schedule.next(first) if first is not None else None
    if first is None or second is None:
        raise ValueError("time difference between two schedules is less than 1 second")
    if now < first:
        return Missed(base)
    if now < second:
        return Missed(base, first, 1)
    distance = max(1, round((second - first).total_seconds()))
    count = int((now - first).total_seconds()) // distance + 1
    # Not one by one: of a schedule of each minute a year misses half a million. One step back, for irregular ones.
    latest: datetime | None = None
    moment = schedule.next(first + timedelta(seconds=(count - 2) * distance))
    while moment is not None and moment <= now:
        latest, moment = moment, schedule.next(moment)
    return Missed(base, latest, count)


def _seconds_to_next(cron_job: CronJob, schedule: Schedule, now: datetime) -> float | None:
    missed = missed_moments(cron_job, schedule, now, deadline=False)
    after = missed.latest or (now if missed.count else missed.base)
    following = schedule.next(after)
    return (following - now).total_seconds() + LATENESS_SECONDS if following is not None else None


def job_name(cron_job: CronJob, moment: datetime) -> str:
    """Return the name of the job for a moment: there can be no second one, whoever tries."""
    return f"{cron_job.metadata.name}-{int(moment.timestamp()) // 60}"


@dataclass(slots=True)
class Settled:
    """``active`` is the list for the status; ``missing`` are those of it that no cache knows."""

    active: list[ObjectReference] = field(default_factory=list)
    missing: list[ObjectReference] = field(default_factory=list)
    last_successful: datetime | None = None
    notes: list[Note] = field(default_factory=list)


def settle(cron_job: CronJob, jobs: Collection[Job]) -> Settled:
    """Return which jobs of the status still run, now that the CronJob's jobs are these."""
    settled = Settled(last_successful=cron_job.status.last_successful_time)
    by_uid = {job.metadata.uid: job for job in jobs}
    for entry in cron_job.status.active:
        job = by_uid.get(entry.uid)
        if job is None:
            settled.missing.append(entry)
        elif job.finished_as is None:
            settled.active.append(entry)
        else:
            message = f"Saw completed job: {entry.name}, condition: {job.finished_as.type}"
            settled.notes.append(Note(NORMAL, "SawCompletedJob", message))
    listed = {entry.uid for entry in cron_job.status.active}
    for job in jobs:
        if not job.finished and job.metadata.uid not in listed:
            message = f"Saw a job that the controller did not create or forgot: {job.metadata.name}"
            settled.notes.append(Note(WARNING, "UnexpectedJob", message))
        ended = job.status.completion_time
        if ended is not None and (settled.last_successful is None or ended > settled.last_successful):
            settled.last_successful = ended
    return settled


def history_to_delete(cron_job: CronJob, jobs: Collection[Job]) -> list[Job]:
    """Return the oldest jobs that have ended, past the limits."""
    surplus: list[Job] = []
    limits = {
        "Complete": cron_job.spec.successful_jobs_history_limit,
        "Failed": cron_job.spec.failed_jobs_history_limit,
    }
    for kind, limit in limits.items():
        ended = [job for job in jobs if job.finished_as is not None and job.finished_as.type == kind]
        if limit is not None and len(ended) > limit:
            surplus += sorted(ended, key=_by_start)[: len(ended) - limit]
    return surplus


def _by_start(job: Job) -> tuple[datetime, str]:
    """Sort by the start; a job that never started comes last."""
    return job.status.start_time or datetime.max.replace(tzinfo=UTC), job.metadata.name
