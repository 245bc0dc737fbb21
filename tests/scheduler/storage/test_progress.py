"""How far the bindings of a plan have come."""

from typing import Any

import pytest

from apimachinery.types.base import Object
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim
from scheduler.storage.progress import progress
from scheduler.storage.search import Plan
from tests.controller_manager.builders import claim, volume
from tests.scheduler.builders import make_node
from tests.scheduler.storage.world import Storage, bound, on

NODE = make_node("n1").labels(**{"kubernetes.io/hostname": "n1"}).obj()
SELECTED = "volume.kubernetes.io/selected-node"


def given(**more: Any) -> PersistentVolume:
    return volume(claim="data", **more)


def selected(node: str = "n1") -> PersistentVolumeClaim:
    return claim(annotations={SELECTED: node})


def provisioned() -> PersistentVolumeClaim:
    found = bound()
    found.metadata.annotations[SELECTED] = "n1"
    return found


def at(version: int, obj: Any) -> Any:
    obj.metadata.resource_version = str(version)
    return obj


def binding(version: int = 0) -> Plan:
    """A volume that was written in this version; what is shown in tests is newer than 0 and older than 9."""
    return Plan(bindings=((at(version, given()), claim()),))


def provision(version: int = 0) -> Plan:
    return Plan(provisions=(at(version, selected()),))


@pytest.mark.parametrize(
    ("written", "shown", "done", "failure"),
    [
        pytest.param(binding(), [given(), bound()], True, "", id="bound"),
        pytest.param(binding(), [given(), claim()], False, "", id="not bound yet"),
        pytest.param(binding(9), [volume(), claim()], False, "", id="the write is not shown yet"),
        pytest.param(
            binding(), [claim()], False, 'failed to check binding: persistentvolume "pv" not found', id="gone"
        ),
        pytest.param(
            binding(),
            [given()],
            False,
            'failed to check binding: persistentvolumeclaim "data" not found',
            id="claim gone",
        ),
        pytest.param(binding(), [claim(), volume()], False, 'ClaimRef got reset for pv "pv"', id="taken back"),
        pytest.param(
            binding(),
            [given(spec=on("n2")), claim()],
            False,
            'pv "pv" node affinity doesn\'t match node "n1": no matching NodeSelectorTerms',
            id="for another node",
        ),
        pytest.param(provision(), [volume(claim="data"), provisioned()], True, "", id="made"),
        pytest.param(provision(), [selected()], False, "", id="being made"),
        pytest.param(provision(9), [claim()], False, "", id="the annotation is not shown yet"),
        pytest.param(provision(), [provisioned()], False, "", id="its volume is not shown yet"),
        pytest.param(provision(), [claim()], False, 'provisioning failed for PVC "data"', id="could not be made"),
        pytest.param(provision(), [selected("n2")], False, 'provisioning failed for PVC "data"', id="for another node"),
        pytest.param(
            provision(),
            [],
            False,
            'failed to check provisioning pvc: persistentvolumeclaim "data" not found',
            id="claim deleted",
        ),
        pytest.param(
            provision(),
            [volume(claim="data", spec=on("n2")), provisioned()],
            False,
            'pv "pv" node affinity doesn\'t match node "n1": no matching NodeSelectorTerms',
            id="made for another node",
        ),
    ],
)
def test_progress(written: Plan, shown: list[Object], done: bool, failure: str) -> None:
    found = progress(written, NODE, Storage(*shown).view)
    assert (found.done, found.failure) == (done, failure)
