"""Which volumes fit a claim, as tables."""

from typing import Any

import pytest

from apimachinery.types.core import Node
from apimachinery.volume_matching import accepts_node, best_match, is_bound_to, mismatch
from tests.controller_manager.builders import claim, volume

ZONE_A = Node.model_validate({"metadata": {"name": "n1", "labels": {"zone": "a"}}})


def affinity(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"nodeAffinity": {"required": {"nodeSelectorTerms": list(terms)}}}


def in_zones(*zones: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "zone", "operator": "In", "values": list(zones)}]}


@pytest.mark.parametrize(
    ("more", "bound"),
    [
        pytest.param({}, False, id="nobody's"),
        pytest.param({"claim": "data"}, True, id="its"),
        pytest.param({"claim": "data", "claim_uid": ""}, True, id="set aside for its name"),
        pytest.param({"claim": "data", "claim_uid": "older"}, False, id="one of its name before it"),
        pytest.param({"claim": "other"}, False, id="another's"),
    ],
)
def test_bound(more: dict[str, Any], bound: bool) -> None:
    assert is_bound_to(volume(**more), claim()) is bound


@pytest.mark.parametrize(
    ("more", "why"),
    [
        pytest.param({}, "", id="fits"),
        pytest.param({"deleting": True}, 'the volume is marked for deletion "pv"', id="on its way out"),
        pytest.param({"size": "1023Mi"}, "requested PV is too small", id="too small"),
        pytest.param({"storage_class": "fast"}, "storageClassName does not match", id="class"),
        pytest.param({"spec": {"volumeMode": "Block"}}, "incompatible volumeMode", id="mode"),
        pytest.param({"modes": ("ReadOnlyMany",)}, "incompatible accessMode", id="access"),
        pytest.param(
            {"spec": {"volumeAttributesClassName": "gold"}}, "volumeAttributesClassName does not match", id="attributes"
        ),
    ],
)
def test_mismatch(more: dict[str, Any], why: str) -> None:
    assert mismatch(volume(**more), claim()) == why


@pytest.mark.parametrize(
    ("volumes", "asked", "chosen"),
    [
        pytest.param([], {}, None, id="none there"),
        pytest.param([volume("a", size="3Gi"), volume("b", size="2Gi")], {}, "b", id="the smallest"),
        pytest.param([volume("b"), volume("a")], {}, "a", id="of equals the first by name"),
        pytest.param([volume("a", size="1Mi")], {}, None, id="too small"),
        pytest.param(
            [volume("a", modes=("ReadWriteOnce", "ReadWriteMany")), volume("b", size="9Gi")],
            {},
            "b",
            id="no more modes than needed, rather than no more space",
        ),
        pytest.param([volume("a")], {"modes": ("ReadWriteOnce", "ReadOnlyMany")}, None, id="a mode is missing"),
        pytest.param([volume("a", storage_class="")], {}, None, id="another class"),
        pytest.param([volume("a", phase="Released"), volume("b", phase="Pending")], {}, None, id="not available"),
        pytest.param([volume("a", deleting=True)], {}, None, id="on its way out"),
        pytest.param([volume("a", spec={"volumeMode": "Block"})], {}, None, id="another mode"),
        pytest.param(
            [volume("a"), volume("b", claim="data", size="9Gi")], {}, "b", id="its own rather than a better one"
        ),
        pytest.param(
            [volume("a", claim="data", claim_uid="", storage_class="")], {}, "a", id="set aside, whatever the class"
        ),
        pytest.param([volume("a", claim="data", size="1Mi")], {}, None, id="its own, but too small"),
        pytest.param([volume("a", claim="other")], {}, None, id="another's"),
        pytest.param(
            [volume("a"), volume("b", labels={"disk": "ssd"})],
            {"spec": {"selector": {"matchLabels": {"disk": "ssd"}}}},
            "b",
            id="selected",
        ),
        pytest.param(
            [volume("a")],
            {"spec": {"selector": {"matchExpressions": [{"key": "disk", "operator": "Odd"}]}}},
            None,
            id="a selector that nobody understands",
        ),
    ],
)
def test_best_match(volumes: list[Any], asked: dict[str, Any], chosen: str | None) -> None:
    found = best_match(claim(**asked), volumes, delayed=False, node=None)
    assert (found and found.metadata.name) == chosen


@pytest.mark.parametrize(
    ("volumes", "node", "chosen"),
    [
        pytest.param([volume("a")], None, None, id="nothing before there is a node"),
        pytest.param([volume("a", claim="data")], None, "a", id="its own at any time"),
        pytest.param([volume("a", spec=affinity(in_zones("b"))), volume("b")], ZONE_A, "b", id="one for the node"),
        pytest.param(
            [volume("a", claim="data", spec=affinity(in_zones("b"))), volume("b")],
            ZONE_A,
            None,
            id="its own is not for the node",
        ),
    ],
)
def test_delayed(volumes: list[Any], node: Node | None, chosen: str | None) -> None:
    found = best_match(claim(), volumes, delayed=True, node=node)
    assert (found and found.metadata.name) == chosen


@pytest.mark.parametrize(
    ("terms", "accepted"),
    [
        pytest.param([in_zones("a")], True, id="its zone"),
        pytest.param([in_zones("b")], False, id="another zone"),
        pytest.param([in_zones("b"), in_zones("a")], True, id="either of two"),
        pytest.param([], False, id="no term"),
        pytest.param([{}], False, id="an empty term"),
        pytest.param(
            [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}], True, id="name"
        ),
        pytest.param([{"matchExpressions": [{"key": "zone", "operator": "Odd"}]}], False, id="no operator"),
    ],
)
def test_affinity(terms: list[dict[str, Any]], accepted: bool) -> None:
    assert accepts_node(volume(spec=affinity(*terms)), ZONE_A) is accepted
    assert accepts_node(volume(), ZONE_A)
