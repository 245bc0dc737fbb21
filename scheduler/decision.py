"""What was decided about a pod and why, kept small, to be read afterwards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from apimachinery.clock import rfc3339_micro
from scheduler.framework.arrays import BoolArray, IntArray
from scheduler.framework.outcome import FilterOutcome, PluginScore
from scheduler.framework.pod_info import DEFAULT_SCHEDULER_NAME
from scheduler.framework.status import Code


def packed(mask: BoolArray) -> npt.NDArray[np.uint8]:
    """Return a mask as bits, an eighth of its size."""
    return np.packbits(mask)


@dataclass(frozen=True, slots=True)
class NodeRejections:
    """The nodes that one plugin, or several together, turned down for one reason."""

    plugins: tuple[str, ...]
    reason: str
    code: Code
    nodes: npt.NDArray[np.uint8]


class NodeScores(NamedTuple):
    """One plugin's scores of the feasible nodes, in their order."""

    plugin: str
    weight: int
    raw: npt.NDArray[np.integer[Any]]
    normalized: npt.NDArray[np.uint8]


class Durations(NamedTuple):
    """Seconds spent in each part of a cycle: the extension points, and all together."""

    pre_filter: float = 0.0
    filter: float = 0.0
    post_filter: float = 0.0
    pre_score: float = 0.0
    score: float = 0.0
    total: float = 0.0

    def by_point(self) -> tuple[tuple[str, float], ...]:
        """Return the points' durations under their names in metrics."""
        return (
            ("PreFilter", self.pre_filter),
            ("Filter", self.filter),
            ("PostFilter", self.post_filter),
            ("PreScore", self.pre_score),
            ("Score", self.score),
        )


@dataclass(slots=True)
class Fate:
    """What became of a decision for a node: the one part of it that is told later.

    ``state`` is ``binding`` (on its way), ``waiting`` (for Permit plugins), ``bound``, or ``failed`` with a message;
    ``plugin`` is who rejected it then, empty for an error.
    """

    state: str = ""
    message: str = ""
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One cycle of one pod.

    ``winner`` is the chosen node, empty when there is none; ``message`` then says why, in upstream's words.
    ``nodes`` are the names by row; ``feasible`` marks the rows that passed the filters. ``ties`` is how many nodes
    shared the best score. ``rejected_by`` names the plugins whose rejections decide what can wake the pod; ``error``
    says that a plugin failed, so that the pod is tried again whatever happens. ``preemption`` is what PostFilter said,
    ``nominated`` the node that it promised.
    """

    namespace: str
    pod: str
    uid: str
    attempt: int
    moment: datetime
    nodes: tuple[str, ...]
    feasible: npt.NDArray[np.uint8]
    rejections: tuple[NodeRejections, ...]
    rejected_by: frozenset[str]
    scores: tuple[NodeScores, ...]
    winner: str
    ties: int
    message: str
    durations: Durations
    error: bool = False
    scheduler_name: str = DEFAULT_SCHEDULER_NAME
    preemption: str = ""
    nominated: str = ""
    fate: Fate = field(default_factory=Fate, compare=False)

    @property
    def wakers(self) -> frozenset[str]:
        """Return the plugins whose events can have the pod tried again."""
        return self.rejected_by | {self.fate.plugin} if self.fate.plugin else self.rejected_by

    @property
    def size(self) -> int:
        """Return about how many bytes the vectors take; the names are shared between decisions."""
        bits = self.feasible.nbytes + sum(entry.nodes.nbytes for entry in self.rejections)
        return bits + sum(entry.raw.nbytes + entry.normalized.nbytes for entry in self.scores)

    def mask(self, bits: npt.NDArray[np.uint8]) -> BoolArray:
        """Return packed bits as a mask over :attr:`nodes`."""
        return np.unpackbits(bits, count=len(self.nodes)).astype(np.bool_)

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as JSON, node by node."""
        nodes: list[dict[str, Any]] = [{"name": name} for name in self.nodes]
        for rejection in self.rejections:
            for row in np.flatnonzero(self.mask(rejection.nodes)):
                node = nodes[row]
                node["rejectedBy"] = list(rejection.plugins)
                node.setdefault("reasons", []).append(rejection.reason)
                node["code"] = rejection.code.value
        self._add_scores(nodes)
        return {
            "namespace": self.namespace,
            "pod": self.pod,
            "uid": self.uid,
            "schedulerName": self.scheduler_name,
            "attempt": self.attempt,
            "time": rfc3339_micro(self.moment),
            "node": self.winner or None,
            "ties": self.ties,
            "message": self.message,
            "error": self.error,
            "preemption": self.preemption,
            "nominatedNode": self.nominated or None,
            "binding": {"state": self.fate.state, "message": self.fate.message} if self.winner else None,
            "rejectedBy": sorted(self.rejected_by),
            "durations": {
                "preFilterSeconds": self.durations.pre_filter,
                "filterSeconds": self.durations.filter,
                "postFilterSeconds": self.durations.post_filter,
                "preScoreSeconds": self.durations.pre_score,
                "scoreSeconds": self.durations.score,
                "totalSeconds": self.durations.total,
            },
            "nodes": nodes,
        }

    def _add_scores(self, nodes: list[dict[str, Any]]) -> None:
        if not self.scores:
            return
        for position, row in enumerate(np.flatnonzero(self.mask(self.feasible))):
            scores = {
                entry.plugin: {
                    "raw": int(entry.raw[position]),
                    "normalized": int(entry.normalized[position]),
                    "weighted": int(entry.normalized[position]) * entry.weight,
                }
                for entry in self.scores
            }
            nodes[row]["scores"] = scores
            nodes[row]["total"] = sum(score["weighted"] for score in scores.values())


def kept_rejections(outcome: FilterOutcome) -> tuple[NodeRejections, ...]:
    """Return a filter run's rejections in the form in which they are kept."""
    return tuple(
        NodeRejections(entry.plugins, entry.rejection.reason, entry.rejection.code, packed(entry.rejection.nodes))
        for entry in outcome.rejections
    )


def kept_scores(scores: list[PluginScore]) -> tuple[NodeScores, ...]:
    """Return plugins' scores in the form in which they are kept: normalised ones are 0 … 100, one byte."""
    return tuple(_kept_score(entry) for entry in scores)


def _kept_score(entry: PluginScore) -> NodeScores:
    normalized = entry.normalized.astype(np.uint8)
    raw = normalized if entry.raw is entry.normalized else _narrowed(entry.raw)
    return NodeScores(entry.plugin, entry.weight, raw, normalized)


def _narrowed(raw: IntArray) -> npt.NDArray[np.integer[Any]]:
    return raw.astype(np.int16) if raw.min() >= -32768 and raw.max() <= 32767 else raw
