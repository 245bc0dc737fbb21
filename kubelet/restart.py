"""Whether a container that has ended is started again, and when.

Policies and rules follow ``ContainerShouldRestart`` and ``ShouldAllContainersRestart``
(``pkg/kubelet/container/helpers.go``, v1.36), the back-off ``doBackOff`` (``pkg/kubelet/kuberuntime``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apimachinery.duration import go_duration
from apimachinery.types.pod import Container, ContainerRestartRule, Pod
from kubelet.few import NONE, put, without
from kubelet.pods import all_containers, full_name, is_sidecar

ALWAYS = "Always"
ON_FAILURE = "OnFailure"
NEVER = "Never"

RESTART = "Restart"
RESTART_ALL_CONTAINERS = "RestartAllContainers"

INITIAL_SECONDS = 10.0
LIMIT_SECONDS = 300.0
FORGET_SECONDS = 600.0
"""A container that has lasted this long since its last start begins with the shortest delay again."""


def effective_policy(pod: Pod, container: Container, *, init: bool) -> str:
    """Return the restart policy that holds for one container.

    A container's own policy comes before the pod's. An init container that has done its work is not repeated, so the
    pod's ``Always`` means ``OnFailure`` for it; a sidecar is always restarted.
    """
    if init:
        if is_sidecar(container):
            return ALWAYS
        policy = container.restart_policy or pod.spec.restart_policy
        return NEVER if policy == NEVER else ON_FAILURE
    return container.restart_policy or pod.spec.restart_policy


def should_restart(policy: str, exit_code: int) -> bool:
    """Whether a container that ended with ``exit_code`` is to run again."""
    return policy == ALWAYS or (policy == ON_FAILURE and exit_code != 0)


def restart_rule(container: Container, exit_code: int) -> ContainerRestartRule | None:
    """Return the first of a container's rules that is about this exit code."""
    for rule in container.restart_policy_rules:
        codes = rule.exit_codes
        if codes is not None and (exit_code in codes.values) == (codes.operator == "In"):
            return rule
    return None


def restarts_all(container: Container, exit_code: int) -> bool:
    """Whether a container's end with ``exit_code`` has all containers of its pod begin anew."""
    rule = restart_rule(container, exit_code)
    return rule is not None and rule.action == RESTART_ALL_CONTAINERS


def may_restart_all(pod: Pod) -> bool:
    """Whether any of a pod's containers has a rule by which all of them begin anew."""
    return any(
        rule.action == RESTART_ALL_CONTAINERS
        for container in all_containers(pod)
        for rule in container.restart_policy_rules
    )


def runs_again(pod: Pod, container: Container, exit_code: int, *, init: bool) -> bool:
    """Whether a container that ended with ``exit_code`` is to run again: by its rules, or else by its policy."""
    if restart_rule(container, exit_code) is not None:
        return True
    return should_restart(effective_policy(pod, container, init=init), exit_code)


def could_run_again(pod: Pod, container: Container, *, init: bool) -> bool:
    """Whether there is any exit code after which a container would run again."""
    return bool(container.restart_policy_rules) or effective_policy(pod, container, init=init) != NEVER


@dataclass(slots=True)
class _Entry:
    delay: float
    started: datetime


class RestartBackoff:
    """How long each container of one pod rests before its next start.

    The first restart is immediate. From then on a container rests, counted from its end, 10 s, 20 s, 40 s and so
    on up to 300 s; it begins anew when its last run ended more than 600 s after it was started.
    """

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: Mapping[str, _Entry] = NONE

    def resting_until(self, container: str, ended: datetime, now: datetime) -> datetime | None:
        """Return until when a container that ended at ``ended`` must rest, ``None`` when it may start now."""
        entry = self._entries.get(container)
        if entry is None or _forgotten(entry, ended):
            return None
        until = ended + timedelta(seconds=entry.delay)
        return until if now < until else None

    def delay(self, container: str) -> float:
        """Return the current delay in seconds, as messages name it."""
        entry = self._entries.get(container)
        return entry.delay if entry is not None else 0.0

    def forget(self, container: str) -> None:
        """A container is no longer what it was: its next start is a first one."""
        self._entries = without(self._entries, container)

    def restarted(self, container: str, ended: datetime, now: datetime) -> None:
        """Note that a container which ended at ``ended`` is being started again."""
        entry = self._entries.get(container)
        if entry is None or _forgotten(entry, ended):
            self._entries = put(self._entries, container, _Entry(INITIAL_SECONDS, now))
        else:
            self._entries = put(self._entries, container, _Entry(min(LIMIT_SECONDS, entry.delay * 2), now))


def _forgotten(entry: _Entry, ended: datetime) -> bool:
    return (ended - entry.started).total_seconds() > FORGET_SECONDS


def back_off_message(pod: Pod, container: str, delay: float) -> str:
    """Return the waiting message of a container in ``CrashLoopBackOff``."""
    return f"back-off {go_duration(delay)} restarting failed container={container} pod={full_name(pod)}"


def back_off_event(pod: Pod, container: str) -> str:
    """Return the message of the ``BackOff`` event."""
    return f"Back-off restarting failed container {container} in pod {full_name(pod)}"
