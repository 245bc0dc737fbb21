from datetime import timedelta

from apimachinery.types.base import Condition
from controller_manager.replicaset_status import active, calculate_status
from tests.controller_manager.builders import NOW, pod, replica_set


def test_counts() -> None:
    owner = replica_set(replicas=4, template_labels={"tier": "front"})
    pods = [
        pod("a", ready_for=10, labels={"app": "web", "tier": "front", "more": "x"}),
        pod("b", ready_for=10),
        pod("c", labels={"app": "web", "tier": "front"}),
    ]
    status = calculate_status(owner, pods, 2, "", NOW).status
    assert status.replicas == 3
    assert status.fully_labeled_replicas == 2
    assert status.ready_replicas == 2
    assert status.available_replicas == 2
    assert status.terminating_replicas == 2
    assert status.observed_generation == owner.metadata.generation
    assert status.conditions == []


def test_a_pod_is_available_after_the_minimum_time() -> None:
    owner = replica_set(replicas=3, min_ready=30)
    pods = [pod("a", ready_for=30), pod("b", ready_for=20), pod("c", ready_for=5), pod("d")]
    outcome = calculate_status(owner, pods, 0, "", NOW)
    assert (outcome.status.ready_replicas, outcome.status.available_replicas) == (3, 1)
    assert outcome.next_available_seconds == 10


def test_nothing_to_wait_for_when_all_are_available() -> None:
    outcome = calculate_status(replica_set(min_ready=30), [pod("a", ready_for=31)], 0, "", NOW)
    assert outcome.next_available_seconds is None


def test_a_failure_becomes_a_condition_once_and_goes_with_the_next_success() -> None:
    failed = calculate_status(replica_set(replicas=2), [], 0, "quota exceeded", NOW).status
    (condition,) = failed.conditions
    assert (condition.type, condition.status) == ("ReplicaFailure", "True")
    assert (condition.reason, condition.message) == ("FailedCreate", "quota exceeded")

    again = replica_set(replicas=2).model_copy(update={"status": failed})
    later = NOW + timedelta(seconds=5)
    assert calculate_status(again, [], 0, "another reason", later).status.conditions == [condition]
    assert calculate_status(again, [], 0, "", later).status.conditions == []


def test_a_failed_deletion_is_told_from_a_failed_creation() -> None:
    status = calculate_status(replica_set(replicas=0), [pod("a")], 0, "refused", NOW).status
    assert status.conditions[0].reason == "FailedDelete"


def test_conditions_of_others_stay() -> None:
    other = Condition(type="Other", status="True")
    owner = replica_set(conditions=[other])
    assert calculate_status(owner, [], 0, "failed", NOW).status.conditions[0] == other


def test_active() -> None:
    assert active(pod("a"))
    assert active(pod("a", phase="Pending"))
    assert not active(pod("a", phase="Succeeded"))
    assert not active(pod("a", phase="Failed"))
    assert not active(pod("a", deleting=True))
