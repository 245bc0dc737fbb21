"""An example of a scheduler plugin: nodes say what they cost, and pods go where it is least.

A node's price is its label ``example.com/price``, a whole number; nodes without one cost nothing. The argument
``limit`` keeps pods off nodes that cost more.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scheduler.framework.arrays import IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import EnqueueExtensions, FilterPlugin, Handle, Rejection, ScorePlugin
from scheduler.framework.node_info import NodeInfo
from scheduler.framework.node_table import NodeTable
from scheduler.framework.normalize import default_normalize
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code

LABEL = "example.com/price"


def price(node: NodeInfo) -> int:
    text = node.labels.get(LABEL, "")
    return int(text) if text.isdecimal() else 0


class Price(FilterPlugin, ScorePlugin, EnqueueExtensions):
    """Rejects nodes over the limit; of the others, the cheapest is the best."""

    name = "Price"

    def __init__(self, args: Any, handle: Handle) -> None:
        self._limit = (args or {}).get("limit")
        if self._limit is not None and not isinstance(self._limit, int):
            raise ValueError(f"limit must be a whole number, not {self._limit!r}")
        self._prices: IntArray = np.zeros(0, dtype=np.int64)
        self._labels_version = -1

    def _all(self, nodes: NodeTable) -> IntArray:
        """Return every node's price, row by row; worked out anew only when labels have changed."""
        if self._labels_version != nodes.labels.version:
            self._prices = np.array([price(nodes.info(row)) for row in range(nodes.count)], dtype=np.int64)
            self._labels_version = nodes.labels.version
        return self._prices

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        if self._limit is None:
            return ()
        return [
            Rejection("node(s) were too expensive", self._all(nodes) > self._limit, Code.UNSCHEDULABLE_AND_UNRESOLVABLE)
        ]

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        return self._all(nodes)

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        return default_normalize(scores, reverse=True)

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_LABEL, self.affordable)]

    def affordable(self, pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
        """A pod that found all nodes too expensive is tried again when one is cheap enough."""
        cheap = new is None or self._limit is None or price(new) <= self._limit
        return QueueingHint.QUEUE if cheap else QueueingHint.SKIP
