"""The Node object a kubelet keeps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apimachinery.types.core import NodeCondition, NodeStatus
from kubelet.eviction.thresholds import parse_thresholds
from kubelet.node import NETWORK_NOT_READY, NodeState, allocatable, differs, node_object, node_status
from kubelet.runtime import Image
from kubelet.settings import Settings
from tests.kubelet.builders import START

SETTINGS = Settings("node-1", node_labels={"disk": "ssd"}, cpu="4000m")
READY = NodeState("127.128.3.1", "fake://1.0.0")


def status(state: NodeState = READY, before: NodeStatus | None = None, seconds: int = 0) -> NodeStatus:
    now = START + timedelta(seconds=seconds)
    return node_status(SETTINGS, state, before=before or NodeStatus(), now=now)


def condition(of: NodeStatus, kind: str) -> NodeCondition:
    return next(entry for entry in of.conditions if entry.type == kind)


def test_what_is_registered() -> None:
    node = node_object(SETTINGS, NodeState(), START)
    assert node.metadata.labels == {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": "node-1",
        "kubernetes.io/os": "linux",
        "disk": "ssd",
    }
    assert node.status.capacity == {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    kept = {"memory": "8092Mi", "ephemeral-storage": "90Gi"}
    assert node.status.allocatable == {**node.status.capacity, **kept}, "hard eviction thresholds keep some back"


@pytest.mark.parametrize(("register", "ranges"), [(False, []), (True, ["127.2.0.0/24"])])
def test_a_range_that_is_known_is_registered_on_request(register: bool, ranges: list[str]) -> None:
    settings = replace(SETTINGS, pod_cidr="127.2.0.0/24", register_pod_cidr=register)
    spec = node_object(settings, NodeState(), START).spec
    assert ([spec.pod_cidr] if spec.pod_cidr else [], spec.pod_cidrs) == (ranges, ranges)


def test_not_ready_without_a_range_of_addresses() -> None:
    ready = condition(status(NodeState()), "Ready")
    assert (ready.status, ready.reason, ready.message) == ("False", "KubeletNotReady", NETWORK_NOT_READY)


def test_ready_with_one() -> None:
    found = status()
    assert [(entry.type, entry.address) for entry in found.addresses] == [
        ("InternalIP", "127.128.3.1"),
        ("Hostname", "node-1"),
    ]
    assert {entry.type: (entry.status, entry.reason) for entry in found.conditions} == {
        "MemoryPressure": ("False", "KubeletHasSufficientMemory"),
        "DiskPressure": ("False", "KubeletHasNoDiskPressure"),
        "PIDPressure": ("False", "KubeletHasSufficientPID"),
        "Ready": ("True", "KubeletReady"),
    }


def test_heartbeats_move_on_and_transitions_stay() -> None:
    later = status(before=status(), seconds=60)
    ready = condition(later, "Ready")
    assert ready.last_heartbeat_time == START + timedelta(seconds=60)
    assert ready.last_transition_time == START


def test_conditions_of_others_stay() -> None:
    other = NodeCondition(type="NetworkUnavailable", status="False")
    assert condition(status(before=NodeStatus(conditions=[other])), "NetworkUnavailable") == other


@pytest.mark.parametrize(
    ("wanted", "different"),
    [
        pytest.param(status(seconds=60), False, id="only heartbeats"),
        pytest.param(status(NodeState()), True, id="readiness"),
        pytest.param(
            status(NodeState("127.128.3.1", "fake://1.0.0", [Image("i", ["nginx"], 1)])), True, id="an image more"
        ),
    ],
)
def test_when_a_status_must_be_written(wanted: NodeStatus, *, different: bool) -> None:
    assert differs(wanted, status()) is different


def test_what_is_reserved_is_not_allocatable() -> None:
    settings = replace(
        SETTINGS,
        system_reserved={"cpu": "500m", "memory": "1Gi"},
        kube_reserved={"cpu": "250m", "ephemeral-storage": "10Gi"},
        eviction_thresholds=parse_thresholds({"memory.available": "1Gi"}, {}, {}, {}),
    )
    assert allocatable(settings) == {"cpu": "3250m", "memory": "6Gi", "pods": "110", "ephemeral-storage": "90Gi"}


def test_no_more_than_all_is_reserved() -> None:
    assert allocatable(replace(SETTINGS, system_reserved={"cpu": "64"}))["cpu"] == "0"


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        ({"pressures": frozenset({"MemoryPressure"})}, "MemoryPressure", ("True", "KubeletHasInsufficientMemory")),
        ({"pressures": frozenset({"DiskPressure"})}, "DiskPressure", ("True", "KubeletHasDiskPressure")),
        ({"pressures": frozenset({"PIDPressure"})}, "PIDPressure", ("True", "KubeletHasInsufficientPID")),
        ({"shutting_down": True}, "Ready", ("False", "KubeletNotReady")),
    ],
)
def test_trouble_shows(trouble: dict[str, Any], kind: str, said: tuple[str, str]) -> None:
    found = condition(status(replace(READY, **trouble)), kind)
    assert (found.status, found.reason) == said
