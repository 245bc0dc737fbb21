"""The CronJob controller: starts jobs when they are due.

Follows ``pkg/controller/cronjob/cronjob_controllerv2.go`` (v1.36); decides with
:mod:`~controller_manager.cronjobs.decisions`. A job's name tells the moment it is for, so that no moment gets two.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apimachinery.errors import AlreadyExists, NotFound, StatusError
from apimachinery.types.base import to_wire
from apimachinery.types.batch import CronJob, CronJobStatus, Job
from apimachinery.types.core import ObjectReference, object_reference
from controller_manager.controller import Context, Result
from controller_manager.cronjobs.decisions import decide, history_to_delete, job_name, settle
from controller_manager.notes import Note
from controller_manager.ownership import CONTROLLER_INDEX, controller_of, controller_reference, index_by_controller
from controller_manager.refusals import namespace_terminating
from controller_manager.written import Written
from kubeclient.errors import ConnectionFailed
from kubeclient.events import NORMAL, WARNING
from kubeclient.resources import CRONJOBS, JOBS

NAME = "cronjob-controller"

SCHEDULED_TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp"
"""Annotation of a job: the moment it is for, on the clock of the CronJob's time zone."""


class CronJobController:
    """Woken by CronJobs, their jobs, and the moments that they are due."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_cron_job_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        self._recorder = context.recorder(NAME)
        self._written = Written()
        cron_jobs = context.informers.informer(CRONJOBS)
        jobs = context.informers.informer(JOBS, {CONTROLLER_INDEX: index_by_controller})
        cron_jobs.on_change(self._cron_job_changed)
        jobs.on_change(self._job_changed)
        self._cron_jobs = cron_jobs.cache
        self._jobs = jobs.cache

    def _cron_job_changed(self, old: CronJob | None, new: CronJob | None) -> None:
        changed = new or old
        assert changed is not None
        self._queue.add(changed.key)

    def _job_changed(self, old: Job | None, new: Job | None) -> None:
        for job in (old, new):
            owner = controller_of(job) if job is not None else None
            if job is not None and owner is not None and owner.kind == CronJob.KIND:
                self._queue.add(f"{job.metadata.namespace}/{owner.name}")

    async def reconcile(self, key: str) -> Result | None:
        cron_job = self._cron_jobs.get(key)
        if cron_job is None:
            self._written.forget(key)
            return None
        if self._written.is_ahead_of(cron_job):
            return None
        jobs = self._jobs.by_index(CONTROLLER_INDEX, cron_job.metadata.uid)
        for job in history_to_delete(cron_job, jobs):
            await self._delete(cron_job, job.metadata.name)
        settled = settle(cron_job, jobs)
        self._tell(cron_job, settled.notes)
        active = settled.active
        for entry in settled.missing:
            if await self._exists(entry):
                active.append(entry)
            else:
                self._tell(cron_job, [Note(NORMAL, "MissingJob", f"Active job went missing: {entry.name}")])
        decision = decide(cron_job, active, self._clock.now())
        self._tell(cron_job, decision.notes)
        changes: dict[str, Any] = {"active": active, "last_successful_time": settled.last_successful}
        try:
            for entry in decision.replace:
                await self._delete(cron_job, entry.name)
                changes["active"] = active = [other for other in active if other != entry]
            if decision.start is not None:
                started = await self._start(cron_job, decision.start)
                if started is not None:
                    changes["last_schedule_time"] = decision.start
                    if not started.finished and all(entry.uid != started.metadata.uid for entry in active):
                        changes["active"] = [*active, object_reference(started)]
        finally:
            await self._write(cron_job, cron_job.status.model_copy(update=changes))
        return Result(decision.wait_seconds) if decision.wait_seconds is not None else None

    async def _exists(self, entry: ObjectReference) -> bool:
        """Ask the server about a job that the cache does not know: perhaps not yet."""
        try:
            return (await self._client.get(JOBS, entry.name, namespace=entry.namespace)).metadata.uid == entry.uid
        except NotFound:
            return False

    async def _start(self, cron_job: CronJob, moment: datetime) -> Job | None:
        """Return the job for a moment, created now or before; ``None`` when its name is taken by somebody else's."""
        name, namespace = job_name(cron_job, moment), cron_job.metadata.namespace
        try:
            job = await self._client.create(JOBS, job_body(cron_job, moment), namespace=namespace)
        except AlreadyExists:
            # Perhaps our own, and nobody was left to write it down.
            job = await self._client.get(JOBS, name, namespace=namespace)
            owner = controller_of(job)
            return job if owner is not None and owner.uid == cron_job.metadata.uid else None
        except (StatusError, ConnectionFailed) as error:
            if not namespace_terminating(error):
                self._tell(cron_job, [Note(WARNING, "FailedCreate", f"Error creating job: {error}")])
            raise
        self._tell(cron_job, [Note(NORMAL, "SuccessfulCreate", f"Created job {name}")])
        return job

    async def _delete(self, cron_job: CronJob, name: str) -> None:
        namespace = cron_job.metadata.namespace
        try:
            await self._client.delete(JOBS, name, namespace=namespace, propagation_policy="Background")
        except NotFound:
            return
        except (StatusError, ConnectionFailed) as error:
            self._tell(cron_job, [Note(WARNING, "FailedDelete", f"Deleted job: {error}")])
            raise
        self._tell(cron_job, [Note(NORMAL, "SuccessfulDelete", f"Deleted job {name}")])

    def _tell(self, cron_job: CronJob, notes: Sequence[Note]) -> None:
        about = object_reference(cron_job)
        for note in notes:
            self._recorder.event(about, note.kind, note.reason, note.message)

    async def _write(self, cron_job: CronJob, status: CronJobStatus) -> None:
        if status == cron_job.status:
            return
        updated = cron_job.model_copy(update={"status": status})
        try:
            written = await self._client.replace(CRONJOBS, updated, subresource="status")
        except NotFound:
            return
        self._written.note(written)


def job_body(cron_job: CronJob, moment: datetime) -> dict[str, Any]:
    """Return the job that the template describes, for a moment (``getJobFromTemplate2`` in ``utils.go``)."""
    template = cron_job.spec.job_template
    stamp = moment.astimezone(ZoneInfo(cron_job.spec.time_zone or "UTC")).isoformat(timespec="seconds")
    return {
        "metadata": {
            "name": job_name(cron_job, moment),
            "labels": template.metadata.labels,
            "annotations": {**template.metadata.annotations, SCHEDULED_TIMESTAMP: stamp.replace("+00:00", "Z")},
            "ownerReferences": [controller_reference(cron_job)],
        },
        "spec": to_wire(template.spec),
    }
