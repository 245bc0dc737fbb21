"""Which nodes volumes can be used on, and which new ones can be made for."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from apimachinery.selectors import Operator, Requirement, Selector
from apimachinery.types.storage import PersistentVolume, TopologySelectorTerm
from scheduler.framework.arrays import BoolArray
from scheduler.framework.node_masks import labels_mask, term_mask
from scheduler.framework.node_selection import required_terms
from scheduler.framework.node_table import NodeTable

RowNumbers = npt.NDArray[np.intp]


class Places:
    """The rows of the nodes that volumes' node affinity allows, found once for each volume and state of the labels.

    A cluster of local volumes has as many of them as nodes, and each of them is for one node: rows take less room
    than masks, and less time.
    """

    def __init__(self) -> None:
        self._version = -1
        self._kept: dict[str, tuple[str, RowNumbers]] = {}

    def rows(self, volume: PersistentVolume, nodes: NodeTable) -> RowNumbers | None:
        """Return the rows in ascending order, ``None`` for all nodes."""
        affinity = volume.spec.node_affinity
        if affinity is None or affinity.required is None:
            return None
        if self._version != nodes.labels.version:
            self._version = nodes.labels.version
            self._kept.clear()
        meta = volume.metadata
        kept = self._kept.get(meta.uid)
        if kept is None or kept[0] != meta.resource_version:
            mask = np.zeros(nodes.count, dtype=np.bool_)
            for term in required_terms(affinity.required):
                mask |= term_mask(term, nodes)
            kept = self._kept[meta.uid] = (meta.resource_version, np.flatnonzero(mask))
        return kept[1]

    def mask(self, volume: PersistentVolume, nodes: NodeTable) -> BoolArray | None:
        """Return the nodes as a mask, ``None`` for all of them."""
        rows = self.rows(volume, nodes)
        if rows is None:
            return None
        mask = np.zeros(nodes.count, dtype=np.bool_)
        mask[rows] = True
        return mask


def topology_mask(terms: Iterable[TopologySelectorTerm], nodes: NodeTable) -> BoolArray | None:
    """Return which nodes one of a class's allowed topologies covers, ``None`` when all are allowed.

    ``MatchTopologySelectorTerms`` of ``component-helpers/scheduling/corev1`` (v1.36): no terms allow every node, a
    term without requirements none.
    """
    mask: BoolArray | None = None
    for term in terms:
        requirements = [
            Requirement(entry.key, Operator.IN, frozenset(entry.values)) for entry in term.match_label_expressions
        ]
        if mask is None:
            mask = np.zeros(nodes.count, dtype=np.bool_)
        if requirements:
            mask |= labels_mask(Selector(tuple(requirements)), nodes)
    return mask
