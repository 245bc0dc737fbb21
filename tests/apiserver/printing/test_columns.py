"""Ages as kubectl shows them (``duration.HumanDuration``), and the cells of the smaller kinds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apimachinery.clock import rfc3339
from apiserver.printing import kinds
from apiserver.printing.columns import label_selector_text, since

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "<invalid>"),
        (0, "0s"),
        (59, "59s"),
        (119, "119s"),
        (120, "2m"),
        (185, "3m5s"),
        (599, "9m59s"),
        (601, "10m"),
        (3600 * 2, "120m"),
        (3600 * 3, "3h"),
        (3600 * 3 + 60 * 5, "3h5m"),
        (3600 * 8 + 60, "8h"),
        (3600 * 47, "47h"),
        (3600 * 49, "2d1h"),
        (3600 * 24 * 8 + 3600, "8d"),
        (3600 * 24 * 365 * 2, "2y"),
        (3600 * 24 * (365 * 2 + 5), "2y5d"),
        (3600 * 24 * 365 * 9, "9y"),
    ],
)
def test_ages(seconds: int, shown: str) -> None:
    assert since(rfc3339(NOW - timedelta(seconds=seconds)), NOW) == shown


def test_no_time_at_all() -> None:
    assert since(None, NOW) == "<unknown>"


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (None, "<none>"),
        ({}, "<none>"),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["y", "x"]}]}, "a in (x,y)"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]}, "a notin (x)"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, "a"),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, "!a"),
    ],
)
def test_selectors(selector: dict[str, Any] | None, text: str) -> None:
    assert label_selector_text(selector) == text


@pytest.mark.parametrize(
    ("node", "status", "roles"),
    [
        ({}, "Unknown", "<none>"),
        ({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, "Ready", "<none>"),
        ({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}, "NotReady", "<none>"),
        (
            {
                "spec": {"unschedulable": True},
                "status": {"conditions": [{"type": "Ready", "status": "True"}]},
                "metadata": {
                    "labels": {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": ""}
                },
            },
            "Ready,SchedulingDisabled",
            "control-plane,worker",
        ),
    ],
)
def test_nodes(node: dict[str, Any], status: str, roles: str) -> None:
    metadata = {"name": "n", "creationTimestamp": rfc3339(NOW), **node.get("metadata", {})}
    cells = kinds.NodePrinter().cells({**node, "metadata": metadata}, NOW)
    assert cells[:4] == ["n", status, roles, "0s"]


def test_events() -> None:
    event = {
        "metadata": {"name": "p.1"},
        "type": "Warning",
        "reason": "BackOff",
        "message": "restarting \n",
        "involvedObject": {"kind": "Pod", "name": "p", "fieldPath": "spec.containers{a}"},
        "source": {"component": "kubelet", "host": "n1"},
        "firstTimestamp": rfc3339(NOW - timedelta(seconds=300)),
        "lastTimestamp": rfc3339(NOW - timedelta(seconds=10)),
        "count": 4,
    }
    assert kinds.EventPrinter().cells(event, NOW) == [
        "10s",
        "Warning",
        "BackOff",
        "pod/p",
        "spec.containers{a}",
        "kubelet, n1",
        "restarting",
        "5m",
        4,
        "p.1",
    ]
