"""How far and how fast the number of replicas may change."""

from typing import Any

import pytest

from controller_manager.autoscaling.limits import History, limited, stabilized
from tests.controller_manager.autoscaling.objects import behavior

NOW = 1000.0


@pytest.mark.parametrize(
    ("desired", "current", "earlier", "rules", "expected"),
    [
        pytest.param(5, 2, [], None, (5, "ReadyForNewScale"), id="more"),
        pytest.param(2, 5, [(200, 5)], None, (5, "ScaleDownStabilized"), id="fewer, but not long ago more"),
        pytest.param(2, 5, [(301, 5)], None, (2, "ReadyForNewScale"), id="fewer for long"),
        pytest.param(5, 2, [(10, 2)], None, (5, "ReadyForNewScale"), id="more at once"),
        pytest.param(2, 5, [(200, 4)], {}, (4, "ScaleDownStabilized"), id="rules: the window of the option"),
        pytest.param(
            2, 5, [(200, 5)], {"down": {"stabilizationWindowSeconds": 60}}, (2, "ReadyForNewScale"), id="rules: down"
        ),
        pytest.param(
            9, 2, [(20, 3)], {"up": {"stabilizationWindowSeconds": 60}}, (3, "ScaleUpStabilized"), id="rules: up"
        ),
        pytest.param(
            9,
            2,
            [(61, 3)],
            {"up": {"stabilizationWindowSeconds": 60}},
            (9, "ReadyForNewScale"),
            id="rules: up for long",
        ),
        pytest.param(
            9, 4, [(20, 3)], {"up": {"stabilizationWindowSeconds": 60}}, (4, "ScaleUpStabilized"), id="rules: stays"
        ),
    ],
)
def test_windows(
    desired: int,
    current: int,
    earlier: list[tuple[float, int]],
    rules: dict[str, Any] | None,
    expected: tuple[int, str],
) -> None:
    """``earlier`` says how many seconds ago what was recommended; fewer replicas wait for 300 s."""
    history = History([(NOW - ago, replicas) for ago, replicas in earlier])
    given = behavior(**rules) if rules is not None else None
    found = stabilized(desired, current, history, given, 300.0, NOW)
    assert (found.replicas, found.reason) == expected
    assert found.changed == (found.replicas != desired)
    assert history.recommendations[-1] == (NOW, desired)


def test_old_recommendations_are_forgotten() -> None:
    history = History([(NOW - 301, 5), (NOW - 299, 4)])
    stabilized(3, 3, history, None, 300.0, NOW)
    assert history.recommendations == [(NOW - 299, 4), (NOW, 3)]


def pods(value: int, period: int = 60) -> dict[str, Any]:
    return {"type": "Pods", "value": value, "periodSeconds": period}


def percent(value: int, period: int = 60) -> dict[str, Any]:
    return {"type": "Percent", "value": value, "periodSeconds": period}


@pytest.mark.parametrize(
    ("desired", "current", "rules", "expected"),
    [
        pytest.param(3, 2, None, (3, "DesiredWithinRange"), id="within"),
        pytest.param(1, 3, None, (2, "TooFewReplicas"), id="too few"),
        pytest.param(30, 15, None, (20, "TooManyReplicas"), id="too many"),
        pytest.param(20, 8, None, (16, "ScaleUpLimit"), id="too fast"),
        pytest.param(9, 2, None, (4, "ScaleUpLimit"), id="four at once are always right"),
        pytest.param(20, 2, {}, (6, "ScaleUpLimit"), id="rules: four more"),
        pytest.param(20, 8, {}, (16, "ScaleUpLimit"), id="rules: or twice as many"),
        pytest.param(20, 8, {"up": {"selectPolicy": "Min"}}, (12, "ScaleUpLimit"), id="rules: whichever are fewer"),
        pytest.param(9, 8, {"up": {"selectPolicy": "Disabled"}}, (8, "ScaleUpLimit"), id="rules: no more at all"),
        pytest.param(3, 8, {"down": {"policies": [pods(2)]}}, (6, "ScaleDownLimit"), id="rules: two fewer"),
        pytest.param(
            3, 8, {"down": {"policies": [pods(2), percent(50)]}}, (4, "ScaleDownLimit"), id="rules: or half as many"
        ),
        pytest.param(
            3,
            8,
            {"down": {"policies": [pods(2), percent(50)], "selectPolicy": "Min"}},
            (6, "ScaleDownLimit"),
            id="rules: whichever are more",
        ),
        pytest.param(3, 8, {"down": {"selectPolicy": "Disabled"}}, (8, "ScaleDownLimit"), id="rules: no fewer at all"),
        pytest.param(1, 8, {}, (2, "TooFewReplicas"), id="rules: too few"),
        pytest.param(30, 15, {}, (20, "TooManyReplicas"), id="rules: too many"),
        pytest.param(
            2, 1, {"up": {"policies": [percent(10)]}}, (2, "DesiredWithinRange"), id="rules: one more is some"
        ),
    ],
)
def test_limits(desired: int, current: int, rules: dict[str, Any] | None, expected: tuple[int, str]) -> None:
    """Between 2 and 20 replicas."""
    found = limited(desired, current, (2, 20), History(), behavior(**rules) if rules is not None else None, NOW)
    assert (found.replicas, found.reason) == expected
    assert found.changed == (found.reason != "DesiredWithinRange")


@pytest.mark.parametrize(
    ("desired", "current", "added", "removed", "expected"),
    [
        pytest.param(20, 6, [(10, 4)], [], 6, id="four were added in this minute"),
        pytest.param(20, 6, [(10, 3)], [], 7, id="three were"),
        pytest.param(20, 6, [(61, 4)], [], 10, id="four were, longer ago"),
        pytest.param(20, 6, [], [(10, 2)], 12, id="two had gone"),
        pytest.param(2, 6, [], [(10, 2)], 6, id="no more may go"),
        pytest.param(2, 6, [], [(10, 1)], 5, id="one more may"),
        pytest.param(2, 6, [(10, 1)], [], 3, id="one more had come"),
    ],
)
def test_rates(
    desired: int, current: int, added: list[tuple[float, int]], removed: list[tuple[float, int]], expected: int
) -> None:
    """Four more or two fewer a minute."""
    history = History([], [(NOW - ago, n) for ago, n in added], [(NOW - ago, n) for ago, n in removed])
    rules = behavior(up={"policies": [pods(4)]}, down={"policies": [pods(2)]})
    assert limited(desired, current, (1, 20), history, rules, NOW).replicas == expected


def test_what_was_done_is_remembered_for_as_long_as_a_rule_looks_back() -> None:
    history, rules = History(), behavior(up={"policies": [pods(4, 60)]})
    history.scaled(2, 5, rules, NOW)
    history.scaled(5, 4, rules, NOW + 30)
    assert (history.added, history.removed) == ([(NOW, 3)], [(NOW + 30, 1)])
    history.scaled(4, 6, rules, NOW + 60)
    assert (history.added, history.removed) == ([(NOW + 60, 2)], [(NOW + 30, 1)])
    history.scaled(6, 7, None, NOW + 61)
    assert len(history.added) == 1
