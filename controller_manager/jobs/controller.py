"""The Job controller: runs pods until enough of them have succeeded, or too many have failed.

Follows ``pkg/controller/job/job_controller.go`` (v1.36). One look at a job: count its pods (``observed``), see whether
it is to end (``verdict``), if not what pods it lacks (``plan``), carry that out, and account for the pods that have
ended (``tracking``).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from apimachinery.errors import NotFound
from apimachinery.patch_types import PatchType
from apimachinery.selectors import Selector
from apimachinery.types.batch import Job, JobStatus
from apimachinery.types.core import object_reference
from apimachinery.types.pod import Pod
from controller_manager.batches import all_at_once, slow_start
from controller_manager.controller import Context, Result
from controller_manager.expectations import Expectations
from controller_manager.jobs.backoff import Backoff
from controller_manager.jobs.observed import Observed, observe
from controller_manager.jobs.plan import Plan, plan
from controller_manager.jobs.pod_template import PodTemplate
from controller_manager.jobs.pods import TRACKING_FINALIZER, is_failed, tracked
from controller_manager.jobs.releases import Releases
from controller_manager.jobs.tracking import count_released, finish, track, with_condition
from controller_manager.jobs.verdict import Verdict, completion, deadline_seconds, verdict
from controller_manager.jobs.wakeups import Key, OrphanPod, Wakeups
from controller_manager.ownership import (
    CONTROLLER_INDEX,
    NAMESPACE_INDEX,
    controller_of,
    index_by_controller,
    index_by_namespace,
    orphan_key,
)
from controller_manager.pod_control import PodControl
from controller_manager.written import Written
from kubeclient.events import NORMAL, WARNING
from kubeclient.resources import JOBS, PODS

logger = logging.getLogger(__name__)

NAME = "job-controller"

CONTROLLER_NAME = "kubernetes.io/job-controller"
"""What ``spec.managedBy`` says when the job is this controller's after all."""

PARALLEL_WRITES = 32
"""How many writes of pods of one job are under way at once."""


@dataclass(slots=True)
class Course:
    """What has become of a job in one look at it."""

    job: Job
    verdict: Verdict | None = None
    active: int = 0
    ready: int = 0
    terminating: int = 0
    errors: Sequence[Exception] = ()
    wait: float | None = None
    news: tuple[str, str] | None = None
    """Reason and message of an event about what is written in the status."""

    def deleted(self, pods: Sequence[Pod]) -> None:
        """Count pods whose deletion has been asked for."""
        self.active -= len(pods)
        self.ready -= sum(pod.ready for pod in pods)
        self.terminating += len(pods)

    def look_again(self, seconds: float | None) -> None:
        if seconds is not None:
            self.wait = seconds if self.wait is None else min(self.wait, seconds)


