"""Which pods count, and what they ask for."""

from typing import Any

import pytest

from apimachinery.types.pod import Pod
from controller_manager.autoscaling.pods import Groups, Patience, group_pods, pod_requests
from controller_manager.autoscaling.samples import NoReplicaCount, Sample
from tests.controller_manager.autoscaling.objects import running, sample
from tests.controller_manager.builders import NOW

PATIENCE = Patience(cpu_initialization=300, initial_readiness=30)
READY, UNREADY = Groups(ready=1), Groups(unready={"p"})


@pytest.mark.parametrize(
    ("pod", "taken", "expected"),
    [
        pytest.param(running("p"), sample(1), READY, id="ready"),
        pytest.param(running("p"), None, Groups(missing={"p"}), id="no sample"),
        pytest.param(running("p", phase="Pending"), None, UNREADY, id="pending"),
        pytest.param(running("p", phase="Failed"), sample(1), Groups(ignored={"p"}), id="failed"),
        pytest.param(running("p", deleting=True), sample(1), Groups(ignored={"p"}), id="going"),
        pytest.param(running("p", ready=None), sample(1), UNREADY, id="nothing said of readiness"),
        pytest.param(running("p", age=60, since=20), sample(1), READY, id="young, ready for a whole sample"),
        pytest.param(running("p", age=60, since=14), sample(1), UNREADY, id="young, sample began before it was ready"),
        pytest.param(running("p", ready=False, age=60), sample(1), UNREADY, id="young, not ready"),
        pytest.param(running("p", ready=False, age=400, since=371), sample(1), UNREADY, id="old, never ready"),
        pytest.param(running("p", ready=False, age=400, since=100), sample(1), READY, id="old, not ready any more"),
    ],
)
def test_groups(pod: Pod, taken: Sample | None, expected: Groups) -> None:
    assert group_pods([pod], {"p": taken} if taken is not None else {}, "cpu", PATIENCE, NOW) == expected


def test_memory_counts_whether_ready_or_not() -> None:
    assert group_pods([running("p", ready=False, age=1)], {"p": sample(1)}, "memory", PATIENCE, NOW) == READY


@pytest.mark.parametrize(
    ("asked", "container", "expected"),
    [
        pytest.param({"cpu": "250m"}, "", 250, id="container"),
        pytest.param({"cpu": "250m", "sidecar": "1"}, "", 1250, id="and sidecar"),
        pytest.param({"cpu": "250m", "sidecar": "1"}, "sidecar", 1000, id="the sidecar alone"),
        pytest.param({"cpu": "250m", "init": "2"}, "", 250, id="init containers end"),
        pytest.param({"cpu": None, "whole": "2"}, "", 2000, id="the pod as a whole"),
        pytest.param({"cpu": "250m", "whole": "2"}, "c", 250, id="a container of such a pod"),
    ],
)
def test_requests(asked: dict[str, Any], container: str, expected: int) -> None:
    assert pod_requests([running("p", **asked)], "cpu", container) == {"p": expected}


def test_a_container_that_asks_for_nothing() -> None:
    with pytest.raises(NoReplicaCount, match="missing request for cpu in container c of Pod p"):
        pod_requests([running("p", cpu=None)], "cpu")
