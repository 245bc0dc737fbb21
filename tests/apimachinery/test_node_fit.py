"""Node selectors, node affinity and taints, for one node."""

from typing import Any

import pytest

from apimachinery.node_fit import selects, tolerates, untolerated
from apimachinery.types.core import Node
from apimachinery.types.pod import PodSpec, Taint, Toleration

NODE = Node.model_validate({"metadata": {"name": "node-1", "labels": {"disk": "ssd", "cores": "8"}}})


def affinity(*terms: dict[str, Any]) -> dict[str, Any]:
    required = {"nodeSelectorTerms": list(terms)}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


def label(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def name(*values: str) -> dict[str, Any]:
    return {"matchFields": [{"key": "metadata.name", "operator": "In", "values": list(values)}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, True, id="nothing-asked"),
        pytest.param({"nodeSelector": {"disk": "ssd"}}, True, id="selected"),
        pytest.param({"nodeSelector": {"disk": "ssd", "gpu": "yes"}}, False, id="not-selected"),
        pytest.param(affinity(label("disk", "In", "hdd"), label("cores", "Gt", "4")), True, id="one-term-is-enough"),
        pytest.param(affinity(label("disk", "Exists") | name("node-2")), False, id="all-of-a-term-is-needed"),
        pytest.param(affinity(name("node-1")), True, id="by-name"),
        pytest.param(affinity({}), False, id="an-empty-term-is-for-none"),
        pytest.param({"nodeSelector": {"disk": "hdd"}} | affinity(name("node-1")), False, id="both-are-needed"),
    ],
)
def test_selects(spec: dict[str, Any], expected: bool) -> None:
    assert selects(PodSpec.model_validate(spec), NODE) is expected


def test_only_taints_of_the_effects_count() -> None:
    taints = [Taint(key=key, effect=effect) for key, effect in (("a", "NoExecute"), ("b", "NoSchedule"))]
    tolerant = [Toleration(key="a", operator="Exists")]
    assert untolerated(tolerant, taints, ["NoExecute", "NoSchedule"]) == taints[1:]
    assert untolerated(tolerant, taints, ["NoExecute"]) == []


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "k", "operator": "Exists"}, True),
        ({"key": "k", "value": "v"}, True),
        ({"key": "k", "value": "w"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "k", "operator": "Exists", "effect": "NoSchedule"}, False),
    ],
)
def test_tolerates(toleration: dict[str, str], *, tolerated: bool) -> None:
    taint = Taint(key="k", value="v", effect="NoExecute")
    assert tolerates(Toleration.model_validate(toleration), taint) is tolerated


@pytest.mark.parametrize(
    ("operator", "value", "bound", "holds"),
    [
        pytest.param("Gt", "900", "750", True, id="greater"),
        pytest.param("Gt", "750", "750", False, id="not greater"),
        pytest.param("Lt", "9", "10", True, id="less, as numbers"),
        pytest.param("Lt", "-1", "0", True, id="negative"),
        pytest.param("Lt", "", "1", False, id="no number"),
        pytest.param("Gt", "95.5", "1", False, id="no whole number"),
    ],
)
def test_tolerations_that_compare(operator: str, value: str, bound: str, *, holds: bool) -> None:
    taint = Taint(key="k", value=value, effect="NoSchedule")
    assert tolerates(Toleration(key="k", operator=operator, value=bound), taint) is holds
