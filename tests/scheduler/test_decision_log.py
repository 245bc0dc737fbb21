"""Decisions are kept for a while, within bounds."""

from datetime import UTC, datetime

import numpy as np

from scheduler.decision import Decision, Durations
from scheduler.decision_log import DecisionLog
from scheduler.settings import Settings


def decision(pod: str, attempt: int = 1, nodes: int = 8) -> Decision:
    return Decision(
        namespace="default",
        pod=pod,
        uid=pod,
        attempt=attempt,
        moment=datetime(2026, 1, 1, tzinfo=UTC),
        nodes=tuple(f"n{number}" for number in range(nodes)),
        feasible=np.packbits(np.ones(nodes, dtype=np.bool_)),
        rejections=(),
        rejected_by=frozenset(),
        scores=(),
        winner="n0",
        ties=1,
        message="",
        durations=Durations(),
    )


def test_oldest_first_per_pod() -> None:
    log = DecisionLog(Settings())
    for attempt in (1, 2):
        log.add(decision("a", attempt))
        log.add(decision("b", attempt))
    assert [(entry.pod, entry.attempt) for entry in log.of_pod("default", "a")] == [("a", 1), ("a", 2)]
    assert log.of_pod("default", "c") == []
    assert log.of_pod("other", "a") == []


def test_a_pod_that_is_tried_again_and_again_does_not_push_out_others() -> None:
    log = DecisionLog(Settings(decisions_kept=20, decisions_kept_per_pod=3))
    log.add(decision("quiet"))
    for attempt in range(100):
        log.add(decision("loud", attempt))
    assert [entry.attempt for entry in log.of_pod("default", "loud")] == [97, 98, 99]
    assert len(log.of_pod("default", "quiet")) == 1


def test_bounded_in_number() -> None:
    log = DecisionLog(Settings(decisions_kept=5))
    for number in range(8):
        log.add(decision(f"p{number}"))
    assert len(log) == 5
    assert log.of_pod("default", "p2") == []
    assert len(log.of_pod("default", "p3")) == 1


def test_bounded_in_memory() -> None:
    log = DecisionLog(Settings(decisions_kept_bytes=3000))
    for number in range(8):
        log.add(decision(f"p{number}", nodes=8000))
    assert len(log) == 3


def test_one_decision_is_kept_however_large() -> None:
    log = DecisionLog(Settings(decisions_kept_bytes=10))
    log.add(decision("a", nodes=8000))
    assert len(log.of_pod("default", "a")) == 1
