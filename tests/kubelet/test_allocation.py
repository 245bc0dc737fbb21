"""What a node grants its pods."""

from typing import Any

import pytest

from apimachinery.types.pod import Pod
from kubelet.allocation import Allocations, Refusal, Requests, is_resized, refusal, requests_of, with_granted
from tests.kubelet.builders import container, make_pod

GIBI = 1024**3
NODE = {"cpu": "4", "memory": "8Gi"}


def sized(cpu: str, memory: str = "1Gi", *, name: str = "web", **spec: Any) -> Pod:
    return make_pod(container(resources={"requests": {"cpu": cpu, "memory": memory}}), name=name, **spec)


@pytest.mark.parametrize(
    ("wanted", "others", "expected"),
    [
        pytest.param(Requests(4000, GIBI), Requests(), None, id="all of it"),
        pytest.param(Requests(0, 0), Requests(9000, 0), None, id="nothing"),
        pytest.param(
            Requests(5000, GIBI),
            Requests(),
            Refusal("Infeasible", "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000"),
            id="cpu never",
        ),
        pytest.param(
            Requests(5000, 9 * GIBI),
            Requests(),
            Refusal(
                "Infeasible", "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592"
            ),
            id="memory never",
        ),
        pytest.param(
            Requests(1500, GIBI),
            Requests(2600, GIBI),
            Refusal("Deferred", "Node didn't have enough resource: cpu, requested: 1500, used: 2600, capacity: 4000"),
            id="cpu later",
        ),
        pytest.param(
            Requests(100, 4 * GIBI),
            Requests(100, 8 * GIBI - 1),
            Refusal(
                "Deferred",
                "Node didn't have enough resource: "
                "memory, requested: 4294967296, used: 8589934591, capacity: 8589934592",
            ),
            id="memory later",
        ),
    ],
)
def test_refusals(wanted: Requests, others: Requests, expected: Refusal | None) -> None:
    assert refusal(wanted, others, NODE) == expected


def test_requests_of_a_pod() -> None:
    assert requests_of(sized("250m", overhead={"cpu": "50m"})) == Requests(300, GIBI)
    assert requests_of(make_pod()) == Requests()


def test_a_pod_keeps_what_it_was_granted() -> None:
    granted, wanted = sized("1"), sized("2")
    wanted.metadata.labels["new"] = "label"
    assert is_resized(wanted, granted)
    shown = with_granted(wanted, granted)
    assert shown.spec.containers[0].resources.requests["cpu"] == "1"
    assert shown.metadata.labels == {"new": "label"}
    assert with_granted(wanted, sized("2")) is wanted


def test_who_waits_is_woken_when_there_is_room() -> None:
    woken: list[str] = []
    allocations = Allocations(NODE, woken.append)
    allocations.admit(sized("1", name="web"))
    allocations.admit(sized("2", name="other"))
    refused = allocations.resize(sized("3", name="web"))
    assert refused is not None
    assert refused.reason == "Deferred"
    assert woken == []
    assert allocations.resize(sized("1", name="other")) is None
    assert woken == ["uid-web"]
    assert allocations.resize(sized("3", name="web")) is None
    allocations.release("uid-other")
    allocations.release("uid-other")
    assert woken == ["uid-web"], "nobody waits any more"


def test_the_newest_version_of_a_pod_stands_for_its_grant() -> None:
    allocations = Allocations(NODE, lambda uid: None)
    allocations.follow(sized("4", name="gone"))
    allocations.admit(sized("1", name="web"))
    allocations.follow(sized("3", name="web"))
    refused = allocations.resize(sized("2", name="other"))
    assert refused is not None
    assert "used: 3000" in refused.message
