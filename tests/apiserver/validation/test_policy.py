"""Disruption budgets, priority classes and runtime classes that are refused, and in which words."""

import pytest

from apiserver.registry.policy import PriorityClassStrategy
from apiserver.validation import policy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
RESERVED = (
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"minAvailable": "50%", "selector": {}}, [], id="fine"),
        pytest.param({"maxUnavailable": 0}, [], id="none may go"),
        pytest.param(
            {"minAvailable": 1, "maxUnavailable": 1},
            [
                'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: '
                "minAvailable and maxUnavailable cannot be both set"
            ],
            id="both",
        ),
        pytest.param(
            {"minAvailable": -1},
            ["spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"],
            id="negative",
        ),
        pytest.param({"minAvailable": "half"}, [f'spec.minAvailable: Invalid value: "half": {PERCENT}'], id="no share"),
        pytest.param(
            {"maxUnavailable": "101%"},
            ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
            id="more than all",
        ),
        pytest.param(
            {"unhealthyPodEvictionPolicy": "Never"},
            [
                'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": '
                'supported values: "AlwaysAllow", "IfHealthyBudget"'
            ],
            id="policy",
        ),
        pytest.param(
            {"selector": {"matchExpressions": [{"key": "a", "operator": "In"}]}},
            [
                "spec.selector.matchExpressions[0].values: Required value: "
                "must be specified when `operator` is 'In' or 'NotIn'"
            ],
            id="selector",
        ),
    ],
)
def test_budgets(spec: JSONObject, expected: list[str]) -> None:
    assert lines(policy.validate_pod_disruption_budget({"metadata": {}, "spec": spec})) == expected


def test_status_of_budgets() -> None:
    condition = {"type": "a", "status": "Maybe"}
    status = {"disruptionsAllowed": -1, "conditions": [condition, condition]}
    assert lines(policy.validate_pod_disruption_budget_status({"status": status})) == [
        'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
        "status.conditions[0].lastTransitionTime: Required value",
        "status.conditions[0].reason: Required value",
        'status.conditions[1].type: Duplicate value: "a"',
        'status.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
        "status.conditions[1].lastTransitionTime: Required value",
        "status.conditions[1].reason: Required value",
        "status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0",
    ]


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        pytest.param("high", {"value": 1_000_000_000}, [], id="the highest"),
        pytest.param("low", {"value": -(2**31)}, [], id="the lowest"),
        pytest.param(
            "high",
            {"value": 1_000_000_001},
            ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
            id="too high",
        ),
        pytest.param(
            "system-mine", {"value": 1}, [f"{RESERVED}system-mine is not a known system priority class"], id="reserved"
        ),
        pytest.param("system-node-critical", {"value": 2_000_001_000}, [], id="the system's"),
        pytest.param(
            "system-node-critical",
            {"value": 1},
            [f"{RESERVED}value of system-node-critical PriorityClass must be 2000001000"],
            id="the system's, with another value",
        ),
        pytest.param(
            "system-cluster-critical",
            {"value": 2_000_000_000, "globalDefault": True},
            [f"{RESERVED}globalDefault of system-cluster-critical PriorityClass must be false"],
            id="the system's, as the default",
        ),
        pytest.param(
            "high",
            {"value": 1, "preemptionPolicy": "Always"},
            ['preemptionPolicy: Unsupported value: "Always": supported values: "Never", "PreemptLowerPriority"'],
            id="preemption",
        ),
    ],
)
def test_priority_classes(name: str, fields: JSONObject, expected: list[str]) -> None:
    obj = {"metadata": {"name": name}, **fields}
    PriorityClassStrategy().default(obj)
    assert lines(policy.validate_priority_class(obj)) == expected


def test_a_priority_never_changes() -> None:
    old = {"value": 1, "preemptionPolicy": "PreemptLowerPriority", "description": "a"}
    new = {"value": 2, "preemptionPolicy": "Never", "description": "b"}
    assert lines(policy.validate_priority_class_update(new, old)) == [
        "value: Forbidden: may not be changed in an update.",
        'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param({"handler": "runc"}, [], id="fine"),
        pytest.param(
            {"handler": "runc", "overhead": {"podFixed": {"cpu": "-1"}}},
            ['overhead.podFixed[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
            id="overhead",
        ),
        pytest.param(
            {"handler": "runc", "scheduling": {"tolerations": [{"operator": "Exists"}] * 2}},
            ['scheduling.tolerations[1]: Duplicate value: {"operator":"Exists"}'],
            id="one toleration twice",
        ),
    ],
)
def test_runtime_classes(obj: JSONObject, expected: list[str]) -> None:
    assert lines(policy.validate_runtime_class(obj)) == expected


def test_a_handler_is_a_label_and_never_changes() -> None:
    problems = lines(policy.validate_runtime_class_update({"handler": ""}, {"handler": "runc"}))
    assert problems[0].startswith('handler: Invalid value: "": a lowercase RFC 1123 label must consist of')
    assert problems[1:] == ['handler: Invalid value: "": field is immutable']
