from typing import Any

import pytest

from controller_manager.nodes.taints import missing_labels, no_execute_key, no_schedule_keys, with_taints
from tests.controller_manager.builders import NOW
from tests.controller_manager.nodes.objects import node


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        pytest.param({}, set(), id="ready"),
        pytest.param({"ready": "False"}, {"not-ready"}, id="not ready"),
        pytest.param({"ready": "Unknown"}, {"unreachable"}, id="unreachable"),
        pytest.param({"unschedulable": True}, {"unschedulable"}, id="cordoned"),
        pytest.param({"conditions": {"MemoryPressure": "True"}}, {"memory-pressure"}, id="memory"),
        pytest.param({"conditions": {"MemoryPressure": "Unknown"}}, set(), id="unknown pressure"),
        pytest.param(
            {"conditions": {"DiskPressure": "True", "PIDPressure": "True", "NetworkUnavailable": "True"}},
            {"disk-pressure", "pid-pressure", "network-unavailable"},
            id="everything else",
        ),
    ],
)
def test_by_condition(state: dict[str, Any], keys: set[str]) -> None:
    assert no_schedule_keys(node(**state)) == {f"node.kubernetes.io/{key}" for key in keys}


@pytest.mark.parametrize(
    ("state", "key"), [("True", None), ("False", "not-ready"), ("Unknown", "unreachable"), ("", None)]
)
def test_who_is_evicted_from(state: str, key: str | None) -> None:
    assert no_execute_key(state) == (key and f"node.kubernetes.io/{key}")


NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"


@pytest.mark.parametrize(
    ("has", "no_schedule", "no_execute", "after"),
    [
        pytest.param([], set(), None, [], id="none"),
        pytest.param(
            ["mine:NoExecute"],
            {UNREACHABLE},
            UNREACHABLE,
            ["mine:NoExecute", f"{UNREACHABLE}:NoExecute", f"{UNREACHABLE}:NoSchedule"],
            id="added to others'",
        ),
        pytest.param([f"{NOT_READY}:NoSchedule", "mine:NoSchedule"], set(), None, ["mine:NoSchedule"], id="taken off"),
        pytest.param([f"{NOT_READY}:NoSchedule"], None, None, [f"{NOT_READY}:NoSchedule"], id="has told nothing"),
        pytest.param(
            [f"{NOT_READY}:NoExecute"], set(), UNREACHABLE, [f"{UNREACHABLE}:NoExecute"], id="one for the other"
        ),
        pytest.param([f"{NOT_READY}:NoExecute"], {NOT_READY}, None, [f"{NOT_READY}:NoSchedule"], id="pods may stay"),
        pytest.param(["node.kubernetes.io/out-of-service:NoExecute"], set(), None, None, id="an administrator's"),
    ],
)
def test_with_taints(
    has: list[str], no_schedule: set[str] | None, no_execute: str | None, after: list[str] | None
) -> None:
    taints = with_taints(node(taints=has).spec.taints, no_schedule=no_schedule, no_execute=no_execute, now=NOW)
    assert [f"{taint.key}:{taint.effect}" for taint in taints] == (has if after is None else after)
    new = [taint for taint in taints if f"{taint.key}:{taint.effect}" not in has]
    assert {taint.time_added for taint in new} <= {NOW}


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"kubernetes.io/os": "linux"}, {"beta.kubernetes.io/os": "linux"}, id="missing"),
        pytest.param(
            {"kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "amd64"},
            {"beta.kubernetes.io/arch": "arm64"},
            id="another",
        ),
        pytest.param({"kubernetes.io/os": "linux", "beta.kubernetes.io/os": "linux"}, {}, id="there"),
    ],
)
def test_labels(labels: dict[str, str], missing: dict[str, str]) -> None:
    assert missing_labels(node(labels=labels)) == missing
