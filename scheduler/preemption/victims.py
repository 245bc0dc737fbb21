"""Pods that may have to go, and which of several nodes loses least by it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scheduler.framework.pod_info import PodInfo

_LIFT = 2**31
"""Added to priorities before they are summed up, so that one pod more never makes a sum smaller."""


@dataclass(frozen=True, slots=True)
class Victim:
    """``started`` is when the pod was started, in seconds; infinite while it has not been."""

    pod: PodInfo
    started: float = math.inf


def by_importance(victims: Iterable[Victim]) -> list[Victim]:
    """Return them most important first: by priority, and of equals the one that has run longer."""
    return sorted(victims, key=lambda victim: (-victim.pod.priority, victim.started))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that would take the pod once ``victims`` are gone, most important first.

    ``violations`` is how many of them a disruption budget protects.
    """

    node_name: str
    victims: tuple[Victim, ...]
    violations: int

    @property
    def cost(self) -> tuple[float, ...]:
        """Return what the smallest of is best, upstream's order of criteria (``pickOneNodeForPreemption``, v1.36)."""
        highest = self.victims[0].pod.priority
        earliest = min(victim.started for victim in self.victims if victim.pod.priority == highest)
        total = sum(victim.pod.priority + _LIFT for victim in self.victims)
        return (self.violations, highest, total, len(self.victims), -earliest)


def best(candidates: Sequence[Candidate]) -> Candidate:
    """Return the one whose victims matter least; of equals the first."""
    return min(candidates, key=lambda candidate: candidate.cost)
