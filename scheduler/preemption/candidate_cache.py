"""What trials have found, kept as long as nothing has changed on the node."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from scheduler.framework.node_table import NodeTable
from scheduler.framework.nominator import Nominator
from scheduler.framework.pod_info import PodInfo
from scheduler.preemption.budgets import Budgets
from scheduler.preemption.trials import Reasons, Trial, entitled
from scheduler.preemption.victims import Candidate

_KINDS_KEPT = 32
"""For how many kinds of pods results are kept."""


@dataclass(frozen=True, slots=True)
class _Result:
    """``promised`` are the pods whose promises were kept in it."""

    promised: tuple[str, ...]
    found: Candidate | Reasons


class CandidateCache:
    """Results by kind of pod and row.

    A row's are dropped when the journal has it, or :meth:`forget_node` says that a pod there is shown otherwise
    than before; all are when a disruption budget changes.
    """

    def __init__(self, budgets: Budgets, nominator: Nominator) -> None:
        self._budgets = budgets
        self._nominator = nominator
        self._kinds: OrderedDict[Hashable, dict[int, _Result]] = OrderedDict()
        self._position = 0
        self._budgets_version = 0
        self._stale: set[str] = set()

    def forget_node(self, name: str) -> None:
        if self._kinds:
            self._stale.add(name)

    def remembering(self, trial: Trial, pod: PodInfo, kind: Hashable, nodes: NodeTable) -> Trial:
        """Return a trial for ``pod`` that looks here first. ``kind`` is all of the pod that its result depends on."""
        self._drop_stale(nodes)
        results = self._kinds.setdefault(kind, {})
        self._kinds.move_to_end(kind)
        if len(self._kinds) > _KINDS_KEPT:
            self._kinds.popitem(last=False)
        return _Remembering(trial, pod, results, nodes, self._nominator)

    def _drop_stale(self, nodes: NodeTable) -> None:
        journal = nodes.resources.journal
        changed = journal.since(self._position)
        if changed is None or self._budgets_version != self._budgets.version:
            self._kinds.clear()
        else:
            rows = set(changed)
            rows.update(row for name in self._stale if (row := nodes.row(name)) is not None)
            for results in self._kinds.values():
                for row in rows:
                    results.pop(row, None)
        self._stale.clear()
        self._position = journal.position
        self._budgets_version = self._budgets.version


class _Remembering:
    def __init__(
        self, trial: Trial, pod: PodInfo, results: dict[int, _Result], nodes: NodeTable, nominator: Nominator
    ) -> None:
        self._trial = trial
        self._pod = pod
        self._results = results
        self._nodes = nodes
        self._nominator = nominator

    def try_node(self, row: int) -> Candidate | Reasons:
        promised = tuple(other.uid for other in entitled(self._nominator, self._nodes.names[row], self._pod))
        known = self._results.get(row)
        if known is None or known.promised != promised:
            known = self._results[row] = _Result(promised, self._trial.try_node(row))
        return known.found
