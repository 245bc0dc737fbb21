"""One pod's life on the node: from the first sight of it until it is gone (``pkg/kubelet/pod_workers.go``, v1.36)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from apimachinery.types.pod import RUNNING, Container, Pod, PodCondition, PodStatus
from kubeclient.events import WARNING
from kubelet.actions import (
    Health,
    UpdateContainer,
    UpdateSandbox,
    pod_actions,
    restarting_all,
)
from kubelet.allocation import granted_before, with_granted
from kubelet.performer import Performer
from kubelet.pod_events import PodEvents
from kubelet.pod_state import PodState
from kubelet.pods import container_names, find_container
from kubelet.resizing import Resizer
from kubelet.runtime import ContainerState, ContainerStatus, NotFound
from kubelet.server.served import SeenPod
from kubelet.services import Services
from kubelet.stages import POD_STAGES, PodEvent, RunEvent, Runs, Stage, next_stage
from kubelet.starting import RETRY_SECONDS, Starter
from kubelet.status import Observed, Verdict, lost, report, same_status
from kubelet.stepping import Stepping
from kubelet.stopping import Stopper, Turn, probe_grace, remaining_grace, turns
from kubelet.termination import with_message
from kubelet.wishes import problems

logger = logging.getLogger(__name__)

DEADLINE_EXCEEDED = Verdict("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")


class PodWorker(Stepping):
    """Brings one pod to the state it is meant to be in, and keeps it there.

    :meth:`update`, :meth:`vanish` and :meth:`wake` tell it that something has changed, and never block; it has a task,
    of ``group``, only while it works on that. Each :meth:`sync` looks at everything anew, so that a wake-up too many,
    or two that came as one, do no harm. ``state`` is what is known of the pod already; ``gone`` is called with its
    uid once nothing of it is left.
    """

    __slots__ = (
        "_annotations_changed",
        "_ending_grace",
        "_first_seen",
        "_gone",
        "_performer",
        "_pod",
        "_reported",
        "_resizer",
        "_runs",
        "_services",
        "_starter",
        "_state",
        "_stopper",
        "_verdict",
        "_wanted",
        "events",
        "stage",
    )

    def __init__(
        self, pod: Pod, state: PodState, services: Services, *, group: asyncio.TaskGroup, gone: Callable[[str], None]
    ) -> None:
        super().__init__(group, services.clock)
        self.stage = Stage.RUNNING
        self._gone = gone
        self._wanted = pod
        """The pod as the API server has it."""
        self._pod = granted_before(pod)
        """The same with the resources that the node has granted it."""
        self._services = services
        self._state = state
        self._reported = pod.status
        self._first_seen: float | None = services.clock.monotonic()
        self._runs = Runs()
        self.events = PodEvents(pod, services.recorder)
        self._resizer = Resizer(services.allocations, self)
        self._starter = Starter(services, self._state, self._runs, self)
        self._stopper = Stopper(services.runtime, services.hooks, self._clock, self._runs, self)
        self._performer = Performer(
            services, self._state, self, starter=self._starter, stopper=self._stopper, resizer=self._resizer
        )
        self._annotations_changed = True
        self._verdict: Verdict | None = None
        self._ending_grace: float | None = None
        if pod.finished:
            self._move(PodEvent.FINISHED)
        else:
            services.allocations.admit(self._pod)
        if pod.deleting:
            self._move(PodEvent.DELETED)
        self._take_up()

    def update(self, pod: Pod) -> None:
        """The API server has a newer version of the pod."""
        old, self._wanted = self._wanted, pod
        self._pod = with_granted(pod, self._pod)
        self._services.allocations.follow(self._pod)
        if same_status(pod.status, self._reported):
            # One of two equal objects is enough to keep, for each of thousands of pods.
            self._reported = pod.status
            self._services.statuses.shown(pod.metadata.uid)
        self.events.follow(pod)
        self._services.volumes.pod_changed(self._pod)
        if pod.metadata.annotations != old.metadata.annotations:
            self._annotations_changed = True
            self.wake()
        if pod.deleting:
            self._move(PodEvent.DELETED)
        # Most updates are echoes of the kubelet's own status reports.
        if (
            pod.metadata.generation != old.metadata.generation
            or pod.metadata.deletion_timestamp != old.metadata.deletion_timestamp
            or pod.metadata.deletion_grace_period_seconds != old.metadata.deletion_grace_period_seconds
            or (pod.spec.readiness_gates and pod.status.conditions != old.status.conditions)
        ):
            self.wake()

    def is_for(self, namespace: str, name: str) -> bool:
        """Whether this is the worker of the pod of that name."""
        meta = self._pod.metadata
        return meta.name == name and meta.namespace == namespace

    def seen(self) -> SeenPod:
        """Return the pod with its newest status, and what is known of it in the runtime."""
        pod, status = self._pod, self._reported
        return SeenPod(pod if pod.status is status else pod.model_copy(update={"status": status}), self._state)

    def say_again(self) -> None:
        """The API server shows another status than was reported to it: put that right."""
        self._services.statuses.say_again(self._wanted, self._reported)

    def vanish(self) -> None:
        """The API server no longer has the pod: nobody waits for it to wind down."""
        self._move(PodEvent.VANISHED)
        self.wake()

    def evict(
        self, reason: str, message: str, *, grace: float | None = None, condition: PodCondition | None = None
    ) -> None:
        """End the pod for the node's sake: phase ``Failed`` with this reason and message.

        Its containers have ``grace`` seconds to end, by default what the pod gives them. ``condition`` is shown with
        the phase. Nothing happens to a pod that is ending already.
        """
        if self.stage is not Stage.RUNNING:
            return
        self._verdict, self._ending_grace = Verdict(reason, message, condition), grace
        self._move(PodEvent.FINISHED)
        self.wake()

    def reject(self, reason: str, message: str) -> None:
        """Do not run the pod at all: phase ``Failed``. Only for one that has just come."""
        self._verdict = Verdict(reason, message, rejected=True)
        self._move(PodEvent.FINISHED)

    # What is asked of a pod's handle, beside what every stepping object has

    def event(self, container: Container | None, kind: str, reason: str, message: str) -> None:
        self.events.record(container, kind, reason, message)

    def fail(self, container: Container, run: ContainerStatus, message: str) -> None:
        self._performer.stop(self._pod, Turn(container, run), probe_grace(self._pod, container, None), message)

    def _take_up(self) -> None:
        """Look after what ran before this process did."""
        for run in self._state.running():
            container = find_container(self._pod, run.config.name)
            self._runs.begin(run.id, hook=False)
            self._state.actuated[run.id] = container.resources
            if self._state.sandbox is not None:
                self._services.probes.start(self._pod, container, run.id, self._state.sandbox.ip)

    def _note_failure(self, error: Exception) -> None:
        """One pod that cannot be handled must not be the end of all the others: it is tried again later."""
        logger.error("pod %s could not be synced", self._pod.key, exc_info=error)
        self.events.record(None, WARNING, "FailedSync", f"Error syncing pod: {error}")
        self.wake_in(RETRY_SECONDS)

    def task_name(self) -> str:
        return f"pod {self._pod.key}"

    async def step(self) -> bool:
        """Take one step, whatever comes of it; return whether nothing is left of the pod."""
        try:
            await self.sync()
        except Exception as error:
            self._note_failure(error)
        return self.stage is Stage.GONE

    def ended(self) -> None:
        self._gone(self._pod.metadata.uid)

    async def sync(self) -> None:
        """Look, act, report."""
        self._check_deadline()
        if self._annotations_changed:
            await self._pass_annotations()
        if self.stage is Stage.RUNNING:
            await self._keep_running()
        self.observe()
        if self.stage is Stage.VANISHED:
            await self._clean_up()
            return
        if self.stage is Stage.RUNNING:
            self._report()
            # The first report is what the deadline counts from.
            self._check_deadline()
        if self.stage is Stage.DELETING:
            await self._wind_down(remaining_grace(self._pod, self._clock.now()))
        elif self.stage is Stage.ENDING:
            granted = self._pod.spec.termination_grace_period_seconds
            await self._wind_down(granted if self._ending_grace is None else self._ending_grace)

    def _move(self, event: PodEvent) -> None:
        self.stage = next_stage(POD_STAGES, self.stage, event)

    async def _pass_annotations(self) -> None:
        """Let the runtime know of the pod's annotations, which may say something to it."""
        self._annotations_changed = False
        annotations = self._pod.metadata.annotations
        for problem in problems(annotations, container_names(self._pod)):
            self.events.record(None, WARNING, "InvalidAnnotation", str(problem))
        for run in self._state.running():
            self._services.probes.annotate(run.id, annotations)
            await self._services.runtime.update_container_resources(run.id, run.config.resources, annotations)

    # Looking

    def observe(self) -> None:
        """Bring the picture of what runs up to date."""
        state = self._state
        if state.sandbox is not None:
            try:
                state.sandbox = self._services.runtime.pod_sandbox_status(state.sandbox.id)
            except NotFound:
                state.sandbox = None
        for name, run in state.containers.items():
            if run.state is ContainerState.EXITED:
                continue
            try:
                now = self._services.runtime.container_status(run.id)
            except NotFound:
                now = lost(run, self._clock.now())
            if now is run:
                continue
            if now.state is ContainerState.EXITED:
                now = with_message(self._services.runtime, find_container(self._pod, name), now)
                self._services.probes.stop(run.id)
                self._starter.interrupt(run.id)
                self._runs.move(run.id, RunEvent.EXITED)
                self._starter.ended(run.id)
                self._stopper.ended(run.id)
            state.containers[name] = now

    def _check_deadline(self) -> None:
        seconds, began = self._pod.spec.active_deadline_seconds, self._reported.start_time
        if seconds is None or began is None or self.stage is not Stage.RUNNING:
            return
        left = (began + timedelta(seconds=seconds) - self._clock.now()).total_seconds()
        if left > 0:
            self.wake_in(left)
            return
        self._verdict = DEADLINE_EXCEEDED
        self.events.record(None, WARNING, DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message)
        self._move(PodEvent.FINISHED)

    def _report(self, *, terminal: bool = False, final: bool = False) -> None:
        probes, running = self._services.probes, self._state.running()
        observed = Observed(
            self._state,
            self._starter.waiting,
            started={run.id for run in running if probes.started(run.id)},
            ready={run.id for run in running if probes.ready(run.id)},
            host_ip=self._services.node.ip,
            runtime_name=self._services.runtime.name,
            unsettled=self._starter.unsettled.keys(),
            restarting_all=restarting_all(self._pod, self._state),
            resizing=self._resizer.conditions(),
            terminal=terminal,
            verdict=self._verdict,
        )
        made = report(self._pod, observed, previous=self._reported, now=self._clock.now())
        self._note_start(made.status)
        self._reported = made.status
        self._services.statuses.set(self._pod, made.status, final=final)
        if made.ended:
            self._move(PodEvent.FINISHED)

    def _note_start(self, status: PodStatus) -> None:
        """Measure how long it took from the first sight of the pod until it runs."""
        if status.phase == RUNNING and self._reported.phase != RUNNING and self._first_seen is not None:
            self._services.metrics.pod_start.observe(self._clock.monotonic() - self._first_seen)
            self._first_seen = None

    # Keeping it running

    async def _keep_running(self) -> None:
        if not await self._set_up_volumes():
            return
        if self._starter.unsettled:
            # Nobody waits for the hook of a container that has ended meanwhile.
            self.observe()
        if self._resizer.grant(self._wanted, self._pod):
            self._pod = self._wanted
            self._services.volumes.pod_changed(self._pod)
        progressed = True
        # As long as a postStart hook has not succeeded nothing else happens to the pod.
        while progressed and self.stage is Stage.RUNNING and not self._starter.unsettled:
            self.observe()
            actions = pod_actions(
                self._pod, self._state, health=self._health(), backoff=self._starter.backoff, now=self._clock.now()
            )
            progressed = False
            for action in actions:
                if self.stage is not Stage.RUNNING or self._starter.unsettled:
                    return
                progressed |= await self._performer.perform(self._pod, action)
            pending = any(isinstance(action, UpdateContainer | UpdateSandbox) for action in actions)
            stopping = any(self._stopper.stopping(run.id) for run in self._state.running())
            self._resizer.settle(self._pod, done=not pending and not stopping)

    async def _set_up_volumes(self) -> bool:
        progress = await self._services.volumes.set_up(self._pod)
        for reason, message in progress.faults:
            self.events.record(None, WARNING, reason, message)
        if not progress.ready:
            self.wake_in(progress.retry_after)
        return progress.ready

    def _health(self) -> Health:
        probes, failed, started = self._services.probes, {}, set()
        for run in self._state.running():
            if probes.started(run.id):
                started.add(run.id)
            kind = probes.failed(run.id)
            if kind is not None and not self._stopper.stopping(run.id):
                failed[run.id] = kind
        return Health(failed, started)

    # Stopping

    async def _wind_down(self, grace: float) -> None:
        """Stop what runs; once nothing does, report the end and let go of the sandbox."""
        running = self._state.running()
        if running:
            for run in running:
                self._services.probes.wind_down(run.id)
            for turn in turns(self._pod, running):
                self._performer.stop(self._pod, turn, grace, f"Stopping container {turn.container.name}")
            self._report()
            return
        sandbox = self._state.sandbox
        if sandbox is not None and self._state.sandbox_ready:
            await self._services.runtime.stop_pod_sandbox(sandbox.id)
            self.observe()
        self._services.allocations.release(self._pod.metadata.uid)
        self._report(terminal=True, final=self.stage is Stage.DELETING)

    async def _clean_up(self) -> None:
        """Remove everything of the pod from the node, at once."""
        services, uid = self._services, self._pod.metadata.uid
        services.images.forget(uid)
        for run in self._state.containers.values():
            services.probes.stop(run.id)
        await self._performer.forget_former_sandbox()
        if self._state.sandbox is not None:
            try:
                await self._services.runtime.remove_pod_sandbox(self._state.sandbox.id)
            except NotFound:
                logger.debug("the sandbox of pod %s is gone already", self._pod.key)
            # Hooks that are still under way are of no use to containers that are gone.
            self.observe()
        services.allocations.release(uid)
        services.volumes.tear_down(uid)
        services.statuses.forget(uid)
        self._move(PodEvent.CLEANED_UP)
