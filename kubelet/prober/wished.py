"""Probes that fail because somebody wants to see them fail."""

from collections.abc import Callable

from kubelet.probe_state import Result
from kubelet.prober.outcome import Cancel, Check, Done, Foregone, Outcome

_FAILURE = Foregone(Outcome(Result.FAILURE, "as the annotation kubemu.io/fail-probe asks"))


class WishedCheck:
    """A check that fails without a try while ``is_to_fail`` says so."""

    __slots__ = ("_check", "_is_to_fail")

    def __init__(self, check: Check, is_to_fail: Callable[[], bool]) -> None:
        self._check = check
        self._is_to_fail = is_to_fail

    def begin(self, done: Done) -> Cancel:
        return (_FAILURE if self._is_to_fail() else self._check).begin(done)
