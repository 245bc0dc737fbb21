"""When a probe is carried out (``pkg/kubelet/prober/worker.go``, v1.36)."""

import random
from collections.abc import Callable

from apimachinery.clock import Clock
from apimachinery.types.probes import (
    Probe,
)
from kubelet.probe_state import ProbeKind, ProbeState, Result
from kubelet.prober.prober import Outcome, Prober, Subject

STARTUP_MARGIN_SECONDS = 0.05
"""A program needs a moment to open its port. Up to twice this passes before the first probe, at random, so that
containers started together are not probed together."""


class ProbeWorker:
    """Probes one container in one way, for as long as that run of it lasts.

    ``changed()`` is called when :attr:`state`'s result has become another, ``noted(outcome)`` after every single
    probe that there is something to say about: one that did not succeed, or succeeded with a warning.
    """

    def __init__(
        self,
        kind: ProbeKind,
        probe: Probe,
        subject: Subject,
        *,
        prober: Prober,
        clock: Clock,
        rng: random.Random,
        changed: Callable[[], None],
        noted: Callable[[Outcome], None],
    ) -> None:
        self.state = ProbeState(kind, max(1, probe.success_threshold), max(1, probe.failure_threshold))
        self._probe = probe
        self._subject = subject
        self._prober = prober
        self._clock = clock
        self._rng = rng
        self._changed = changed
        self._noted = noted

    async def run(self) -> None:
        """Probe once the initial delay has passed, then every period, until nothing more can come of it."""
        period = float(max(1, self._probe.period_seconds))
        due = self._clock.monotonic() + self._probe.initial_delay_seconds
        due += STARTUP_MARGIN_SECONDS * (1 + self._rng.random())
        while True:
            await self._clock.sleep(due - self._clock.monotonic())
            await self.step()
            if self.state.final:
                return
            # A probe that took longer than a period is followed by the next at once, not by several.
            due = max(due + period, self._clock.monotonic())

    async def step(self) -> None:
        """Carry out one probe and take note of what it found."""
        outcome = await self._prober.probe(self._probe, self._subject)
        if outcome.message or outcome.result is not Result.SUCCESS:
            self._noted(outcome)
        if self.state.observe(outcome.result):
            self._changed()
