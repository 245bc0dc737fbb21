"""What ``matchLabelKeys`` and ``mismatchLabelKeys`` of a new pod become."""

from typing import Any

import pytest

from apiserver.registry.pods import PodStrategy
from apiserver.validation.label_keys import validate_label_keys

JSONObject = dict[str, Any]

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
LABELS = {"app": "web", "pod-template-hash": "abc"}
SELECTOR: JSONObject = {"matchLabels": {"app": "web"}}


def created(spec: JSONObject) -> JSONObject:
    pod: JSONObject = {"metadata": {"name": "web", "labels": LABELS}, "spec": {"containers": [], **spec}}
    PodStrategy().prepare_for_create(pod)
    found: JSONObject = pod["spec"]
    return found


def term(**more: Any) -> JSONObject:
    return {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}, **more}


def expressions(asking: JSONObject) -> list[tuple[str, str, list[str]]]:
    found = asking.get("labelSelector", {}).get("matchExpressions", [])
    return [(entry["key"], entry["operator"], entry["values"]) for entry in found]


@pytest.mark.parametrize("kind", ["podAffinity", "podAntiAffinity"])
def test_terms_of_affinity_select_by_the_pods_own_labels(kind: str) -> None:
    keys = {"matchLabelKeys": ["pod-template-hash"], "mismatchLabelKeys": ["app", "unknown"]}
    rules = {REQUIRED: [term(**keys)], PREFERRED: [{"weight": 1, "podAffinityTerm": term(**keys)}]}
    found = created({"affinity": {kind: rules}})["affinity"][kind]
    wanted = [("pod-template-hash", "In", ["abc"]), ("app", "NotIn", ["web"])]
    assert expressions(found[REQUIRED][0]) == wanted
    assert expressions(found[PREFERRED][0]["podAffinityTerm"]) == wanted


def test_spread_constraints_too() -> None:
    spec = created({"topologySpreadConstraints": [term(matchLabelKeys=["pod-template-hash"])]})
    assert expressions(spec["topologySpreadConstraints"][0]) == [("pod-template-hash", "In", ["abc"])]


def test_no_selector_stays_none() -> None:
    spec = created({"topologySpreadConstraints": [{"topologyKey": "zone", "matchLabelKeys": ["app"]}]})
    assert "labelSelector" not in spec["topologySpreadConstraints"][0]


@pytest.mark.parametrize(
    ("asking", "causes"),
    [
        pytest.param({"labelSelector": SELECTOR}, [], id="none"),
        pytest.param({"labelSelector": SELECTOR, "matchLabelKeys": ["hash"]}, [], id="another-label"),
        pytest.param(
            {"labelSelector": {"matchExpressions": [{"key": "hash"}]}, "matchLabelKeys": ["hash"]}, [], id="merged"
        ),
        pytest.param(
            {"matchLabelKeys": ["hash"]},
            [("p.matchLabelKeys", "Forbidden: must not be specified when labelSelector is not set")],
            id="no-selector",
        ),
        pytest.param(
            {"labelSelector": {**SELECTOR, "matchExpressions": [{"key": "app"}]}, "matchLabelKeys": ["hash", "app"]},
            [("p[1]", 'Invalid value: "app": exists in both matchLabelKeys and labelSelector')],
            id="selected-already",
        ),
        pytest.param(
            {"labelSelector": SELECTOR, "matchLabelKeys": ["hash"], "mismatchLabelKeys": ["hash"]},
            [("p.matchLabelKeys[0]", 'Invalid value: "hash": exists in both matchLabelKeys and mismatchLabelKeys')],
            id="both",
        ),
    ],
)
def test_keys_that_are_refused(asking: JSONObject, causes: list[tuple[str, str]]) -> None:
    assert [(cause.field, cause.message) for cause in validate_label_keys(asking, "p")] == causes


def test_a_key_is_a_label_name() -> None:
    (cause,) = validate_label_keys({"labelSelector": SELECTOR, "matchLabelKeys": ["/bad"]}, "p")
    assert cause.field == "p.matchLabelKeys[0]"
