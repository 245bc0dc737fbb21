"""NodeAffinity: pods go where their node selector and node affinity say."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from apimachinery.types.pod import Affinity
from scheduler.config.args import NodeAffinityArgs
from scheduler.framework.arrays import BoolArray, IntArray
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.events import Action, EventResource
from scheduler.framework.hints import ClusterEventWithHint, QueueingHint
from scheduler.framework.interface import (
    ALL_NODES,
    EnqueueExtensions,
    FilterPlugin,
    Handle,
    PreFilterPlugin,
    PreFilterResult,
    Rejection,
    ScorePlugin,
)
from scheduler.framework.node_info import NodeInfo
from scheduler.framework.node_masks import term_mask
from scheduler.framework.node_selection import NodeSelection, node_selection
from scheduler.framework.node_table import NodeTable
from scheduler.framework.normalize import default_normalize
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import Code, Status

REASON = "node(s) didn't match Pod's node affinity/selector"
REASON_ADDED = "node(s) didn't match scheduler-enforced node affinity"
REASON_CONFLICT = "pod affinity terms conflict"

_KEPT = 256


def unmatched(selection: NodeSelection, nodes: NodeTable) -> BoolArray:
    """Return which nodes the selector or the required terms rule out."""
    mask = np.ones(nodes.count, dtype=np.bool_)
    for requirement in selection.selector:
        mask &= nodes.labels.mask(requirement, nodes.count)
    if selection.required is not None:
        matched = np.zeros(nodes.count, dtype=np.bool_)
        for term in selection.required:
            matched |= term_mask(term, nodes)
        mask &= matched
    return ~mask


def preference(selection: NodeSelection, nodes: NodeTable) -> IntArray:
    """Return the sum of the weights of the preferred terms that each node matches."""
    scores = np.zeros(nodes.count, dtype=np.int64)
    for entry in selection.preferred:
        scores[term_mask(entry.term, nodes)] += entry.weight
    return scores


class _PerSelection:
    """A vector per selection, computed anew only when the nodes' labels have changed."""

    def __init__(self, compute: Callable[[NodeSelection, NodeTable], npt.NDArray[np.generic]]) -> None:
        self._compute = compute
        self._kept: OrderedDict[NodeSelection, tuple[int, npt.NDArray[np.generic]]] = OrderedDict()

    def of(self, selection: NodeSelection, nodes: NodeTable) -> npt.NDArray[np.generic]:
        kept = self._kept.get(selection)
        if kept is not None and kept[0] == nodes.labels.version:
            self._kept.move_to_end(selection)
            return kept[1]
        vector = self._compute(selection, nodes)
        self._kept[selection] = (nodes.labels.version, vector)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return vector


class NodeAffinity(PreFilterPlugin, FilterPlugin, ScorePlugin, EnqueueExtensions):
    """Rejects nodes that do not match; prefers those that match more of the preferred terms' weight.

    The affinity of its arguments (``addedAffinity``) holds for every pod of the profile beside the pod's own.
    """

    name = "NodeAffinity"

    def __init__(self, args: NodeAffinityArgs | None = None) -> None:
        added = None if args is None or args.added_affinity is None else Affinity(node_affinity=args.added_affinity)
        self._added = node_selection({}, added)
        self._unmatched = _PerSelection(unmatched)
        self._preference = _PerSelection(preference)

    def pre_filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> PreFilterResult:
        if pod.node_selection is None:
            return ALL_NODES
        names = pod.node_selection.node_names()
        if names is None:
            return ALL_NODES
        if not names:
            return PreFilterResult(Status(Code.UNSCHEDULABLE_AND_UNRESOLVABLE, (REASON_CONFLICT,)))
        return PreFilterResult(node_names=names)

    def filter(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> Sequence[Rejection]:
        found = []
        for selection, reason in ((self._added, REASON_ADDED), (pod.node_selection, REASON)):
            if selection is not None and selection.restricts:
                ruled_out = self._unmatched.of(selection, nodes).astype(np.bool_, copy=False)
                found.append(Rejection(reason, ruled_out, Code.UNSCHEDULABLE_AND_UNRESOLVABLE))
        if len(found) == 2:
            # One reason per node: who breaks the profile's rule is not held against the pod's own.
            found[1] = Rejection(REASON, found[1].nodes & ~found[0].nodes, found[1].code)
        return found

    def score(self, state: CycleState, pod: PodInfo, nodes: NodeTable) -> IntArray | None:
        scores: IntArray | None = None
        for selection in (self._added, pod.node_selection):
            if selection is not None and selection.preferred:
                preferred = self._preference.of(selection, nodes).astype(np.int64, copy=False)
                scores = preferred if scores is None else scores + preferred
        return scores

    def normalize(self, state: CycleState, pod: PodInfo, scores: IntArray) -> IntArray:
        return default_normalize(scores)

    def events_to_register(self) -> Sequence[ClusterEventWithHint]:
        return [ClusterEventWithHint(EventResource.NODE, Action.ADD | Action.UPDATE_NODE_LABEL, self.node_matches)]

    def node_matches(self, pod: PodInfo, old: NodeInfo | None, new: NodeInfo | None) -> QueueingHint:
        """Queue when the node matches by now and, if it was there before, did not then.

        Follows ``isSchedulableAfterNodeChange`` (v1.36).
        """
        if new is None:
            return QueueingHint.QUEUE
        matched = self._matches(pod, new) and (old is None or not self._matches(pod, old))
        return QueueingHint.QUEUE if matched else QueueingHint.SKIP

    def _matches(self, pod: PodInfo, node: NodeInfo) -> bool:
        return all(
            selection is None or selection.matches(node.name, node.labels)
            for selection in (self._added, pod.node_selection)
        )


def new(args: NodeAffinityArgs | None, handle: Handle) -> NodeAffinity:
    return NodeAffinity(args)
