from datetime import timedelta
from typing import Any

import pytest

from apimachinery.types.apps import ReplicaSet
from controller_manager.deployment.status import calculate_status, complete, creation_failed, find
from tests.controller_manager.builders import NOW
from tests.controller_manager.deployment.objects import deployment, replica_set


def progressing(reason: str, *, age: float = 0.0, status: str = "True") -> dict[str, Any]:
    moment = NOW - timedelta(seconds=age)
    return {
        "type": "Progressing",
        "status": status,
        "reason": reason,
        "lastUpdateTime": moment,
        "lastTransitionTime": moment,
    }


SETTLED = {"replicas": 13, "updatedReplicas": 3, "readyReplicas": 10, "availableReplicas": 10}
"""What the ReplicaSets of :data:`MIDDLE` make."""

MIDDLE = (replica_set("new", 3, 0), [replica_set("old", 10)])
DONE = (replica_set("new", 10), [replica_set("old", 0)])


@pytest.mark.parametrize(
    ("replica_sets", "before", "created", "expected"),
    [
        pytest.param(MIDDLE, [], True, ("True", "NewReplicaSetCreated", 601), id="created"),
        pytest.param(MIDDLE, [], False, ("True", "FoundNewReplicaSet", 601), id="found"),
        pytest.param(
            MIDDLE, [progressing("ReplicaSetUpdated", age=200)], False, ("True", "ReplicaSetUpdated", 401), id="waits"
        ),
        pytest.param(
            MIDDLE,
            [progressing("ReplicaSetUpdated", age=601)],
            False,
            ("False", "ProgressDeadlineExceeded", None),
            id="deadline-exceeded",
        ),
        pytest.param(
            MIDDLE,
            [progressing("ProgressDeadlineExceeded", age=5, status="False")],
            False,
            ("False", "ProgressDeadlineExceeded", None),
            id="stays-exceeded",
        ),
        pytest.param(
            MIDDLE,
            [progressing("NewReplicaSetAvailable", age=9000)],
            False,
            ("True", "NewReplicaSetAvailable", None),
            id="a-rollout-that-begins-is-not-late",
        ),
        pytest.param(
            DONE,
            [progressing("ProgressDeadlineExceeded", status="False")],
            False,
            ("True", "NewReplicaSetAvailable", None),
            id="done-after-all",
        ),
        pytest.param(
            MIDDLE,
            [progressing("DeploymentPaused", age=9000, status="Unknown")],
            False,
            ("Unknown", "DeploymentResumed", 601),
            id="resumed",
        ),
    ],
)
def test_progress(
    replica_sets: tuple[ReplicaSet, list[ReplicaSet]],
    before: list[dict[str, Any]],
    created: bool,
    expected: tuple[str, str, float | None],
) -> None:
    new, old = replica_sets
    subject = deployment(status={**SETTLED, "conditions": before})
    outcome = calculate_status(subject, new, old, NOW, rolling_out=True, created=created)
    found = find(outcome.status.conditions, "Progressing")
    assert found is not None
    assert (found.status, found.reason, outcome.deadline_in_seconds) == expected


def test_each_progress_starts_the_deadline_anew() -> None:
    before = progressing("ReplicaSetUpdated", age=599)
    subject = deployment(status={**SETTLED, "availableReplicas": 9, "conditions": [before]})
    outcome = calculate_status(subject, MIDDLE[0], MIDDLE[1], NOW, rolling_out=True, created=False)
    found = find(outcome.status.conditions, "Progressing")
    assert found is not None
    assert (found.last_update_time, found.last_transition_time) == (NOW, before["lastTransitionTime"])
    assert found.message == 'ReplicaSet "web-new" is progressing.'
    assert outcome.deadline_in_seconds == 601


def test_numbers() -> None:
    new, old = replica_set("new", 3, 1, terminating=2), replica_set("old", 10, 8, pods=9, terminating=1)
    status = calculate_status(deployment(), new, [old], NOW, rolling_out=True, created=False).status
    assert (status.replicas, status.updated_replicas, status.ready_replicas) == (12, 3, 9)
    assert (status.available_replicas, status.unavailable_replicas, status.terminating_replicas) == (9, 4, 3)
    assert status.observed_generation == 5


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        pytest.param(8, ("True", "MinimumReplicasAvailable"), id="all-but-those-that-may-be-missing"),
        pytest.param(7, ("False", "MinimumReplicasUnavailable"), id="one-too-few"),
    ],
)
def test_availability(available: int, expected: tuple[str, str]) -> None:
    new = replica_set("new", 10, available)
    status = calculate_status(deployment(), new, [], NOW, rolling_out=True, created=False).status
    found = find(status.conditions, "Available")
    assert found is not None
    assert (found.status, found.reason) == expected


def test_paused() -> None:
    before = progressing("ReplicaSetUpdated", age=9000)
    subject = deployment(spec={"paused": True}, status={**SETTLED, "conditions": [before]})
    outcome = calculate_status(subject, MIDDLE[0], MIDDLE[1], NOW, rolling_out=False, created=False)
    found = find(outcome.status.conditions, "Progressing")
    assert found is not None
    assert (found.status, found.reason, found.message) == ("Unknown", "DeploymentPaused", "Deployment is paused")
    assert outcome.deadline_in_seconds is None


def test_without_a_deadline_nothing_is_said_about_progress() -> None:
    before = progressing("ReplicaSetUpdated")
    subject = deployment(spec={"progressDeadlineSeconds": 2**31 - 1}, status={"conditions": [before]})
    outcome = calculate_status(subject, MIDDLE[0], MIDDLE[1], NOW, rolling_out=True, created=True)
    assert find(outcome.status.conditions, "Progressing") is None
    assert outcome.deadline_in_seconds is None


def test_the_failure_of_the_new_one_is_shown_before_an_old_ones() -> None:
    old = replica_set("old", 3, failure="FailedDelete")
    subject = deployment()
    for new, reason in ((replica_set("new", 3, failure="FailedCreate"), "FailedCreate"), (MIDDLE[0], "FailedDelete")):
        status = calculate_status(subject, new, [old], NOW, rolling_out=True, created=False).status
        found = find(status.conditions, "ReplicaFailure")
        assert found is not None
        assert found.reason == reason
    subject = subject.model_copy(update={"status": status})
    status = calculate_status(subject, MIDDLE[0], [], NOW, rolling_out=True, created=False).status
    assert find(status.conditions, "ReplicaFailure") is None


def test_a_replica_set_that_cannot_be_created() -> None:
    status = creation_failed(deployment(), "no", NOW)
    (found,) = status.conditions
    assert (found.status, found.reason, found.message) == ("False", "ReplicaSetCreateError", "no")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param({"observedGeneration": 5, "updatedReplicas": 10}, True, id="complete"),
        pytest.param({"observedGeneration": 4, "updatedReplicas": 10}, False, id="of-an-older-spec"),
        pytest.param({"observedGeneration": 5, "updatedReplicas": 9}, False, id="an-old-pod-is-left"),
    ],
)
def test_complete(status: dict[str, int], expected: bool) -> None:
    subject = deployment(status={"replicas": 10, "availableReplicas": 10, **status})
    assert complete(subject, subject.status) is expected
