"""Where the pods are that ask for something about other pods.

Anti-affinity works both ways: a pod may not come near one that wants to be far from it. So what pods on nodes ask for
is kept the other way round: by term, how many pods on each node have it.
"""

import enum
from collections import OrderedDict
from dataclasses import dataclass

from scheduler.framework.arrays import IntArray
from scheduler.framework.pod_affinity import AffinityTerm, PodAffinityRules
from scheduler.framework.pod_counts import PodCounts
from scheduler.framework.pod_selection import PodLabels
from scheduler.framework.row_counts import CountTable, DerivedCache
from scheduler.framework.topology import Domains

_KEPT = 256
_DEAD_KEPT = 64


class Role(enum.Enum):
    """What a term is to the pod that has it. The amounts of preferred terms are weights, of the others pods."""

    REQUIRED = enum.auto()
    REQUIRED_ANTI = enum.auto()
    PREFERRED = enum.auto()
    PREFERRED_ANTI = enum.auto()


@dataclass(slots=True)
class _Matches:
    """Which terms mean a pod, of the ``seen`` ones that might."""

    epoch: tuple[int, int]
    seen: int
    terms: list[AffinityTerm]


class _Terms:
    """The terms of one role by the anchors of their selections; some may have no owner any longer."""

    def __init__(self, capacity: int, derived: DerivedCache) -> None:
        self.amounts: CountTable[AffinityTerm] = CountTable(capacity, derived)
        self._listed: set[AffinityTerm] = set()
        self._by_anchor: dict[tuple[str, str] | None, list[AffinityTerm]] = {}
        self._dead = 0
        self._epoch = 0
        self._matches: OrderedDict[PodLabels, _Matches] = OrderedDict()

    def add(self, row: int, term: AffinityTerm, amount: int) -> None:
        known = term in self.amounts
        self.amounts.add(row, term, amount)
        if known:
            if term not in self.amounts:
                self._dead += 1
                if self._dead > _DEAD_KEPT and 2 * self._dead > len(self._listed):
                    self._compact()
        elif term in self._listed:
            self._dead -= 1
        else:
            self._list(term)

    def _list(self, term: AffinityTerm) -> None:
        self._listed.add(term)
        self._by_anchor.setdefault(term.pods.anchor, []).append(term)

    def _compact(self) -> None:
        self._listed.clear()
        self._by_anchor.clear()
        for term in self.amounts:
            self._list(term)
        self._dead = 0
        self._epoch += 1

    def about(self, pod: PodLabels, counts: PodCounts) -> list[AffinityTerm]:
        """Return the terms that mean pods with these labels."""
        if not self._listed:
            return []
        might = [terms for anchor in (None, *pod.labels.items()) if (terms := self._by_anchor.get(anchor))]
        seen = sum(map(len, might))
        epoch = (self._epoch, counts.namespaces_version)
        found = self._matches.get(pod)
        # Between two epochs terms are only added, so that their number tells whether there are new ones.
        if found is None or found.epoch != epoch or found.seen != seen:
            means = [term for terms in might for term in terms if term.pods.matches(pod, counts.namespaces)]
            found = self._matches[pod] = _Matches(epoch, seen, means)
            if len(self._matches) > _KEPT:
                self._matches.popitem(last=False)
        self._matches.move_to_end(pod)
        return found.terms


class AffinityOwners:
    """The terms of pods on nodes, by role."""

    def __init__(self, capacity: int, derived: DerivedCache) -> None:
        self._terms = {role: _Terms(capacity, derived) for role in Role}

    def about(self, role: Role, pod: PodLabels, counts: PodCounts) -> list[AffinityTerm]:
        """Return the terms that pods on nodes have in this role and that mean pods with these labels."""
        return self._terms[role].about(pod, counts)

    def sums(self, role: Role, term: AffinityTerm, domains: Domains) -> IntArray | None:
        """Return the amounts in each topology domain, with a last 0, ``None`` when no pod has the term any longer."""
        return self._terms[role].amounts.sums(term, domains)

    def add(self, row: int, rules: PodAffinityRules, pods: int) -> None:
        """Note that ``pods`` more pods with these rules are on a node; -1 takes one away."""
        for role, terms in ((Role.REQUIRED, rules.required), (Role.REQUIRED_ANTI, rules.required_anti)):
            for term in terms:
                self._terms[role].add(row, term, pods)
        for role, wishes in ((Role.PREFERRED, rules.preferred), (Role.PREFERRED_ANTI, rules.preferred_anti)):
            for wish in wishes:
                self._terms[role].add(row, wish.term, pods * wish.weight)

    # Rows

    def resize(self, capacity: int) -> None:
        for terms in self._terms.values():
            terms.amounts.resize(capacity)

    def move(self, source: int, target: int) -> None:
        for terms in self._terms.values():
            terms.amounts.move(source, target)
