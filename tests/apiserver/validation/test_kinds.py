"""Nodes and namespaces that are refused, and in which words."""

import pytest

from apiserver.registry.kinds import NamespaceStrategy, NodeStrategy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

NODE = NodeStrategy()
NAMESPACE = NamespaceStrategy()


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param({"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}, [], id="fine"),
        pytest.param(
            {"spec": {"taints": [{"key": "a", "effect": "Never"}]}},
            [
                'metadata.taints[0].effect: Unsupported value: "Never": '
                'supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"'
            ],
            id="taint",
        ),
        pytest.param(
            {"spec": {"podCIDRs": ["10.0.0.0/24", "10.0.0.0/24"]}},
            [
                'spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24"',
                'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: '
                "may specify no more than one CIDR for each IP family",
            ],
            id="one network twice",
        ),
        pytest.param(
            {"status": {"capacity": {"cpu": "-1", "a.b/gpu": "500m"}}},
            [
                'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
                'status.capacity.a.b/gpu: Invalid value: "500m": must be an integer',
            ],
            id="capacity",
        ),
    ],
)
def test_nodes(obj: JSONObject, expected: list[str]) -> None:
    assert lines(NODE.validate({"metadata": {}, **obj})) == expected


def test_what_a_node_has_been_given_stays() -> None:
    old = {"spec": {"podCIDRs": ["10.0.0.0/24"], "providerID": "a"}}
    new = {"spec": {"podCIDRs": ["10.0.1.0/24"], "providerID": "b"}}
    assert lines(NODE.validate_update(new, old)) == [
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
        'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]


def test_both_fields_for_pod_networks_say_the_same() -> None:
    for spec in ({"podCIDR": "10.0.0.0/24"}, {"podCIDRs": ["10.0.0.0/24"]}):
        node: JSONObject = {"spec": spec}
        NODE.default(node)
        assert node["spec"] == {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.0.0/24"]}


def test_finalizers_of_namespaces() -> None:
    obj: JSONObject = {"metadata": {"name": "n"}, "spec": {"finalizers": ["a.b/c"]}}
    NAMESPACE.prepare_for_create(obj)
    assert obj["spec"]["finalizers"] == ["a.b/c", "kubernetes"]
    assert lines(NAMESPACE.validate(obj)) == []
    assert lines(NAMESPACE.validate({"spec": {"finalizers": ["mine"]}})) == [
        'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'
    ]


@pytest.mark.parametrize(
    ("deleted", "phase", "expected"),
    [
        pytest.param(False, "Active", [], id="active"),
        pytest.param(True, "Terminating", [], id="terminating"),
        pytest.param(
            False,
            "Terminating",
            ["status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"],
            id="terminating too early",
        ),
        pytest.param(
            True,
            "Active",
            ["status.Phase: Invalid value: \"Active\": may only be 'Terminating' if `deletionTimestamp` is not empty"],
            id="no way back",
        ),
    ],
)
def test_phases_of_namespaces(deleted: bool, phase: str, expected: list[str]) -> None:
    metadata = {"deletionTimestamp": "2024-01-01T00:00:00Z"} if deleted else {}
    obj = {"metadata": metadata, "status": {"phase": phase}}
    assert lines(NAMESPACE.validate_status_update(obj, obj)) == expected
