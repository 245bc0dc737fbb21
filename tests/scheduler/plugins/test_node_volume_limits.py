"""NodeVolumeLimits, as tables."""

from typing import Any

import pytest

from apimachinery.types.base import Object
from apimachinery.types.csi import CSIDriver, VolumeAttachment
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import SKIP
from scheduler.plugins.node_volume_limits import REASON, NodeVolumeLimits, not_installed
from tests.controller_manager.builders import claim, volume
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import SOFT, fits, rejected
from tests.scheduler.storage.world import Storage, bound, csi, csi_node, waiting_class


def claimed(name: str, driver: str = "example.csi") -> list[Object]:
    """A claim with a volume of the driver."""
    return [bound(name, f"pv-{name}"), volume(f"pv-{name}", spec=csi(f"h-{name}", driver))]


CLAIMS = [*claimed("one"), *claimed("two"), *claimed("three"), *claimed("else", "other.csi")]
CLAIMS += [bound("path", "pv-path"), volume("pv-path", spec={"hostPath": {"path": "/x"}})]
CLAIMS += [claim("new"), waiting_class(provisioner="example.csi")]


def nodes(*pods: PodBuilder) -> NodeTable:
    return table(make_node("a"), make_node("b"), pods=tuple(pod.node("a") for pod in pods))


def user(name: str, *claims: str) -> PodBuilder:
    pod = make_pod(name)
    for entry in claims:
        pod.claim(entry)
    return pod


@pytest.mark.parametrize(
    ("there", "wanted", "limits", "full"),
    [
        pytest.param([], ["one"], {"example": 1}, False, id="the first"),
        pytest.param([["one"]], ["two"], {"example": 1}, True, id="one too many"),
        pytest.param([["one"]], ["two"], {"example": 2}, False, id="the last"),
        pytest.param([], ["one", "two"], {"example": 1}, True, id="two at once"),
        pytest.param([["one"]], ["one"], {"example": 1}, False, id="the same volume counts once"),
        pytest.param([["one"]], ["one", "two"], {"example": 1}, True, id="the same, and another"),
        pytest.param([["one"], ["one"]], ["two"], {"example": 2}, False, id="shared by others"),
        pytest.param([["one"]], ["two"], {"other": 0}, False, id="another driver's limit"),
        pytest.param([["else"]], ["one"], {"example": 1}, False, id="another driver's volume"),
        pytest.param([["one"], ["two"]], ["else"], {"example": 1, "other": 1}, False, id="full, but not of these"),
        pytest.param([["one"]], ["two"], {"example": None}, False, id="any number"),
        pytest.param([["one"]], ["new"], {"example": 1}, True, id="one that is to be made"),
        pytest.param([["new"]], ["one"], {"example": 1}, True, id="one that is being made"),
        pytest.param([["one"]], ["path"], {"example": 1}, False, id="no driver's volume"),
        pytest.param([["path"]], ["one"], {"example": 1}, False, id="beside no driver's volume"),
        pytest.param([], ["one"], {"example": 0}, True, id="none at all"),
    ],
)
def test_limits(there: list[list[str]], wanted: list[str], limits: dict[str, int | None], full: bool) -> None:
    plugin = NodeVolumeLimits(Storage(*CLAIMS, csi_node("a", **limits), csi_node("gone", example=0)).view)
    cluster = nodes(*(user(f"p{number}", *claims) for number, claims in enumerate(there)))
    assert rejected(plugin, user("pod", *wanted), cluster) == ({"a": [(REASON, SOFT)]} if full else {})


def attachment(node: str, volume_name: str) -> VolumeAttachment:
    spec = {"attacher": "example.csi", "nodeName": node, "source": {"persistentVolumeName": volume_name}}
    return VolumeAttachment.model_validate({"metadata": {"name": f"{node}-{volume_name}"}, "spec": spec})


@pytest.mark.parametrize(
    ("attached", "fitting"),
    [
        pytest.param(attachment("a", "pv-two"), ["b"], id="attached, with no pod that uses it"),
        pytest.param(attachment("a", "pv-one"), ["a", "b"], id="the very volume"),
        pytest.param(attachment("b", "pv-two"), ["a"], id="attached to another node"),
        pytest.param(attachment("a", "gone"), ["a", "b"], id="of a volume that is gone"),
    ],
)
def test_attachments(attached: VolumeAttachment, fitting: list[str]) -> None:
    objects = [*CLAIMS, csi_node("a", example=1), csi_node("b", example=1), attached]
    assert fits(NodeVolumeLimits(Storage(*objects).view), user("pod", "one"), nodes()) == fitting


def driver(**spec: Any) -> CSIDriver:
    return CSIDriver.model_validate({"metadata": {"name": "example.csi"}, "spec": spec})


@pytest.mark.parametrize(
    ("spec", "turned_down"),
    [
        pytest.param({}, {}, id="says nothing"),
        pytest.param(
            {"preventPodSchedulingIfMissing": True},
            {"b": [(not_installed("example.csi"), SOFT)]},
            id="keeps pods off nodes without it",
        ),
    ],
)
def test_drivers_that_are_missing(spec: dict[str, Any], turned_down: dict[str, Any]) -> None:
    plugin = NodeVolumeLimits(Storage(*CLAIMS, driver(**spec), csi_node("a", example=5)).view)
    assert rejected(plugin, user("pod", "one"), nodes()) == turned_down


@pytest.mark.parametrize(
    ("objects", "pod"),
    [
        pytest.param(CLAIMS, user("pod", "one"), id="no CSINodes, no drivers"),
        pytest.param([*CLAIMS, csi_node("a", example=0)], user("pod"), id="no claims"),
        pytest.param([*CLAIMS, csi_node("a", example=0)], user("pod", "path"), id="no driver's volumes"),
        pytest.param([*CLAIMS, csi_node("a", example=0)], user("pod", "unheard-of"), id="no such claim"),
    ],
)
def test_what_is_left_alone(objects: list[Object], pod: PodBuilder) -> None:
    plugin = NodeVolumeLimits(Storage(*objects).view)
    assert plugin.pre_filter(CycleState(), pod.info(), nodes()).status == SKIP
