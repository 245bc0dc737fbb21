"""What is remembered of trials, and for how long."""

from scheduler.preemption.budgets import Budgets
from scheduler.preemption.candidate_cache import CandidateCache
from scheduler.preemption.trials import Reasons
from scheduler.preemption.victims import Candidate
from tests.scheduler.builders import make_node, make_pod
from tests.scheduler.preemption.world import Preempting, budget

POD = make_pod("vital").priority(100).info()


class Counting:
    """A trial that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def try_node(self, row: int) -> Candidate | Reasons:
        self.asked.append(row)
        return (f"try {len(self.asked)}",)


class Room:
    def __init__(self) -> None:
        self.cluster = Preempting(make_node("a"), make_node("b"))
        self.cache = CandidateCache(self.cluster.handle.shared(Budgets), self.cluster.handle.nominator)
        self.trial = Counting()

    def ask(self, kind: str = "kind") -> list[int]:
        """Try both nodes; return which of them were really tried."""
        before = len(self.trial.asked)
        remembering = self.cache.remembering(self.trial, POD, kind, self.cluster.nodes)
        for row in range(2):
            remembering.try_node(row)
        return self.trial.asked[before:]


def test_a_second_search_tries_nothing_again() -> None:
    room = Room()
    assert room.ask() == [0, 1]
    assert room.ask() == []


def test_another_kind_of_pod_is_another_matter() -> None:
    room = Room()
    room.ask()
    assert room.ask("other") == [0, 1]


def test_a_pod_that_comes_or_goes_changes_its_node() -> None:
    room = Room()
    room.ask()
    room.cluster.add(make_pod("x").node("b"))
    assert room.ask() == [1]


def test_a_pod_that_is_shown_otherwise_changes_its_node() -> None:
    room = Room()
    room.ask()
    room.cache.forget_node("a")
    room.cache.forget_node("unknown")
    assert room.ask() == [0]


def test_budgets_change_everything() -> None:
    room = Room()
    room.ask()
    room.cluster.show_budget(budget("b", 0, app="web"))
    assert room.ask() == [0, 1]


def test_promises_change_their_node() -> None:
    room = Room()
    nominator = room.cluster.handle.nominator
    room.ask()
    nominator.nominate(make_pod("peer").priority(100).info(), "b")
    assert room.ask() == [1]
    assert room.ask() == []
    nominator.nominate(make_pod("lesser").priority(1).info(), "b")
    nominator.nominate(POD, "b")
    assert room.ask() == []
    nominator.forget("uid-peer")
    assert room.ask() == [1]
