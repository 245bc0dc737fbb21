"""Which victims are protected by disruption budgets."""

from collections.abc import Iterable
from dataclasses import dataclass

from apimachinery.selectors import Selector, SelectorSyntaxError, from_label_selector
from apimachinery.types.policy import PodDisruptionBudget
from kubeclient.resources import POD_DISRUPTION_BUDGETS
from scheduler.framework.informers import SharedInformers
from scheduler.preemption.victims import Victim


@dataclass(frozen=True, slots=True, eq=False)
class _Budget:
    """``disrupted`` are pods whose eviction has been let through already; they cost nothing more."""

    selector: Selector
    allowed: int
    disrupted: frozenset[str]


class Budgets:
    """The cluster's PodDisruptionBudgets. :attr:`version` changes whenever one of them does."""

    def __init__(self, informers: SharedInformers) -> None:
        self.version = 0
        informer = informers.of(POD_DISRUPTION_BUDGETS)
        self._cache = informer.cache
        self._made_for = -1
        self._by_namespace: dict[str, list[_Budget]] = {}
        informer.on_change(self._changed)

    def _changed(self, old: PodDisruptionBudget | None, new: PodDisruptionBudget | None) -> None:
        self.version += 1

    def split(self, victims: Iterable[Victim]) -> tuple[list[Victim], list[Victim]]:
        """Return the victims whose end would break a budget, and the others, both in the given order.

        Those that come first use up what budgets allow (``filterPodsWithPDBViolation``, v1.36).
        """
        budgets = self._known()
        if not budgets:
            return [], list(victims)
        left: dict[_Budget, int] = {}
        violating: list[Victim] = []
        others: list[Victim] = []
        for victim in victims:
            breaks = False
            for budget in budgets.get(victim.pod.namespace, ()):
                if victim.pod.name in budget.disrupted or not budget.selector.matches(victim.pod.labels.labels):
                    continue
                left[budget] = left.get(budget, budget.allowed) - 1
                breaks |= left[budget] < 0
            (violating if breaks else others).append(victim)
        return violating, others

    def _known(self) -> dict[str, list[_Budget]]:
        if self._made_for != self.version:
            self._made_for = self.version
            self._by_namespace = {}
            for found in self._cache.objects():
                budget = _budget(found)
                if budget is not None:
                    self._by_namespace.setdefault(found.metadata.namespace, []).append(budget)
        return self._by_namespace


def _budget(found: PodDisruptionBudget) -> _Budget | None:
    """Return what a budget says; ``None`` when it selects nothing, as an empty selector does here."""
    try:
        selector = from_label_selector(found.spec.selector)
    except SelectorSyntaxError:
        return None
    if selector is None or selector.empty:
        return None
    return _Budget(selector, found.status.disruptions_allowed, frozenset(found.status.disrupted_pods))
