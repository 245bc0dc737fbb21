from typing import Any

import pytest

from apimachinery.types.pod import Pod
from controller_manager.statefulset.status import calculate_status
from tests.controller_manager.builders import NOW
from tests.controller_manager.statefulset.objects import NEW, OLD, VERSIONS, set_pod, set_pods, stateful_set


def test_numbers() -> None:
    pods = set_pods(set_pod(0, OLD), set_pod(1, ready_for=4), set_pod(2, phase="Pending", ready_for=None))
    outcome = calculate_status(stateful_set(spec={"minReadySeconds": 10}), VERSIONS, pods, NOW)
    status = outcome.status
    assert (status.replicas, status.ready_replicas, status.available_replicas) == (3, 2, 1)
    assert (status.current_replicas, status.updated_replicas) == (1, 2)
    assert (status.current_revision, status.update_revision, status.observed_generation) == (OLD, NEW, 2)
    assert outcome.next_available_seconds == 6


@pytest.mark.parametrize(
    ("more", "pods", "expected"),
    [
        pytest.param({}, [set_pod(0), set_pod(1)], (NEW, 2), id="complete"),
        pytest.param({}, [set_pod(0), set_pod(1, ready_for=None)], (OLD, 0), id="one-is-not-ready"),
        pytest.param({}, [set_pod(0), set_pod(1, OLD)], (OLD, 1), id="one-is-old"),
        pytest.param({}, [set_pod(0)], (OLD, 0), id="one-is-missing"),
        pytest.param({}, [set_pod(0), set_pod(1), set_pod(2)], (OLD, 0), id="one-too-many"),
        pytest.param(
            {"spec": {"updateStrategy": {"type": "OnDelete"}}}, [set_pod(0), set_pod(1)], (OLD, 0), id="on-delete"
        ),
    ],
)
def test_an_update_that_is_complete_is_the_current_version(
    more: dict[str, Any], pods: list[Pod], expected: tuple[str, int]
) -> None:
    status = calculate_status(stateful_set(2, **more), VERSIONS, set_pods(*pods), NOW).status
    assert (status.current_revision, status.current_replicas) == expected