class JobController:
    """Woken by Jobs and pods."""

    def __init__(self, context: Context) -> None:
        self.workers = context.settings.concurrent_job_syncs
        self._client = context.client
        self._clock = context.client.clock
        self._recorder = context.recorder(NAME)
        self._control = PodControl(context.client, self._recorder, JOBS, (TRACKING_FINALIZER,))
        self._expectations = Expectations(self._clock)
        self._releases = Releases()
        self._backoffs: dict[str, Backoff] = {}
        self._written = Written()
        jobs = context.informers.informer(JOBS, {NAMESPACE_INDEX: index_by_namespace})
        pods = context.informers.informer(PODS, {CONTROLLER_INDEX: index_by_controller})
        self._jobs = jobs.cache
        self._pods = pods.cache
        self._wakeups = Wakeups(context.queue, self._jobs, self._pods, self._expectations, self._releases)
        jobs.on_change(self._wakeups.job_changed)
        pods.on_change(self._wakeups.pod_changed)

    async def reconcile(self, key: Key) -> Result | None:
        if isinstance(key, OrphanPod):
            await self._let_orphan_go(key.key)
            return None
        job = self._jobs.get(key)
        if job is None:
            self._forget(key)
            self._expectations.forget(key)
            self._releases.forget(key)
            return None
        if job.spec.managed_by not in {None, CONTROLLER_NAME}:
            return None
        if job.finished:
            self._forget(key)
            return None
        if self._written.is_ahead_of(job):
            return None
        course = await self._sync(job)
        if course.errors:
            raise course.errors[0]
        if not self._expectations.satisfied(key):
            course.look_again(self._expectations.remaining_seconds(key))
        return Result(course.wait) if course.wait is not None else None

    def _forget(self, key: str) -> None:
        self._backoffs.pop(key, None)
        self._written.forget(key)

    async def _sync(self, job: Job) -> Course:
        selector = self._wakeups.selector_of(job)
        if selector is None:
            return Course(job)
        # Before the pods are read: what is satisfied now is in the cache that is read next.
        counted = self._expectations.satisfied(job.key)
        pods = await self._claim(job, selector)
        now = self._clock.now()
        observed = observe(job, pods, self._releases.pending(job.key))
        known = self._backoffs.get(job.key) or _backoff_so_far(job, pods)
        backoff = known.after(observed.new_succeeded, observed.new_failed)
        if job.status.start_time is None and not job.spec.suspend:
            job = job.model_copy(update={"status": job.status.model_copy(update={"start_time": now})})
        course = Course(
            job,
            verdict(observed, now),
            active=len(observed.active),
            ready=observed.ready,
            terminating=len(observed.terminating),
        )
        if course.verdict is not None:
            await self._end(course, observed, counted=counted)
        else:
            course.look_again(deadline_seconds(job, now))
            await self._go_on(course, observed, backoff, counted=counted)
        await self._account(course, observed, backoff)
        return course

    async def _claim(self, job: Job, selector: Selector) -> list[Pod]:
        """Return the job's pods, after adopting and releasing what there is to."""
        candidates = self._pods.by_index(CONTROLLER_INDEX, job.metadata.uid)
        candidates += self._pods.by_index(CONTROLLER_INDEX, orphan_key(job.metadata.namespace))
        return await self._control.claim(job, selector, candidates)

    # What it does to pods

    async def _end(self, course: Course, observed: Observed, *, counted: bool) -> None:
        """Delete what still runs. The verdict waits until that has been done to all pods that there may be."""
        if not counted:
            course.verdict = None
            return
        failures = await self._delete(course, observed.active, uncounted=False)
        course.errors = failures
        if failures:
            course.verdict = None

    async def _go_on(self, course: Course, observed: Observed, backoff: Backoff, *, counted: bool) -> None:
        managed = counted and course.job.metadata.deletion_timestamp is None
        if managed:
            step = plan(observed, backoff, self._clock.now())
            course.look_again(step.wait_seconds)
            if step.delete:
                course.errors = await self._delete(course, step.delete, uncounted=True)
            elif step.create:
                await self._create(course, observed, step)
        course.verdict = completion(observed, course.active)
        if course.verdict is None and managed:
            self._note_suspension(course)

    def _note_suspension(self, course: Course) -> None:
        job, now = course.job, self._clock.now()
        status, verb = ("True", "Suspended") if job.spec.suspend else ("False", "Resumed")
        message = f"Job {verb.lower()}"
        conditions = with_condition(job.status.conditions, "Suspended", status, f"Job{verb}", message, now)
        if conditions is job.status.conditions:
            return
        changes: dict[str, object] = {"conditions": conditions}
        if not job.spec.suspend:
            # The deadline is for how long it is active without a break.
            changes["start_time"] = now
        course.job = job.model_copy(update={"status": job.status.model_copy(update=changes)})
        course.news = (verb, message)

    async def _create(self, course: Course, observed: Observed, step: Plan) -> None:
        job, key, count = course.job, course.job.key, len(step.create)
        template, indexes = PodTemplate(job), iter(step.create)
        self._expectations.expect_creations(key, count)

        async def create_one() -> None:
            index = next(indexes)
            replaced = observed.to_replace.get(index) if index is not None else None
            created = False
            try:
                created = await self._control.create(job, template.body(index, replaced))
            finally:
                if created:
                    course.active += 1
                else:
                    self._expectations.creation_observed(key)

        result = await slow_start(create_one, count, PARALLEL_WRITES)
        if skipped := count - result.attempted:
            self._expectations.creation_observed(key, skipped)
        course.errors = result.errors

    async def _delete(self, course: Course, pods: Sequence[Pod], *, uncounted: bool) -> list[Exception]:
        """Delete ``pods``; with ``uncounted`` they leave without being taken for failed."""
        job, key = course.job, course.job.key
        if not pods:
            return []
        self._expectations.expect_deletions(key, {pod.metadata.uid for pod in pods})

        async def delete_one(pod: Pod) -> None:
            deleted = False
            try:
                if uncounted and tracked(pod):
                    await self._take_finalizer(pod)
                deleted = await self._control.delete(job, pod)
                course.deleted([pod])
            finally:
                if not deleted:
                    self._expectations.deletion_observed(key, pod.metadata.uid)

        return await all_at_once(delete_one, pods, PARALLEL_WRITES)

    async def _take_finalizer(self, pod: Pod) -> None:
        """Take the tracking finalizer off, if the pod is still there."""
        patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": [TRACKING_FINALIZER]}}
        meta = pod.metadata
        try:
            await self._client.patch(PODS, meta.name, patch, namespace=meta.namespace, patch_type=PatchType.STRATEGIC)
        except NotFound:
            return

    async def _let_orphan_go(self, key: str) -> None:
        """Take the finalizer off a pod that no job is going to count."""
        pod = self._pods.get(key)
        if pod is None or not tracked(pod):
            return
        controller = controller_of(pod)
        if controller is not None:
            if controller.kind != Job.KIND or controller.api_version != Job.API_VERSION:
                return
            job = self._wakeups.owner_of(pod)
            if job is not None and (job.spec.managed_by not in {None, CONTROLLER_NAME} or not job.finished):
                return
        await self._take_finalizer(pod)

    # What it writes

    async def _account(self, course: Course, observed: Observed, backoff: Backoff) -> None:
        """Count the pods that have ended, in steps that may be interrupted between any two."""
        key, now = course.job.key, self._clock.now()
        status = course.job.status.model_copy(
            update={"active": course.active, "ready": course.ready, "terminating": course.terminating}
        )
        tracking = track(observed, status, course.verdict, now)
        job = await self._write(observed.job, tracking.status)
        self._backoffs[key] = backoff
        if course.news is not None:
            self._recorder.event(object_reference(job), NORMAL, *course.news)
        failures = await self._release(job, tracking.release)
        left = set(observed.to_count).difference(self._releases.pending(key))
        status = count_released(job.status, left)
        ended = None
        if course.verdict is not None and not failures and not tracking.more:
            ended = finish(status, course.verdict, now)
        await self._write(job, ended or status)
        if ended is not None and course.verdict is not None:
            self._tell_end(job, ended, course.verdict)
        course.errors = [*course.errors, *failures]

    async def _release(self, job: Job, pods: Sequence[Pod]) -> list[Exception]:
        async def release_one(pod: Pod) -> None:
            uid = pod.metadata.uid
            self._releases.expect(job.key, uid)
            try:
                await self._take_finalizer(pod)
            except BaseException:
                self._releases.observed(job.key, uid)
                raise

        return await all_at_once(release_one, pods, PARALLEL_WRITES)

    async def _write(self, job: Job, status: JobStatus) -> Job:
        """Write the status if it changed; return the job as it is then."""
        if status == job.status:
            return job
        updated = job.model_copy(update={"status": status})
        try:
            written = await self._client.replace(JOBS, updated, subresource="status")
        except NotFound:
            # It was deleted meanwhile. Its pods are let go all the same.
            return updated
        self._written.note(written)
        return written

    def _tell_end(self, job: Job, status: JobStatus, verdict: Verdict) -> None:
        about = object_reference(job)
        if not verdict.success:
            self._recorder.event(about, WARNING, verdict.reason, verdict.message)
            return
        completions = job.spec.completions
        if completions is not None and status.succeeded > completions:
            message = "Too many succeeded pods running after completion count reached"
            self._recorder.event(about, WARNING, "TooManySucceededPods", message)
        self._recorder.event(about, NORMAL, "Completed", "Job completed")


def _backoff_so_far(job: Job, pods: Sequence[Pod]) -> Backoff:
    """Return the back-off that the pods counted before tell of: who has just started knows of no other."""
    counted = [pod for pod in pods if not tracked(pod)]
    return Backoff().after(
        [pod for pod in counted if pod.status.phase == "Succeeded"], [pod for pod in counted if is_failed(job, pod)]
    )
