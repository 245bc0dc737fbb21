"""Who is probed: all probes of all containers of one node (``pkg/kubelet/prober/prober_manager.go``, v1.36)."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from apimachinery.clock import Clock
from apimachinery.types.core import object_reference
from apimachinery.types.pod import (
    Container,
    Pod,
)
from apimachinery.types.probes import (
    Probe,
)
from kubeclient.events import WARNING, EventRecorder
from kubelet.pods import field_path
from kubelet.probe_state import ProbeKind, Result, probes_of
from kubelet.prober.outcome import Outcome, Subject
from kubelet.prober.prober import Prober
from kubelet.prober.wished import WishedCheck
from kubelet.prober.worker import ProbeWorker, first_due
from kubelet.wishes import Failing, read_wishes

_EVENTS = {
    Result.SUCCESS: ("ProbeWarning", "warning"),
    Result.FAILURE: ("Unhealthy", "failed"),
    Result.UNKNOWN: ("Unhealthy", "errored and resulted in unknown state"),
}


@dataclass(frozen=True, slots=True)
class ProbeCount:
    """How many probes of a container have had a result: ``successful``, ``failed`` or ``unknown``."""

    pod: Pod
    container: str
    kind: ProbeKind
    result: str
    number: int


@dataclass(slots=True)
class _Probed:
    """One run of a container that has probes; ``started`` is on the clock's monotonic time."""

    pod: Pod
    subject: Subject
    started: float
    probes: dict[ProbeKind, Probe]
    workers: dict[ProbeKind, ProbeWorker] = field(default_factory=dict)
    failing: tuple[Failing, ...] = ()


class ProbeManager:
    """Starts and ends probing, and answers what it has found.

    ``wake(uid)`` is called when a result about one of a pod's containers has changed; ``image_annotations`` tells those
    of an image, by its reference.
    """

    def __init__(
        self,
        prober: Prober,
        clock: Clock,
        recorder: EventRecorder,
        rng: random.Random,
        *,
        wake: Callable[[str], None],
        image_annotations: Callable[[str], Mapping[str, str]] = lambda image: {},
    ) -> None:
        self._prober = prober
        self._image_annotations = image_annotations
        self._clock = clock
        self._recorder = recorder
        self._rng = rng
        self._wake = wake
        self._began, self._began_at = clock.monotonic(), clock.now()
        self._probed: dict[str, _Probed] = {}

    def start(self, pod: Pod, container: Container, container_id: str, pod_ip: str) -> None:
        """A container has started: probe it as it asks for. The startup probe, if any, comes before the others."""
        probes = probes_of(container)
        if not probes:
            return
        subject = Subject(container, container_id, pod_ip)
        probed = self._probed[container_id] = _Probed(pod, subject, self._clock.monotonic(), probes)
        self.annotate(container_id, pod.metadata.annotations)
        if ProbeKind.STARTUP in probes:
            self._add(probed, ProbeKind.STARTUP)
        else:
            self._start_remaining(probed)

    def annotate(self, container_id: str, annotations: Mapping[str, str]) -> None:
        """These are the annotations of a container's pod; they may have probes fail."""
        probed = self._probed.get(container_id)
        if probed is not None:
            container = probed.subject.container
            probed.failing = read_wishes(
                container.name, {**self._image_annotations(container.image), **annotations}
            ).fail_probe

    def stop(self, container_id: str) -> None:
        """A container has ended: probe it no more. May be repeated."""
        probed = self._probed.pop(container_id, None)
        if probed is not None:
            for worker in probed.workers.values():
                worker.stop()

    def wind_down(self, container_id: str) -> None:
        """A container's pod is ending: only whether it is ready is still of interest. May be repeated."""
        probed = self._probed.get(container_id)
        if probed is not None:
            for kind in (ProbeKind.STARTUP, ProbeKind.LIVENESS):
                if kind in probed.workers:
                    probed.workers[kind].stop()

    def started(self, container_id: str) -> bool:
        """Whether a running container is past its startup probe."""
        return self._result(container_id, ProbeKind.STARTUP) in {None, Result.SUCCESS}

    def ready(self, container_id: str) -> bool:
        """Whether a running container is ready; one without a readiness probe is, once it has started."""
        if not self.started(container_id):
            return False
        return self._result(container_id, ProbeKind.READINESS) in {None, Result.SUCCESS}

    def failed(self, container_id: str) -> ProbeKind | None:
        """Return the probe for which a container must be killed."""
        for kind in (ProbeKind.STARTUP, ProbeKind.LIVENESS):
            if self._result(container_id, kind) is Result.FAILURE:
                return kind
        return None

    def counts(self) -> Iterator[ProbeCount]:
        """Yield how often each container that is probed now has been, by kind of probe and result."""
        for probed in self._probed.values():
            for kind, worker in probed.workers.items():
                named = {"successful": worker.successes, "failed": worker.failures, "unknown": worker.unknowns}
                for result, number in named.items():
                    if number:
                        yield ProbeCount(probed.pod, probed.subject.container.name, kind, result, number)

    def _result(self, container_id: str, kind: ProbeKind) -> Result | None:
        """Return a probe's result, ``None`` when there is no such probe."""
        probed = self._probed.get(container_id)
        if probed is None or kind not in probed.probes:
            return None
        worker = probed.workers.get(kind)
        return worker.state.result if worker is not None else Result.UNKNOWN

    def _start_remaining(self, probed: _Probed) -> None:
        for kind in (ProbeKind.LIVENESS, ProbeKind.READINESS):
            if kind in probed.probes:
                self._add(probed, kind)

    def _add(self, probed: _Probed, kind: ProbeKind) -> None:
        probe, now = probed.probes[kind], self._clock.monotonic()
        worker = probed.workers[kind] = ProbeWorker(
            kind,
            probe,
            WishedCheck(self._prober.check(probe, probed.subject), lambda: self._is_to_fail(probed, kind)),
            timetable=self._prober.timetable,
            clock=self._clock,
            changed=lambda worker: self._note_change(probed, worker.state.kind),
            noted=lambda worker, outcome: self._report(probed, worker.state.kind, outcome),
        )
        period = float(max(1, probe.period_seconds))
        worker.start(
            first_due(
                started=probed.started,
                initial_delay=probe.initial_delay_seconds,
                period=period,
                now=now,
                draw=self._rng.random(),
                taken_up=now - self._began < period and self._ran_before(probed.pod),
            )
        )

    def _is_to_fail(self, probed: _Probed, kind: ProbeKind) -> bool:
        if not probed.failing:
            return False
        age = self._clock.monotonic() - probed.started
        return any(failing.covers(kind.value, age) for failing in probed.failing)

    def _ran_before(self, pod: Pod) -> bool:
        """Whether an earlier kubelet process ran this pod."""
        began = pod.status.start_time
        return began is not None and began < self._began_at.replace(microsecond=0)

    def _note_change(self, probed: _Probed, kind: ProbeKind) -> None:
        if kind is ProbeKind.STARTUP and probed.workers[kind].state.result is Result.SUCCESS:
            self._start_remaining(probed)
        self._wake(probed.pod.metadata.uid)

    def _report(self, probed: _Probed, kind: ProbeKind, outcome: Outcome) -> None:
        reason, verb = _EVENTS[outcome.result]
        about = object_reference(probed.pod, field_path(probed.pod, probed.subject.container))
        self._recorder.event(about, WARNING, reason, f"{kind} probe {verb}: {outcome.message}")
