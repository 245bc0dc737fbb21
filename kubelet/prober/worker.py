"""When a probe is carried out (``pkg/kubelet/prober/worker.go``, v1.36)."""

from collections.abc import Callable

from apimachinery.clock import Clock
from apimachinery.types.probes import Probe
from kubelet.probe_state import ProbeKind, ProbeState, Result
from kubelet.prober.outcome import Cancel, Check, Outcome
from kubelet.prober.timetable import Alarm, Timetable

STARTUP_MARGIN_SECONDS = 0.05
"""A program needs a moment to open its port. Up to twice this passes before the first probe, at random, so that
containers started together are not probed together."""


def first_due(*, started: float, initial_delay: float, period: float, now: float, draw: float, taken_up: bool) -> float:
    """Return when a container is first probed; all in seconds, ``draw`` is random in [0, 1).

    That is when its initial delay has passed. ``taken_up`` says that the pod ran before and its kubelet has only just
    started: a node's worth of such probes is spread over a period, as upstream's are.

    Upstream's ticks begin with the pod, not with the container, so that its first probe comes up to a period later than
    the initial delay asks; here it comes at once.
    """
    due = max(started + initial_delay, now + period * draw if taken_up else now)
    return due + STARTUP_MARGIN_SECONDS * (1 + draw)


def next_due(due: float, period: float, now: float) -> float:
    """Return when to probe after the probe that was due at ``due`` has come to its end ``now``.

    The beat is kept: a probe that outlasted a period or more is followed by one at once, then on the beat again.
    """
    missed = int((now - due) / period)
    return due + period * max(1, missed)


class ProbeWorker:
    """Probes one container in one way, for as long as that run of it lasts.

    ``changed(worker)`` is called when :attr:`state`'s result has become another, ``noted(worker, outcome)`` after every
    single probe that there is something to say about: one that did not succeed, or succeeded with a warning.
    """

    __slots__ = (
        "_attempt",
        "_changed",
        "_check",
        "_clock",
        "_due",
        "_next",
        "_noted",
        "_period",
        "_stopped",
        "_timetable",
        "failures",
        "state",
        "successes",
        "unknowns",
    )

    def __init__(
        self,
        kind: ProbeKind,
        probe: Probe,
        check: Check,
        *,
        timetable: Timetable,
        clock: Clock,
        changed: "Callable[[ProbeWorker], None]",
        noted: "Callable[[ProbeWorker, Outcome], None]",
    ) -> None:
        self.successes = self.failures = self.unknowns = 0
        """How many probes have come to which end."""
        self.state = ProbeState(kind, max(1, probe.success_threshold), max(1, probe.failure_threshold))
        self._period = float(max(1, probe.period_seconds))
        self._check = check
        self._timetable = timetable
        self._clock = clock
        self._changed = changed
        self._noted = noted
        self._due = 0.0
        self._next: Alarm | None = None
        self._attempt: Cancel | None = None
        self._stopped = False

    def start(self, due: float) -> None:
        """Probe at ``due`` for the first time, then every period until nothing more can come of it."""
        self._due = due
        self._next = self._timetable.at(due, self._begin)

    def stop(self) -> None:
        """Probe no more; a probe under way is given up. May be repeated."""
        self._stopped = True
        if self._next is not None:
            self._next.cancel()
            self._next = None
        if self._attempt is not None:
            self._attempt()
            self._attempt = None

    def _begin(self) -> None:
        self._next = None
        self._timetable.note_lateness(self._clock.monotonic() - self._due)
        attempt = self._check.begin(self._finish)
        # It may be over already.
        if self._next is None and not self._stopped:
            self._attempt = attempt

    def _finish(self, outcome: Outcome) -> None:
        self._attempt = None
        if outcome.result is Result.SUCCESS:
            self.successes += 1
        elif outcome.result is Result.FAILURE:
            self.failures += 1
        else:
            self.unknowns += 1
        if outcome.message or outcome.result is not Result.SUCCESS:
            self._noted(self, outcome)
        if self.state.observe(outcome.result):
            self._changed(self)
        if self.state.final:
            self._stopped = True
        elif not self._stopped:
            self._due = next_due(self._due, self._period, self._clock.monotonic())
            self._next = self._timetable.at(self._due, self._begin)
