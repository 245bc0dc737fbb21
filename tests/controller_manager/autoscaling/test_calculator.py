"""How many replicas a metric asks for."""

from dataclasses import dataclass, field

import pytest

from controller_manager.autoscaling.calculator import Proposal, Tolerances, by_utilization, by_value, counted
from controller_manager.autoscaling.pods import Groups
from controller_manager.autoscaling.samples import NoReplicaCount
from tests.controller_manager.autoscaling.objects import sample

TOLERANCES = Tolerances(0.1, 0.1)


@dataclass
class Case:
    """Pods that ask for 100m each and use ``used``, beside some that are not ready or without a sample."""

    used: list[int]
    unready: int = 0
    missing: int = 0
    tolerances: Tolerances = TOLERANCES
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = [f"p{number}" for number in range(len(self.used) + self.unready + self.missing)]

    @property
    def values(self) -> dict[str, int]:
        return dict(zip(self.names, self.used, strict=False))

    @property
    def groups(self) -> Groups:
        rest = self.names[len(self.used) :]
        return Groups(len(self.used), set(rest[: self.unready]), set(rest[self.unready :]))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(Case([50, 50]), 2, id="as it should be"),
        pytest.param(Case([54, 54]), 2, id="within tolerance above"),
        pytest.param(Case([46, 46]), 2, id="within tolerance below"),
        pytest.param(Case([100, 100]), 4, id="twice"),
        pytest.param(Case([60, 60]), 3, id="rounded up"),
        pytest.param(Case([10, 10, 10, 10]), 1, id="fewer"),
        pytest.param(Case([0, 0]), 0, id="idle"),
        pytest.param(Case([54, 54], tolerances=Tolerances(0.1, 0.05)), 3, id="tolerance above alone"),
        pytest.param(Case([46, 46, 46], tolerances=Tolerances(0.0, 0.1)), 3, id="tolerance below alone"),
        pytest.param(Case([120, 120], unready=2), 5, id="unready are idle"),
        pytest.param(Case([70, 70], unready=2), 4, id="unready turn the direction"),
        pytest.param(Case([20, 20], unready=2), 1, id="unready do not matter for fewer"),
        pytest.param(Case([10, 10], missing=1), 3, id="missing are busy: 40 of 50 on average, rounded up"),
        pytest.param(Case([10, 10, 10, 10], missing=1), 3, id="missing are busy, and there are still fewer"),
        pytest.param(Case([20, 20], missing=2), 4, id="missing turn the direction"),
        pytest.param(Case([200, 200], missing=2), 8, id="missing are idle for more"),
        pytest.param(Case([50, 50], missing=2), 4, id="missing change nothing that is right"),
    ],
)
def test_utilization(case: Case, expected: int) -> None:
    """The target is 50 %."""
    requests = dict.fromkeys(case.names, 100)
    found = by_utilization(len(case.names), 50, case.values, requests, case.groups, case.tolerances)
    average = sum(case.used) // len(case.used)
    assert found == Proposal(expected, average, average)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(Case([50, 50]), 2, id="as it should be"),
        pytest.param(Case([100, 100]), 4, id="twice"),
        pytest.param(Case([10, 10, 10, 10]), 1, id="fewer"),
        pytest.param(Case([120, 120], unready=2), 5, id="unready are idle"),
        pytest.param(Case([10, 10], missing=2), 3, id="missing are at the target"),
        pytest.param(Case([200, 200], missing=2), 8, id="missing are idle for more"),
    ],
)
def test_value(case: Case, expected: int) -> None:
    """The target is 50m for each pod."""
    found = by_value(len(case.names), 50, case.values, case.groups, case.tolerances)
    assert found == Proposal(expected, sum(case.used) // len(case.used))


def test_busy_is_above_a_high_target() -> None:
    """A pod without a sample is taken for at its target where that is above what it asks for."""
    case = Case([100, 100], missing=2)
    requests = dict.fromkeys(case.names, 100)
    assert by_utilization(4, 200, case.values, requests, case.groups, TOLERANCES).replicas == 3


def test_pods_that_nobody_knows_do_not_count() -> None:
    with pytest.raises(NoReplicaCount, match="no metrics returned matched known pods"):
        by_utilization(1, 50, {"other": 5}, {"p0": 100}, Groups(ready=1), TOLERANCES)


def test_only_pods_that_are_ready_count() -> None:
    samples = {name: sample(7) for name in ("ready", "unready", "going")}
    assert counted(samples, Groups(1, {"unready"}, set(), {"going"})) == {"ready": 7}
    with pytest.raises(NoReplicaCount, match="did not receive metrics for targeted pods"):
        counted({"unready": sample(7)}, Groups(0, {"unready"}))
