"""What the extension points of one cycle have found, gathered by the framework."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from scheduler.framework.arrays import BoolArray, IntArray
from scheduler.framework.status import SUCCESS, Code, Status


@dataclass(frozen=True, slots=True)
class Rejection:
    """Nodes that a filter turns down for one reason.

    ``nodes`` marks them. ``code`` is ``UNSCHEDULABLE`` when taking pods off such a node could help, else
    ``UNSCHEDULABLE_AND_UNRESOLVABLE``. ``reason`` reads after a number: "3 Insufficient cpu".
    """

    reason: str
    nodes: BoolArray
    code: Code


@dataclass(frozen=True, slots=True)
class PluginRejection:
    """The nodes that left the race for one reason; ``plugins`` names who gave it."""

    plugins: tuple[str, ...]
    rejection: Rejection


@dataclass(slots=True)
class FilterOutcome:
    """What PreFilter and Filter left over.

    ``feasible`` marks the nodes that passed everything, ``None`` stands for all of them. Each rejected node is in
    the rejections of one plugin only, the first that turned it down. ``status`` is no success when plugins rejected
    the pod as a whole (``status_plugins``), and then nothing was filtered.
    """

    feasible: BoolArray | None = None
    rejections: list[PluginRejection] = field(default_factory=list)
    status: Status = SUCCESS
    status_plugins: frozenset[str] = frozenset()

    @property
    def rejected_by(self) -> frozenset[str]:
        """Return the names of the plugins that rejected the pod or a node."""
        return self.status_plugins.union(*(entry.plugins for entry in self.rejections))

    def feasible_mask(self, count: int) -> BoolArray:
        """Return which of the ``count`` nodes are left, none when the pod was rejected as a whole."""
        if self.feasible is not None:
            return self.feasible
        return np.full(count, self.status.success, dtype=np.bool_)

    def unresolvable(self, count: int) -> BoolArray:
        """Return which of the ``count`` nodes no pod's going would make fit."""
        if not self.status.success:
            return np.full(count, self.status.code is Code.UNSCHEDULABLE_AND_UNRESOLVABLE, dtype=np.bool_)
        mask = np.zeros(count, dtype=np.bool_)
        for entry in self.rejections:
            if entry.rejection.code is Code.UNSCHEDULABLE_AND_UNRESOLVABLE:
                mask |= entry.rejection.nodes
        return mask


class PluginScore(NamedTuple):
    """One plugin's opinion of the feasible nodes; its part of the total is ``weight * normalized``."""

    plugin: str
    weight: int
    raw: IntArray
    normalized: IntArray


def take_out(outcome: FilterOutcome, plugins: tuple[str, ...], found: Sequence[Rejection]) -> None:
    """Record a plugin's rejections of the nodes that are still in the race, and take those out."""
    before = outcome.feasible
    remaining: BoolArray | None = None
    for rejection in found:
        nodes = rejection.nodes if before is None else rejection.nodes & before
        if not nodes.any():
            continue
        entry = rejection if before is None else Rejection(rejection.reason, nodes, rejection.code)
        outcome.rejections.append(PluginRejection(plugins, entry))
        if remaining is None:
            remaining = ~nodes if before is None else before & ~nodes
        else:
            np.logical_and(remaining, ~nodes, out=remaining)
    if remaining is not None:
        outcome.feasible = remaining


def first_reasons(found: Sequence[Rejection]) -> list[Rejection]:
    """Leave each node in the first of a filter's rejections that marks it, for filters that name one reason only."""
    kept: list[Rejection] = []
    judged: BoolArray | None = None
    for entry in found:
        nodes = entry.nodes if judged is None else entry.nodes & ~judged
        if nodes.any():
            kept.append(entry if judged is None else Rejection(entry.reason, nodes, entry.code))
            judged = nodes if judged is None else judged | nodes
    return kept
