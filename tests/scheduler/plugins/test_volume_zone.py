"""VolumeZone, as tables."""

import pytest

from apimachinery.types.base import Object
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.hints import QueueingHint
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import SKIP, Status
from scheduler.plugins.volume_zone import REASON, VolumeZone, moved
from tests.controller_manager.builders import claim, storage_class, volume
from tests.scheduler.builders import make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, fits, rejected
from tests.scheduler.storage.world import Storage, bound, waiting_class

ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
OLD_ZONE, OLD_REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"

USER = make_pod("web").claim("data")


def nodes() -> NodeTable:
    return table(
        make_node("east").labels(**{ZONE: "e1", REGION: "east"}),
        make_node("west").labels(**{ZONE: "w1", REGION: "west"}),
        make_node("old").labels(**{OLD_ZONE: "e1", OLD_REGION: "east"}),
        make_node("nowhere"),
    )


@pytest.mark.parametrize(
    ("labels", "fitting"),
    [
        pytest.param({}, ["east", "west", "old", "nowhere"], id="no labels"),
        pytest.param({ZONE: "e1"}, ["east", "nowhere"], id="a zone; nodes that say nothing are everywhere"),
        pytest.param({REGION: "west"}, ["west", "nowhere"], id="a region"),
        pytest.param({ZONE: "e1", REGION: "west"}, ["nowhere"], id="both must hold"),
        pytest.param({ZONE: "e1__w1"}, ["east", "west", "nowhere"], id="one of several zones"),
        pytest.param({ZONE: "e1__"}, ["east", "west", "old", "nowhere"], id="a label that makes no sense"),
        pytest.param({ZONE: "x"}, ["nowhere"], id="a zone without nodes"),
        pytest.param({OLD_ZONE: "e1"}, ["east", "old", "nowhere"], id="an old label is met by today's"),
        pytest.param({"rack": "r"}, ["east", "west", "old", "nowhere"], id="another label"),
    ],
)
def test_filter(labels: dict[str, str], fitting: list[str]) -> None:
    plugin = VolumeZone(Storage(bound(), volume(labels=labels)).view)
    assert fits(plugin, USER, nodes()) == fitting


def test_reason() -> None:
    plugin = VolumeZone(Storage(bound(), volume(labels={ZONE: "e1"})).view)
    assert rejected(plugin, USER, nodes())["west"] == [(REASON, HARD)]


def test_all_volumes_of_a_pod_count() -> None:
    one, two = volume("v1", labels={REGION: "east"}), volume("v2", labels={ZONE: "w1"})
    plugin = VolumeZone(Storage(bound("one", "v1"), bound("two", "v2"), one, two).view)
    assert fits(plugin, make_pod().claim("one").claim("two"), nodes()) == ["nowhere"]


@pytest.mark.parametrize(
    ("objects", "status"),
    [
        pytest.param([], Status(HARD, ('persistentvolumeclaim "data" not found',)), id="no claim"),
        pytest.param([bound()], Status(HARD, ('persistentvolume "pv" not found',)), id="no volume"),
        pytest.param(
            [claim(storage_class="")],
            Status(HARD, ("PersistentVolumeClaim had no pv name and storageClass name",)),
            id="no class",
        ),
        pytest.param(
            [claim()], Status(HARD, ('storageclass.storage.k8s.io "standard" not found',)), id="class not there"
        ),
        pytest.param([claim(), storage_class()], Status(HARD, ("PersistentVolume had no name",)), id="not bound yet"),
        pytest.param([claim(), waiting_class()], SKIP, id="waits for the pod"),
        pytest.param([bound(), volume()], SKIP, id="nothing to look at"),
    ],
)
def test_pre_filter(objects: list[Object], status: Status) -> None:
    plugin = VolumeZone(Storage(*objects).view)
    assert plugin.pre_filter(CycleState(), USER.info(), nodes()).status == status


def test_pods_without_claims_are_none_of_its_business() -> None:
    plugin = VolumeZone(Storage().view)
    owner = make_pod().volume("ephemeral", volumeClaimTemplate={})
    for pod in (make_pod(), owner):
        assert plugin.pre_filter(CycleState(), pod.info(), nodes()).status == SKIP


@pytest.mark.parametrize(
    ("old", "new", "helps"),
    [
        pytest.param(None, volume(), True, id="new"),
        pytest.param(volume(labels={ZONE: "e1"}), volume(labels={ZONE: "w1"}), True, id="moved"),
        pytest.param(volume(labels={"a": "b"}), volume(), False, id="another label"),
    ],
)
def test_volumes_that_wake(old: Object, new: Object, helps: bool) -> None:
    assert (moved(USER.info(), old, new) is QueueingHint.QUEUE) is helps  # type: ignore[arg-type]
