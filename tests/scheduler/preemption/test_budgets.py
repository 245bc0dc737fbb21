"""Which victims are protected."""

import pytest

from apimachinery.types.base import LabelSelector, LabelSelectorRequirement
from apimachinery.types.policy import PodDisruptionBudget
from scheduler.preemption.budgets import Budgets
from scheduler.preemption.victims import Victim
from tests.scheduler.builders import make_pod
from tests.scheduler.preemption.world import Preempting, budget

WEB = [Victim(make_pod(name).labels(app="web").info()) for name in ("w1", "w2", "w3")]
OTHERS = [Victim(make_pod("db").labels(app="db").info()), Victim(make_pod("bare").info())]


@pytest.mark.parametrize(
    ("budgets", "violating"),
    [
        pytest.param([], "", id="no budgets"),
        pytest.param([budget("b", 0, app="web")], "w1 w2 w3", id="none may go"),
        pytest.param([budget("b", 1, app="web")], "w2 w3", id="the first may go"),
        pytest.param([budget("b", 9, app="web")], "", id="all may go"),
        pytest.param([budget("b", 0, disrupted=("w1",), app="web")], "w2 w3", id="one is going already"),
        pytest.param([budget("b", 1, disrupted=("w1",), app="web")], "w3", id="and costs nothing"),
        pytest.param([budget("b", 0)], "", id="an empty selector is for nobody"),
        pytest.param([budget("one", 1, app="web"), budget("two", 2, app="web")], "w2 w3", id="the stricter of two"),
        pytest.param([budget("one", 1, app="web"), budget("two", 1, app="web")], "w2 w3", id="two that say the same"),
        pytest.param([budget("one", 0, app="db"), budget("two", 0, app="web")], "w1 w2 w3 db", id="one for each"),
    ],
)
def test_split(budgets: list[PodDisruptionBudget], violating: str) -> None:
    cluster = Preempting()
    for entry in budgets:
        cluster.show_budget(entry)
    broken, kept = cluster.handle.shared(Budgets).split([*WEB, *OTHERS])
    assert [victim.pod.name for victim in broken] == violating.split()
    assert {victim.pod.name for victim in broken} | {victim.pod.name for victim in kept} == {
        "w1",
        "w2",
        "w3",
        "db",
        "bare",
    }


def test_budgets_of_other_namespaces_and_such_that_make_no_sense() -> None:
    cluster = Preempting()
    elsewhere = budget("b", 0, app="web")
    elsewhere.metadata.namespace = "other"
    senseless = budget("c", 0, app="web")
    senseless.spec.selector = LabelSelector(match_expressions=[LabelSelectorRequirement(key="app", operator="Magic")])
    for entry in (elsewhere, senseless):
        cluster.show_budget(entry)
    assert cluster.handle.shared(Budgets).split(WEB) == ([], WEB)


def test_what_is_written_later_counts() -> None:
    cluster = Preempting()
    budgets = cluster.handle.shared(Budgets)
    assert budgets.split(WEB) == ([], WEB)
    before = budgets.version
    cluster.show_budget(budget("b", 0, app="web"))
    assert budgets.version > before
    assert budgets.split(WEB) == (WEB, [])
