"""Which nodes can have a pod's claims, and what is to be done there."""

from typing import Any

import pytest

from apimachinery.types.base import Object
from apimachinery.types.csi import CSIDriver, CSIStorageCapacity
from scheduler.framework.node_table import NodeTable
from scheduler.storage.pod_claims import PodClaims, pod_claims
from scheduler.storage.search import BIND_CONFLICT, NODE_CONFLICT, NOT_ENOUGH_SPACE, VOLUME_MISSING, NodeSearch, search
from tests.controller_manager.builders import claim, volume
from tests.scheduler.builders import make_node, make_pod, table
from tests.scheduler.storage.world import Storage, bound, on, waiting_class

BY_HAND = "kubernetes.io/no-provisioner"
SELECTED = "volume.kubernetes.io/selected-node"
EXTERNAL = "example.csi"


def nodes() -> NodeTable:
    """Three nodes: ``a`` and ``c`` in zone z0, ``b`` in z1."""
    found = [make_node(name).labels(**{"kubernetes.io/hostname": name}) for name in "abc"]
    return table(*(node.labels(zone=f"z{number % 2}") for number, node in enumerate(found)))


def searched(*objects: Object, claims: tuple[str, ...] = ("data",)) -> tuple[NodeSearch, dict[str, str]]:
    """What was found, and for each reason the nodes that it turns down."""
    storage, pod = Storage(*objects), make_pod()
    for name in claims:
        pod.claim(name)
    found = pod_claims(pod.info(), storage.view)
    assert isinstance(found, PodClaims)
    result, rejections = search(found, nodes(), storage.view)
    return result, {
        entry.reason: "".join(name for name, marked in zip("abc", entry.nodes, strict=True) if marked)
        for entry in rejections
    }


@pytest.mark.parametrize(
    ("volumes", "turned_down"),
    [
        pytest.param([volume()], {}, id="usable everywhere"),
        pytest.param([volume(spec=on("b"))], {NODE_CONFLICT: "ac"}, id="on another node"),
        pytest.param([volume(spec=on("z0", key="zone"))], {NODE_CONFLICT: "b"}, id="in another zone"),
        pytest.param([], {VOLUME_MISSING: "abc"}, id="gone"),
    ],
)
def test_bound(volumes: list[Object], turned_down: dict[str, str]) -> None:
    assert searched(bound(), *volumes)[1] == turned_down


def test_of_each_node_the_first_of_several_claims_is_told() -> None:
    objects = [bound("one", "v1"), bound("two", "v2"), volume("v1", spec=on("b"))]
    assert searched(*objects, claims=("one", "two"))[1] == {NODE_CONFLICT: "ac", VOLUME_MISSING: "b"}


def driver(counts: bool = True) -> CSIDriver:
    return CSIDriver.model_validate({"metadata": {"name": EXTERNAL}, "spec": {"storageCapacity": counts}})


def capacity(zone: str | None, amount: str | None, **more: Any) -> CSIStorageCapacity:
    topology = {} if zone is None else {"nodeTopology": {"matchLabels": {"zone": zone}}}
    amounts = {} if amount is None else {"capacity": amount}
    return CSIStorageCapacity.model_validate({
        "metadata": {"name": f"c-{zone}", "namespace": "x"},
        "storageClassName": "standard",
        **topology,
        **amounts,
        **more,
    })


@pytest.mark.parametrize(
    ("objects", "turned_down"),
    [
        pytest.param([waiting_class()], {}, id="made on any node"),
        pytest.param([waiting_class(provisioner=BY_HAND)], {BIND_CONFLICT: "abc"}, id="not made"),
        pytest.param([waiting_class(provisioner=BY_HAND), volume(spec=on("c"))], {BIND_CONFLICT: "ab"}, id="local"),
        pytest.param([waiting_class(), volume(spec=on("c"))], {}, id="local, or made elsewhere"),
        pytest.param(
            [waiting_class(allowedTopologies=[{"matchLabelExpressions": [{"key": "zone", "values": ["z1"]}]}])],
            {BIND_CONFLICT: "ac"},
            id="made in one zone",
        ),
        pytest.param([waiting_class(provisioner=EXTERNAL), driver()], {NOT_ENOUGH_SPACE: "abc"}, id="no room known"),
        pytest.param([waiting_class(provisioner=EXTERNAL), driver(counts=False)], {}, id="room is not counted"),
        pytest.param(
            [waiting_class(provisioner=EXTERNAL), driver(), capacity("z0", "1Gi"), capacity("z1", "1Mi")],
            {NOT_ENOUGH_SPACE: "b"},
            id="room in one zone",
        ),
        pytest.param(
            [waiting_class(provisioner=EXTERNAL), driver(), capacity("z0", "9Gi", maximumVolumeSize="1Mi")],
            {NOT_ENOUGH_SPACE: "abc"},
            id="room, not in one piece",
        ),
        pytest.param(
            [waiting_class(provisioner=EXTERNAL), driver(), capacity(None, "9Gi"), capacity("z0", None)],
            {NOT_ENOUGH_SPACE: "abc"},
            id="room nowhere, or of no size",
        ),
    ],
)
def test_delayed(objects: list[Object], turned_down: dict[str, str]) -> None:
    assert searched(claim(), *objects)[1] == turned_down


def test_a_claim_with_a_node_goes_nowhere_else() -> None:
    found, turned_down = searched(claim(annotations={SELECTED: "b"}), waiting_class(), volume("v"))
    assert turned_down == {BIND_CONFLICT: "ac"}
    plan = found.plan("b")
    assert not plan.bindings
    assert [entry.metadata.name for entry in plan.provisions] == ["data"]


def test_bound_and_delayed_claims_both_have_their_say() -> None:
    first = volume("v1", claim="one", spec=on("a", "b"))
    objects = [bound("one", "v1"), first, claim("two"), waiting_class(provisioner=BY_HAND)]
    assert searched(*objects, volume("v2", spec=on("b", "c")), claims=("one", "two"))[1] == {
        NODE_CONFLICT: "c",
        BIND_CONFLICT: "a",
    }


def test_the_plan_of_each_node() -> None:
    objects = [waiting_class(), claim("one"), claim("two", size="2Gi"), volume("v1", spec=on("a", "b"))]
    found, turned_down = searched(*objects, volume("v2", size="3Gi", spec=on("b")), claims=("one", "two"))
    assert not turned_down
    plans = {
        name: (
            {entry.metadata.name: made.metadata.name for made, entry in found.plan(name).bindings},
            [entry.metadata.name for entry in found.plan(name).provisions],
        )
        for name in "abc"
    }
    assert plans == {"a": ({"one": "v1"}, ["two"]), "b": ({"one": "v1", "two": "v2"}, []), "c": ({}, ["one", "two"])}
