"""How many pods of which labels are on every node, and how many of those that somebody selects.

A selection that is asked about is counted from then on: a pod that comes or goes changes the numbers of the
selections that its labels match, and which those are is worked out once for all pods with the same labels.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import TypeVar

from scheduler.framework.arrays import IntArray
from scheduler.framework.pod_selection import PodLabels, PodSelection
from scheduler.framework.row_counts import CountTable, DerivedCache
from scheduler.framework.topology import Domains

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

_SELECTIONS_KEPT = 512

_Kind = tuple[PodLabels, bool]
"""Labels, and whether the pods are being deleted."""

_Anchor = tuple[str, str] | None
"""One label with its value, ``None`` for whatever has none: by this, selections and labels find one another."""


class PodCounts:
    """Counts by selection. :attr:`namespaces` has the labels of namespaces, which selections may ask for."""

    def __init__(self, capacity: int, derived: DerivedCache) -> None:
        self.namespaces: dict[str, Mapping[str, str]] = {}
        self.namespaces_version = 0
        self._kinds: CountTable[_Kind] = CountTable(capacity, derived)
        self._selected: CountTable[PodSelection] = CountTable(capacity, derived)
        self._asked: OrderedDict[PodSelection, None] = OrderedDict()
        self._asked_by: dict[_Anchor, dict[PodSelection, None]] = {}
        self._matching: dict[PodLabels, list[PodSelection]] = {}
        self._labels_by: dict[tuple[str, _Anchor], dict[PodLabels, None]] = {}

    # Reading

    def vector(self, selection: PodSelection, count: int) -> IntArray | None:
        """Return how many such pods each of the first ``count`` rows has, ``None`` when there is none anywhere."""
        self._ask(selection)
        return self._selected.vector(selection, count)

    def sums(self, selection: PodSelection, domains: Domains) -> IntArray | None:
        """Return how many there are in each topology domain, with a last 0, ``None`` when there is none anywhere."""
        self._ask(selection)
        return self._selected.sums(selection, domains)

    def _ask(self, selection: PodSelection) -> None:
        if selection in self._asked:
            self._asked.move_to_end(selection)
            return
        self._asked[selection] = None
        self._asked_by.setdefault(selection.anchor, {})[selection] = None
        for labels in self._candidates(selection):
            if selection.matches(labels, self.namespaces):
                self._matching[labels].append(selection)
                for deleting in (False,) if selection.live else (False, True):
                    for row, pods in self._kinds.by_row((labels, deleting)).items():
                        self._selected.add(row, selection, pods)
        if len(self._asked) > _SELECTIONS_KEPT:
            self._forget(next(iter(self._asked)))

    def _candidates(self, selection: PodSelection) -> list[PodLabels]:
        namespaces, anchor = selection.namespaces, selection.anchor
        if namespaces is None:
            return list(self._matching)
        return [labels for name in namespaces for labels in self._labels_by.get((name, anchor), ())]

    def _forget(self, selection: PodSelection) -> None:
        del self._asked[selection]
        _remove(self._asked_by, selection.anchor, selection)
        self._selected.drop(selection)
        for labels in self._candidates(selection):
            matching = self._matching[labels]
            if selection in matching:
                matching.remove(selection)

    # Pods

    def add(self, row: int, labels: PodLabels, *, deleting: bool, pods: int) -> None:
        """Count ``pods`` more pods on a node; -1 takes one away."""
        matching = self._matching.get(labels)
        if matching is None:
            matching = self._arrive(labels)
        self._kinds.add(row, (labels, deleting), pods)
        for selection in matching:
            if not (deleting and selection.live):
                self._selected.add(row, selection, pods)
        if (labels, deleting) not in self._kinds and (labels, not deleting) not in self._kinds:
            self._leave(labels)

    def _arrive(self, labels: PodLabels) -> list[PodSelection]:
        matching = self._matching[labels] = []
        for anchor in _anchors(labels):
            self._labels_by.setdefault((labels.namespace, anchor), {})[labels] = None
            for selection in self._asked_by.get(anchor, ()):
                if selection.matches(labels, self.namespaces):
                    matching.append(selection)
        return matching

    def _leave(self, labels: PodLabels) -> None:
        del self._matching[labels]
        for anchor in _anchors(labels):
            _remove(self._labels_by, (labels.namespace, anchor), labels)

    # Namespaces

    def set_namespace(self, name: str, labels: Mapping[str, str]) -> bool:
        """Note a namespace's labels; return whether they are others than before."""
        if self.namespaces.get(name) == labels:
            return False
        self.namespaces[name] = labels
        self._namespaces_changed()
        return True

    def remove_namespace(self, name: str) -> None:
        if self.namespaces.pop(name, None) is not None:
            self._namespaces_changed()

    def _namespaces_changed(self) -> None:
        self.namespaces_version += 1
        for selection in [entry for entry in self._asked if entry.by_namespace_labels]:
            self._forget(selection)

    # Rows

    def resize(self, capacity: int) -> None:
        self._kinds.resize(capacity)
        self._selected.resize(capacity)

    def move(self, source: int, target: int) -> None:
        self._kinds.move(source, target)
        self._selected.move(source, target)


def _anchors(labels: PodLabels) -> list[_Anchor]:
    """Return where selections that may match the labels are found."""
    return [None, *labels.labels.items()]


def _remove(index: dict[K, dict[V, None]], key: K, value: V) -> None:
    entries = index[key]
    del entries[value]
    if not entries:
        del index[key]
