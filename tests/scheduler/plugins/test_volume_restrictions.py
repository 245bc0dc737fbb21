"""VolumeRestrictions, as tables."""

import pytest

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import SKIP, Status
from scheduler.plugins.volume_restrictions import REASON_DISK, REASON_ONE_POD, VolumeRestrictions
from tests.controller_manager.builders import claim
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table
from tests.scheduler.plugins.verdicts import HARD, SOFT, fits, rejected
from tests.scheduler.storage.world import Storage

FOR_ONE = claim("one", modes=("ReadWriteOncePod",))
FOR_MANY = claim("many", modes=("ReadWriteMany",))


def plugin() -> VolumeRestrictions:
    return VolumeRestrictions(Storage(FOR_ONE, FOR_MANY).view)


def nodes(*pods: PodBuilder) -> NodeTable:
    return table(make_node("a"), make_node("b"), pods=pods)


def gce(name: str, *, read_only: bool = False) -> PodBuilder:
    return make_pod(name).volume("gcePersistentDisk", pdName="d", readOnly=read_only)


def ebs(name: str, volume: str = "v") -> PodBuilder:
    return make_pod(name).volume("awsElasticBlockStore", volumeID=volume, readOnly=True)


def rbd(name: str, *monitors: str, image: str = "i", read_only: bool = False) -> PodBuilder:
    return make_pod(name).volume("rbd", monitors=list(monitors), pool="p", image=image, readOnly=read_only)


def iscsi(name: str, iqn: str = "q", *, read_only: bool = False) -> PodBuilder:
    return make_pod(name).volume("iscsi", targetPortal=name, iqn=iqn, lun=0, readOnly=read_only)


@pytest.mark.parametrize(
    ("there", "pod", "fitting"),
    [
        pytest.param(make_pod("x"), gce("y"), ["a", "b"], id="nobody has it"),
        pytest.param(gce("x"), gce("y"), ["b"], id="GCE: both write"),
        pytest.param(gce("x", read_only=True), gce("y"), ["b"], id="GCE: one writes"),
        pytest.param(gce("x", read_only=True), gce("y", read_only=True), ["a", "b"], id="GCE: both read"),
        pytest.param(ebs("x"), ebs("y"), ["b"], id="EBS: never, not even to read"),
        pytest.param(ebs("x"), ebs("y", "w"), ["a", "b"], id="EBS: another volume"),
        pytest.param(iscsi("x"), iscsi("y"), ["b"], id="iSCSI: the same target over another portal"),
        pytest.param(iscsi("x", read_only=True), iscsi("y", read_only=True), ["a", "b"], id="iSCSI: both read"),
        pytest.param(rbd("x", "m1", "m2"), rbd("y", "m2", "m3"), ["b"], id="RBD: a monitor in common"),
        pytest.param(rbd("x", "m1"), rbd("y", "m2"), ["a", "b"], id="RBD: no monitor in common"),
        pytest.param(rbd("x", "m1"), rbd("y", "m1", image="j"), ["a", "b"], id="RBD: another image"),
        pytest.param(rbd("x", "m", read_only=True), rbd("y", "m", read_only=True), ["a", "b"], id="RBD: both read"),
    ],
)
def test_disks(there: PodBuilder, pod: PodBuilder, fitting: list[str]) -> None:
    assert fits(plugin(), pod, nodes(there.node("a"))) == fitting


def test_a_claim_for_one_pod_is_taken_everywhere() -> None:
    cluster = nodes(make_pod("holder").node("a").claim("one"))
    expected = [(REASON_ONE_POD, SOFT)]
    assert rejected(plugin(), make_pod().claim("one"), cluster) == {"a": expected, "b": expected}


def test_a_node_is_told_the_first_reason_only() -> None:
    holder = gce("holder").node("a").claim("one")
    found = rejected(plugin(), gce("pod").claim("one"), nodes(holder))
    assert found == {"a": [(REASON_DISK, SOFT)], "b": [(REASON_ONE_POD, SOFT)]}


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(make_pod().claim("many"), id="a claim for many"),
        pytest.param(make_pod(), id="no volumes"),
        pytest.param(make_pod().volume("ephemeral", volumeClaimTemplate={}), id="a claim of its own"),
    ],
)
def test_what_is_left_alone(pod: PodBuilder) -> None:
    assert plugin().pre_filter(CycleState(), pod.info(), nodes()).status == SKIP


def test_a_claim_that_is_not_there() -> None:
    status = plugin().pre_filter(CycleState(), make_pod().claim("gone").info(), nodes()).status
    assert status == Status(HARD, ('persistentvolumeclaim "gone" not found',))


def test_a_claim_for_one_pod_is_free_without_its_holder() -> None:
    """What preemption tries: on a clone of the state, with the holder taken off its node."""
    restrictions, pod = plugin(), make_pod().claim("one").info()
    holder = make_pod("holder").node("a").claim("one")
    cluster, state = nodes(holder), CycleState()
    restrictions.pre_filter(state, pod, cluster)
    simulated = state.clone()
    cluster.remove_pod("a", holder.info())
    restrictions.remove_pod(simulated, pod, holder.info(), cluster, 0)
    assert not restrictions.filter(simulated, pod, cluster)
    cluster.add_pod("a", holder.info())
    restrictions.add_pod(simulated, pod, holder.info(), cluster, 0)
    restrictions.add_pod(simulated, pod, make_pod("other").claim("one").info(), cluster, 0)
    restrictions.remove_pod(simulated, pod, make_pod("stranger").info(), cluster, 0)
    assert restrictions.filter(simulated, pod, cluster)
    assert restrictions.filter(state, pod, cluster)
