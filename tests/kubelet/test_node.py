"""The Node object a kubelet keeps."""

from datetime import timedelta

import pytest

from apimachinery.types.core import NodeCondition, NodeStatus
from kubelet.node import NETWORK_NOT_READY, NodeState, differs, node_object, node_status
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
    assert node.status.allocatable == {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}


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
