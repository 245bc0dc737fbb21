"""What a write may change of a pod, and how a pod behind a gate is placed more narrowly."""

import copy
from typing import Any

import pytest

from apimachinery.pod_defaults import default_pod
from apiserver.validation.pod_update import validate_pod_update
from tests.apiserver.validation.causes import lines

JSONObject = dict[str, Any]

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
TERMS = f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms"
ZONE = {"key": "zone", "operator": "In", "values": ["a"]}
DISK = {"key": "disk", "operator": "Exists"}
GATED: JSONObject = {"schedulingGates": [{"name": "a"}, {"name": "b"}], "nodeSelector": {"zone": "a"}}


def pod(**spec: Any) -> JSONObject:
    made = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}], **spec}}
    default_pod(made)
    return made


def node_affinity(*terms: JSONObject, **more: Any) -> JSONObject:
    required = {REQUIRED: {"nodeSelectorTerms": list(terms)}} if terms else {}
    return {"affinity": {"nodeAffinity": {**required, **more}}}


def found(old: JSONObject, new: JSONObject) -> list[str]:
    return lines(validate_pod_update(pod(**copy.deepcopy(new)), pod(**copy.deepcopy(old))))


PREFERENCE = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {}}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(GATED, {**GATED, "nodeSelector": {"zone": "a", "disk": "ssd"}}, id="selector"),
        pytest.param(GATED, {**GATED, "schedulingGates": [{"name": "b"}]}, id="gate"),
        pytest.param(GATED, {"nodeSelector": {"zone": "a"}}, id="all gates"),
        pytest.param(GATED, GATED | node_affinity({"matchExpressions": [ZONE]}), id="first affinity"),
        pytest.param(
            GATED | node_affinity({"matchExpressions": [ZONE]}),
            GATED | node_affinity({"matchExpressions": [ZONE, DISK]}),
            id="narrower term",
        ),
        pytest.param(GATED | node_affinity(**PREFERENCE), GATED, id="preferences"),
        pytest.param({}, {"tolerations": [{"key": "a", "operator": "Exists"}]}, id="toleration"),
        pytest.param({"terminationGracePeriodSeconds": -1}, {"terminationGracePeriodSeconds": 1}, id="grace"),
    ],
)
def test_what_may_change(old: JSONObject, new: JSONObject) -> None:
    assert found(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param(
            GATED,
            {**GATED, "nodeSelector": {"zone": "b"}},
            'spec.nodeSelector: Invalid value: {"zone":"b"}: only additions to spec.nodeSelector are allowed '
            "(no mutations or deletions)",
            id="selector",
        ),
        pytest.param(
            {"schedulingGates": [{"name": "a"}]},
            {"schedulingGates": [{"name": "c"}]},
            "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c'",
            id="gate",
        ),
        pytest.param(
            GATED | node_affinity({"matchExpressions": [ZONE]}),
            GATED,
            f"{TERMS}: Invalid value: []: no additions/deletions to non-empty NodeSelectorTerms list are allowed",
            id="no terms",
        ),
        pytest.param(
            GATED | node_affinity({"matchExpressions": [ZONE]}),
            GATED | node_affinity({"matchExpressions": [DISK]}),
            f'{TERMS}[0]: Invalid value: {{"matchExpressions":[{{"key":"disk","operator":"Exists"}}]}}: '
            "only additions are allowed (no mutations or deletions)",
            id="other term",
        ),
        pytest.param(
            GATED | node_affinity({"matchFields": []}),
            GATED | node_affinity({"matchExpressions": [DISK]}),
            f'{TERMS}[0]: Invalid value: {{"matchExpressions":[{{"key":"disk","operator":"Exists"}}]}}: '
            "only additions are allowed (no mutations or deletions)",
            id="term that selected nothing",
        ),
        pytest.param(
            {"tolerations": [{"key": "a", "operator": "Exists"}]},
            {},
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
            id="toleration",
        ),
        pytest.param(
            {"activeDeadlineSeconds": 5},
            {"activeDeadlineSeconds": 6},
            "spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value",
            id="deadline",
        ),
    ],
)
def test_what_is_refused(old: JSONObject, new: JSONObject, line: str) -> None:
    assert found(old, new) == [line]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": "b", "c": "d"}}, id="selector, no gate"),
        pytest.param({}, node_affinity({"matchExpressions": [ZONE]}), id="affinity, no gate"),
        pytest.param(
            GATED,
            GATED | {"affinity": {"podAffinity": {REQUIRED: [{"topologyKey": "zone"}]}}},
            id="affinity to pods",
        ),
        pytest.param({}, {"hostname": "other"}, id="another field"),
    ],
)
def test_the_rest_of_a_spec_stays(old: JSONObject, new: JSONObject) -> None:
    (line,) = found(old, new)
    assert line.startswith("spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`")


def test_containers_are_neither_added_nor_removed() -> None:
    new = {"initContainers": [{"name": "i", "image": "busybox:1.36"}]}
    assert found({}, new) == ["spec.initContainers: Forbidden: pod updates may not add or remove containers"]
