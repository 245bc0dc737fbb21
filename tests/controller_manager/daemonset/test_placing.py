from typing import Any

import pytest

from apimachinery.types.core import Node
from apimachinery.types.pod import Pod, PodSpec
from controller_manager.daemonset.placing import Placing, Suitability, pod_for, target_node, tolerations
from tests.controller_manager.daemonset.objects import KEEPS, RUNS, UNSUITED, daemon_pod, daemon_set, node

ANYWHERE = {"tolerations": [{"operator": "Exists"}]}


@pytest.mark.parametrize(
    ("pod", "where", "expected"),
    [
        pytest.param({}, node(), RUNS, id="any-node"),
        pytest.param({"nodeName": "n1"}, node(), RUNS, id="the-named-node"),
        pytest.param({"nodeName": "n2"}, node(), UNSUITED, id="another-node-is-named"),
        pytest.param({"nodeSelector": {"disk": "ssd"}}, node(disk="ssd"), RUNS, id="selected"),
        pytest.param({"nodeSelector": {"disk": "ssd"}}, node(), UNSUITED, id="not-selected"),
        pytest.param({}, node("n1", "gpu:NoSchedule"), KEEPS, id="taint-that-keeps-new-ones-away"),
        pytest.param({}, node("n1", "gpu:NoExecute"), UNSUITED, id="taint-that-drives-away"),
        pytest.param({}, node("n1", "gpu:PreferNoSchedule"), RUNS, id="taint-that-only-asks"),
        pytest.param(ANYWHERE, node("n1", "gpu:NoExecute", "x:NoSchedule"), RUNS, id="tolerates-all"),
        pytest.param({}, node("n1", "node.kubernetes.io/not-ready:NoExecute"), RUNS, id="not-ready"),
        pytest.param({}, node("n1", "node.kubernetes.io/unschedulable:NoSchedule"), RUNS, id="cordoned"),
        pytest.param(
            {}, node("n1", "node.kubernetes.io/network-unavailable:NoSchedule"), KEEPS, id="without-a-network"
        ),
        pytest.param(
            {"hostNetwork": True},
            node("n1", "node.kubernetes.io/network-unavailable:NoSchedule"),
            RUNS,
            id="without-a-network-but-with-the-hosts",
        ),
    ],
)
def test_suitability(pod: dict[str, Any], where: Node, expected: Suitability) -> None:
    assert Placing(daemon_set(pod=pod)).on(where) == expected


def test_no_toleration_is_given_twice() -> None:
    spec = PodSpec.model_validate({
        "tolerations": [
            {"key": "mine", "operator": "Exists"},
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
        ]
    })
    assert [entry.key.removeprefix("node.kubernetes.io/") for entry in tolerations(spec)] == [
        "mine",
        "not-ready",
        "unreachable",
        "disk-pressure",
        "memory-pressure",
        "pid-pressure",
        "unschedulable",
    ]


def test_a_pod_is_tied_to_its_node() -> None:
    """What the template requires of nodes makes way; what it prefers, and the rest, stays."""
    term = {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}
    affinity = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]},
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": term}],
        },
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]},
    }
    made = pod_for(daemon_set(pod={"affinity": affinity}), "n7", "abc")
    assert made["metadata"]["generateName"] == "agent-"
    assert made["metadata"]["labels"] == {"app": "agent", "controller-revision-hash": "abc"}
    nodes = made["spec"]["affinity"]["nodeAffinity"]
    assert nodes["requiredDuringSchedulingIgnoredDuringExecution"] == {
        "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n7"]}]}]
    }
    assert nodes["preferredDuringSchedulingIgnoredDuringExecution"] == [{"weight": 1, "preference": term}]
    assert made["spec"]["affinity"]["podAntiAffinity"] == affinity["podAntiAffinity"]
    assert target_node(Pod.model_validate(made)) == "n7"


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(daemon_pod("n1"), "n1", id="bound"),
        pytest.param(daemon_pod("n1", bound=False), "n1", id="made-for-it"),
        pytest.param(Pod(), "", id="anybodys"),
    ],
)
def test_target(pod: Pod, expected: str) -> None:
    assert target_node(pod) == expected
