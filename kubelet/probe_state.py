"""What a row of probe results means for a container (``pkg/kubelet/prober/worker.go``, v1.36)."""

import enum
from dataclasses import dataclass

from apimachinery.types.pod import (
    Container,
)
from apimachinery.types.probes import (
    Probe,
)


class ProbeKind(enum.StrEnum):
    """The names are those of upstream's events: "Readiness probe failed: …"."""

    LIVENESS = "Liveness"
    READINESS = "Readiness"
    STARTUP = "Startup"


class Result(enum.Enum):
    """``UNKNOWN`` as a single outcome means that the probe itself could not be carried out."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


INITIAL_RESULT = {
    ProbeKind.LIVENESS: Result.SUCCESS,
    ProbeKind.READINESS: Result.FAILURE,
    ProbeKind.STARTUP: Result.UNKNOWN,
}
"""What counts before a threshold is reached for the first time."""


def probes_of(container: Container) -> dict[ProbeKind, Probe]:
    """Return the probes that a container declares."""
    declared = {
        ProbeKind.STARTUP: container.startup_probe,
        ProbeKind.LIVENESS: container.liveness_probe,
        ProbeKind.READINESS: container.readiness_probe,
    }
    return {kind: probe for kind, probe in declared.items() if probe is not None}


@dataclass(slots=True)
class ProbeState:
    """One probe of one container: counts outcomes against the thresholds.

    >>> state = ProbeState(ProbeKind.READINESS, success_threshold=1, failure_threshold=2)
    >>> state.observe(Result.SUCCESS), state.result
    (True, <Result.SUCCESS: 'success'>)
    >>> state.observe(Result.FAILURE), state.observe(Result.FAILURE), state.result
    (False, True, <Result.FAILURE: 'failure'>)
    """

    kind: ProbeKind
    success_threshold: int
    failure_threshold: int
    result: Result = Result.UNKNOWN
    _last: Result | None = None
    _run: int = 0

    def __post_init__(self) -> None:
        self.result = INITIAL_RESULT[self.kind]

    def observe(self, outcome: Result) -> bool:
        """Count one outcome and return whether :attr:`result` has changed by it.

        ``UNKNOWN`` says nothing about the container and is not counted.
        """
        if outcome is Result.UNKNOWN:
            return False
        self._run = self._run + 1 if outcome is self._last else 1
        self._last = outcome
        threshold = self.success_threshold if outcome is Result.SUCCESS else self.failure_threshold
        if self._run < threshold or outcome is self.result:
            return False
        self.result = outcome
        return True

    @property
    def final(self) -> bool:
        """Whether nothing more can come of probing this container.

        A failed liveness or startup probe has it killed, a startup probe that succeeded has done its work.
        """
        if self.kind is ProbeKind.READINESS:
            return False
        return self.result is Result.FAILURE or (self.kind is ProbeKind.STARTUP and self.result is Result.SUCCESS)
