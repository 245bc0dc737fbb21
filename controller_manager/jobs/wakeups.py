"""What a change of a Job or a pod wakes (``pkg/controller/job/job_controller.go``, v1.36)."""

from dataclasses import dataclass

from apimachinery.selectors import Selector
from apimachinery.types.batch import Job
from apimachinery.types.pod import Pod
from controller_manager.compiled_selectors import CompiledSelectors
from controller_manager.expectations import Expectations
from controller_manager.jobs.pods import tracked
from controller_manager.jobs.releases import Releases
from controller_manager.ownership import CONTROLLER_INDEX, NAMESPACE_INDEX, controller_of
from kubeclient.informer import Cache
from kubeclient.workqueue import WorkQueue

SETTLE_SECONDS = 0.05
"""How long changes of pods are collected: a thousand pods that end are a few writes. Upstream waits for a second."""


@dataclass(frozen=True, slots=True)
class OrphanPod:
    """A pod that has the tracking finalizer, and perhaps no job that will take it off."""

    key: str


Key = str | OrphanPod
"""``namespace/name`` of a Job, or a pod."""


class Wakeups:
    """Handlers of the two informers."""

    def __init__(
        self,
        queue: WorkQueue[Key],
        jobs: Cache[Job],
        pods: Cache[Pod],
        expectations: Expectations,
        releases: Releases,
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._pods = pods
        self._expectations = expectations
        self._releases = releases
        self._selectors = CompiledSelectors()

    def job_changed(self, old: Job | None, new: Job | None) -> None:
        if new is None:
            assert old is not None
            self._queue.add(old.key)
            self._selectors.forget(old)
            self._wake_orphans(old)
            return
        if old is None or old.metadata.generation != new.metadata.generation:
            self._queue.add(new.key)
        else:
            self._queue.add_after(new.key, SETTLE_SECONDS)
        if new.finished:
            self._wake_orphans(new)

    def _wake_orphans(self, job: Job) -> None:
        """Look at the pods that a job which is gone, or has ended, did not let go of."""
        for pod in self._pods.by_index(CONTROLLER_INDEX, job.metadata.uid):
            if tracked(pod):
                self._queue.add(OrphanPod(pod.key))

    def pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        pod = new or old
        assert pod is not None
        owner = self.owner_of(pod)
        if old is not None and new is not None:
            before = self.owner_of(old)
            if before is not None and (owner is None or before.key != owner.key):
                self._note_release(before, new)
                self._queue.add_after(before.key, SETTLE_SECONDS)
        if owner is None or (owner.finished and pod.deleting):
            if tracked(pod) and new is not None:
                self._queue.add(OrphanPod(pod.key))
            if controller_of(pod) is None and new is not None and not pod.deleting:
                self._wake_adopters(old, pod)
            return
        if old is None and not pod.deleting:
            self._expectations.creation_observed(owner.key)
        elif new is None or pod.deleting:
            self._expectations.deletion_observed(owner.key, pod.metadata.uid)
        if new is None:
            self._releases.observed(owner.key, pod.metadata.uid)
        else:
            self._note_release(owner, pod)
        self._queue.add_after(owner.key, SETTLE_SECONDS)

    def _note_release(self, job: Job, pod: Pod) -> None:
        if not tracked(pod):
            self._releases.observed(job.key, pod.metadata.uid)

    def _wake_adopters(self, old: Pod | None, pod: Pod) -> None:
        if old is not None and controller_of(old) is None and old.metadata.labels == pod.metadata.labels:
            return
        for job in self._jobs.by_index(NAMESPACE_INDEX, pod.metadata.namespace):
            selector = self.selector_of(job)
            if selector is not None and selector.matches(pod.metadata.labels):
                self._queue.add_after(job.key, SETTLE_SECONDS)

    def selector_of(self, job: Job) -> Selector | None:
        """Return the compiled selector; ``None`` for one that is missing, malformed or would select every pod."""
        return self._selectors.of(job, job.spec.selector) if job.spec.selector is not None else None

    def owner_of(self, pod: Pod) -> Job | None:
        """Return the job that controls the pod, when it is the one we know."""
        reference = controller_of(pod)
        if reference is None or reference.kind != Job.KIND:
            return None
        found = self._jobs.get(f"{pod.metadata.namespace}/{reference.name}")
        return found if found is not None and found.metadata.uid == reference.uid else None
