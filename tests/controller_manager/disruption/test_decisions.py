from datetime import timedelta
from typing import Any

import pytest

from apimachinery.types.pod import Pod
from apimachinery.types.policy import PodDisruptionBudget
from controller_manager.disruption.decisions import calculate, depends_on_scale, failed, seconds_until_stale
from tests.controller_manager.builders import NOW, pod

READY = [pod(name, ready_for=5) for name in ("a", "b", "c")]


def budget(*, disrupted: dict[str, float] | None = None, condition: str = "", **spec: Any) -> PodDisruptionBudget:
    """Return a budget of ``app=web``; ``disrupted`` says how many seconds ago whose eviction was let through."""
    conditions = []
    if condition:
        since = NOW - timedelta(hours=1)
        conditions.append({
            "type": "DisruptionAllowed",
            "status": condition,
            "reason": "X",
            "lastTransitionTime": since,
        })
    return PodDisruptionBudget.model_validate({
        "metadata": {"name": "web", "namespace": "default", "generation": 4},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec},
        "status": {
            "disruptionsAllowed": 1,
            "currentHealthy": 0,
            "desiredHealthy": 0,
            "expectedPods": 0,
            "disruptedPods": {name: NOW - timedelta(seconds=ago) for name, ago in (disrupted or {}).items()},
            "conditions": conditions,
        },
    })


@pytest.mark.parametrize(
    ("of", "pods", "scale", "numbers"),
    [
        pytest.param(budget(minAvailable=2), READY, 0, (3, 2, 3, 1), id="at-least-two"),
        pytest.param(budget(minAvailable=3), READY, 0, (3, 3, 3, 0), id="at-least-all"),
        pytest.param(budget(minAvailable=5), READY, 0, (3, 5, 3, 0), id="more-than-there-are"),
        pytest.param(budget(minAvailable="50%"), READY, 3, (3, 2, 3, 1), id="half-rounded-up"),
        pytest.param(budget(minAvailable="50%"), READY, 10, (10, 5, 3, 0), id="half-of-those-there-should-be"),
        pytest.param(budget(maxUnavailable=1), READY, 3, (3, 2, 3, 1), id="one-may-be-missing"),
        pytest.param(budget(maxUnavailable=1), READY, 4, (4, 3, 3, 0), id="one-is-missing"),
        pytest.param(budget(maxUnavailable="30%"), READY, 3, (3, 2, 3, 1), id="a-third-rounded-up"),
        pytest.param(budget(maxUnavailable=9), READY, 3, (3, 0, 3, 3), id="all-may-be-missing"),
        pytest.param(budget(minAvailable=0), [], 0, (0, 0, 0, 0), id="no-pods"),
        pytest.param(budget(minAvailable=1), [pod("a"), READY[1]], 0, (2, 1, 1, 0), id="one-is-not-ready"),
        pytest.param(
            budget(minAvailable=1), [pod("a", ready_for=5, deleting=True), READY[1]], 0, (2, 1, 1, 0), id="one-is-going"
        ),
        pytest.param(budget(minAvailable=1, disrupted={"a": 5}), READY, 0, (3, 1, 2, 1), id="one-is-to-go"),
        pytest.param(budget(minAvailable=1, disrupted={"a": 125}), READY, 0, (3, 1, 3, 2), id="one-did-not-go"),
    ],
)
def test_numbers(of: PodDisruptionBudget, pods: list[Pod], scale: int, numbers: tuple[int, ...]) -> None:
    """Expected, desired, healthy, allowed."""
    status = calculate(of, pods, scale, NOW).status
    found = (status.expected_pods, status.desired_healthy, status.current_healthy, status.disruptions_allowed)
    assert found == numbers
    (condition,) = status.conditions
    enough = numbers[3] > 0
    assert (condition.status, condition.reason) == (
        ("True", "SufficientPods") if enough else ("False", "InsufficientPods")
    )
    assert status.observed_generation == condition.observed_generation == 4


def test_disrupted_pods_are_waited_for() -> None:
    of = budget(minAvailable=1, disrupted={"a": 20, "b": 130, "gone": 5})
    outcome = calculate(of, READY, 0, NOW)
    assert list(outcome.status.disrupted_pods) == ["a"]
    assert [late.metadata.name for late in outcome.overdue] == ["b"]
    assert outcome.recheck_seconds == 100


@pytest.mark.parametrize(("before", "kept"), [("True", True), ("False", False), ("", False)])
def test_since_when_is_kept(before: str, kept: bool) -> None:
    (condition,) = calculate(budget(minAvailable=1, condition=before), READY, 0, NOW).status.conditions
    assert condition.last_transition_time == (NOW - timedelta(hours=1) if kept else NOW)


def test_a_failure_allows_nothing() -> None:
    status = failed(budget(minAvailable="50%", condition="True"), ValueError("no scale"), NOW)
    (condition,) = status.conditions
    assert (status.disruptions_allowed, condition.status, condition.reason) == (0, "False", "SyncFailed")
    assert condition.message == "no scale"


def test_what_needs_the_scale() -> None:
    assert depends_on_scale(budget(maxUnavailable=1))
    assert depends_on_scale(budget(minAvailable="10%"))
    assert not depends_on_scale(budget(minAvailable=1))


def target(*, ago: float, status: str = "True", reason: str = "EvictionByEvictionAPI", **more: Any) -> Pod:
    since = NOW - timedelta(seconds=ago)
    condition = {"type": "DisruptionTarget", "status": status, "reason": reason, "lastTransitionTime": since}
    found = pod("p", **more)
    return Pod.model_validate({**found.model_dump(by_alias=True), "status": {"conditions": [condition]}})


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        pytest.param(pod("p"), None, id="none"),
        pytest.param(target(ago=20), 100, id="fresh"),
        pytest.param(target(ago=200), 0, id="stale"),
        pytest.param(target(ago=200, status="False"), None, id="given-up-before"),
        pytest.param(target(ago=200, reason="TerminationByKubelet"), None, id="a-kubelet-s"),
        pytest.param(target(ago=200, deleting=True), None, id="on-its-way"),
    ],
)
def test_stale_targets(seen: Pod, left: float | None) -> None:
    assert seconds_until_stale(seen, NOW) == left
