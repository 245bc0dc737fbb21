"""The TTL controller: deletes Jobs some time after they have ended (``pkg/controller/ttlafterfinished``, v1.36)."""

from datetime import datetime

from apimachinery.errors import NotFound
from apimachinery.types.batch import Job
from controller_manager.controller import Context, Result
from kubeclient.resources import JOBS


class TtlAfterFinishedController:
    """Woken by Jobs, and by their time."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_ttl_after_finished_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._queue = context.queue
        jobs = context.informers.informer(JOBS)
        jobs.on_change(self._job_changed)
        self._jobs = jobs.cache

    def _job_changed(self, old: Job | None, new: Job | None) -> None:
        if new is not None and seconds_left(new, self._clock.now()) is not None:
            self._queue.add(new.key)

    async def reconcile(self, key: str) -> Result | None:
        job = self._jobs.get(key)
        left = seconds_left(job, self._clock.now()) if job is not None else None
        if job is None or left is None:
            return None
        if left > 0:
            return Result(left)
        meta = job.metadata
        try:
            # The cache may be late: whoever has just given the job more time must not lose it.
            job = await self._client.get(JOBS, meta.name, namespace=meta.namespace)
            left = seconds_left(job, self._clock.now())
            if left is None or job.metadata.uid != meta.uid:
                return None
            if left > 0:
                return Result(left)
            await self._client.delete(
                JOBS,
                meta.name,
                namespace=meta.namespace,
                uid=meta.uid,
                resource_version=job.metadata.resource_version,
                propagation_policy="Foreground",
            )
        except NotFound:
            return None
        return None


def seconds_left(job: Job, now: datetime) -> float | None:
    """Return how long a job that has ended is still kept; ``None`` when it is not to be deleted at all."""
    ended, limit = job.finished_as, job.spec.ttl_seconds_after_finished
    if ended is None or ended.last_transition_time is None or limit is None:
        return None
    if job.metadata.deletion_timestamp is not None:
        return None
    return max(0.0, limit - (now - ended.last_transition_time).total_seconds())
