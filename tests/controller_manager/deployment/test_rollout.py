"""Whole rollouts, played without a cluster: plans are carried out on objects, and pods come up between them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from apimachinery.types.apps import Deployment, ReplicaSet
from controller_manager.deployment.history import DESIRED_REPLICAS, MAX_REPLICAS, REVISION
from controller_manager.deployment.rollout import Plan, plan
from controller_manager.deployment.status import calculate_status
from tests.controller_manager.builders import NOW
from tests.controller_manager.deployment.objects import deployment, replica_set


@dataclass
class Stage:
    """Plays server, ReplicaSet controller and kubelets for one Deployment."""

    deployment: Deployment
    replica_sets: dict[str, ReplicaSet] = field(default_factory=dict)
    broken: str = ""
    """Of which image no pod ever becomes available."""

    least_available: int = 10**6
    most_pods: int = 0

    def step(self) -> Plan:
        found = list(self.replica_sets.values())
        old_pods = any(entry.status.replicas for entry in found if entry.spec.template != self.deployment.spec.template)
        step = plan(self.deployment, found, old_pods=old_pods and self.deployment.spec.strategy.type == "Recreate")
        if step.creates:
            assert step.new is not None
            self.replica_sets[step.new.metadata.name] = step.new
        for change in step.changes:
            self.replica_sets[change.after.metadata.name] = change.after
        for gone in step.removals:
            del self.replica_sets[gone.metadata.name]
        outcome = calculate_status(
            self.deployment, step.new, step.old, NOW, rolling_out=step.rolling_out, created=step.creates
        )
        self.deployment = self.deployment.model_copy(update={"status": outcome.status})
        self._pods_follow()
        return step

    def _pods_follow(self) -> None:
        for name, found in self.replica_sets.items():
            image = found.spec.template.spec.containers[0].image
            available = 0 if image == self.broken else found.spec.replicas
            counts = {
                "replicas": found.spec.replicas,
                "ready_replicas": available,
                "available_replicas": available,
                "observed_generation": found.metadata.generation,
            }
            status = found.status.model_copy(update=counts)
            self.replica_sets[name] = found.model_copy(update={"status": status})
        everything = self.replica_sets.values()
        self.least_available = min(self.least_available, sum(entry.status.available_replicas for entry in everything))
        self.most_pods = max(self.most_pods, sum(entry.status.replicas for entry in everything))

    def play(self, limit: int = 50) -> int:
        """Step until nothing is left to do; return how many steps did something."""
        for count in range(limit):
            before = self.deployment.status
            step = self.step()
            if not step.creates and not step.changes and not step.removals and self.deployment.status == before:
                return count
        raise AssertionError(f"not settled after {limit} steps: {self.sizes()}")

    def sizes(self) -> dict[str, int]:
        """Return the sizes by image."""
        return {
            found.spec.template.spec.containers[0].image: found.spec.replicas for found in self.replica_sets.values()
        }

    def change(self, **spec: Any) -> None:
        self.deployment = deployment(**spec).model_copy(update={"status": self.deployment.status})


@pytest.mark.parametrize(
    ("surge", "unavailable", "least", "most"),
    [
        pytest.param("25%", "25%", 8, 13, id="defaults"),
        pytest.param(0, 1, 9, 10, id="one-by-one-down-first"),
        pytest.param(1, 0, 10, 11, id="one-by-one-up-first"),
        pytest.param("100%", 0, 10, 20, id="all-beside"),
        pytest.param(0, "100%", 0, 10, id="all-at-once"),
    ],
)
def test_a_rolling_update_keeps_its_bounds(surge: int | str, unavailable: int | str, least: int, most: int) -> None:
    rolling = {"surge": surge, "unavailable": unavailable}
    stage = Stage(deployment(image="old", **rolling))
    stage.play()
    assert stage.sizes() == {"old": 10}
    stage.least_available, stage.most_pods = 10, 10
    stage.change(image="new", **rolling)
    stage.play()
    assert stage.sizes() == {"old": 0, "new": 10}
    assert stage.least_available >= least
    assert 10 <= stage.most_pods <= most


def test_a_version_that_never_comes_up_takes_no_more_than_may_be_missing() -> None:
    stage = Stage(deployment(image="old"), broken="new")
    stage.play()
    stage.change(image="new")
    stage.play()
    assert stage.sizes() == {"old": 8, "new": 5}

    # Rollover: the next version takes the place of the broken pods first.
    stage.change(image="newest")
    stage.least_available = 10
    stage.play()
    assert stage.sizes() == {"old": 0, "new": 0, "newest": 10}
    assert stage.least_available >= 8

    # Back to the first: its number is a new one.
    stage.change(image="old")
    stage.play()
    revisions = {
        found.spec.template.spec.containers[0].image: found.metadata.annotations[REVISION]
        for found in stage.replica_sets.values()
    }
    assert revisions == {"old": "4", "new": "2", "newest": "3"}


def test_recreating_waits_for_the_old_pods() -> None:
    old = replica_set("old", 3, pods=3, revision=1)
    subject = deployment(3, recreate=True)
    step = plan(subject, [old], old_pods=True)
    assert (step.new, step.creates) == (None, False)
    assert [change.after.spec.replicas for change in step.changes] == [0]
    going = replica_set("old", 0, pods=0, revision=1)
    assert plan(subject, [going], old_pods=True) == Plan(None, [going], rolling_out=True)
    step = plan(subject, [going], old_pods=False)
    assert step.creates
    assert step.new is not None
    assert (step.new.spec.replicas, step.new.metadata.annotations[REVISION]) == (3, "2")


def test_while_paused_only_the_size_changes() -> None:
    stage = Stage(deployment(image="old"))
    stage.play()
    stage.change(image="new", spec={"paused": True})
    stage.play()
    assert stage.sizes() == {"old": 10}
    stage.change(replicas=4, image="new", spec={"paused": True})
    stage.play()
    assert stage.sizes() == {"old": 4}
    stage.change(replicas=4, image="new")
    stage.play()
    assert stage.sizes() == {"old": 0, "new": 4}


def test_scaling_in_the_middle_is_in_proportion_and_the_rollout_goes_on() -> None:
    stage = Stage(deployment(image="old"), broken="new")
    stage.play()
    stage.change(image="new")
    stage.play()
    assert stage.sizes() == {"old": 8, "new": 5}
    stage.change(replicas=15, image="new")
    step = stage.step()
    assert not step.rolling_out
    assert stage.sizes() == {"old": 11, "new": 7}
    assert {found.metadata.annotations[DESIRED_REPLICAS] for found in stage.replica_sets.values()} == {"15"}
    assert {found.metadata.annotations[MAX_REPLICAS] for found in stage.replica_sets.values()} == {"18"}
    stage.broken = ""
    stage.play()
    assert stage.sizes() == {"old": 0, "new": 15}


def test_old_revisions_are_removed_once_the_rollout_is_complete() -> None:
    stage = Stage(deployment(2, image="v1", spec={"revisionHistoryLimit": 1}))
    for image in ("v1", "v2", "v3", "v4"):
        stage.change(replicas=2, image=image, spec={"revisionHistoryLimit": 1})
        stage.play()
    assert stage.sizes() == {"v3": 0, "v4": 2}


def test_one_that_is_being_deleted_is_left_alone() -> None:
    found = [replica_set("old", 10)]
    assert plan(deployment(deleting=True), found, old_pods=False) == Plan(None, found)
