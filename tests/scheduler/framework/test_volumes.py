"""What of pods' volumes matters, and which of them nodes have in use."""

from typing import Any

import pytest

from apimachinery.volume_claims import ClaimUse
from scheduler.framework.volumes import Disk, PodVolumes, VolumeColumns, pod_volumes
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table


@pytest.mark.parametrize(
    ("pod", "found"),
    [
        pytest.param(make_pod(), None, id="no volumes"),
        pytest.param(make_pod().volume("emptyDir").volume("configMap", name="c"), None, id="none that matters"),
        pytest.param(make_pod().claim("data"), PodVolumes((ClaimUse("data"),)), id="a claim"),
        pytest.param(
            make_pod("web").volume("ephemeral", volumeClaimTemplate={}),
            PodVolumes((ClaimUse("web-v0", owned=True),)),
            id="a claim of its own",
        ),
        pytest.param(
            make_pod().volume("gcePersistentDisk", pdName="d", readOnly=True),
            PodVolumes(disks=(Disk(("gcePersistentDisk", "d"), True),)),
            id="a GCE disk",
        ),
        pytest.param(
            make_pod().volume("awsElasticBlockStore", volumeID="v", readOnly=True),
            PodVolumes(disks=(Disk(("awsElasticBlockStore", "v"), False),)),
            id="an EBS volume is never shared",
        ),
        pytest.param(
            make_pod().volume("iscsi", targetPortal="p", iqn="q", lun=0),
            PodVolumes(disks=(Disk(("iscsi", "q"), False),)),
            id="an iSCSI target, whatever the portal",
        ),
        pytest.param(
            make_pod().volume("rbd", monitors=["a", "b"], image="i"),
            PodVolumes(disks=(Disk(("rbd", "a", "rbd", "i"), False), Disk(("rbd", "b", "rbd", "i"), False))),
            id="an RBD image over two monitors, in the default pool",
        ),
    ],
)
def test_what_matters(pod: PodBuilder, found: PodVolumes | None) -> None:
    assert pod_volumes(pod.obj()) == found


def disk(name: str, *, read_only: bool = False) -> PodVolumes:
    return PodVolumes(disks=(Disk(("d", name), read_only),))


@pytest.mark.parametrize(
    ("there", "wanted", "conflict"),
    [
        pytest.param(disk("a"), disk("a"), True, id="both write"),
        pytest.param(disk("a", read_only=True), disk("a"), True, id="one writes"),
        pytest.param(disk("a"), disk("a", read_only=True), True, id="the other writes"),
        pytest.param(disk("a", read_only=True), disk("a", read_only=True), False, id="both read"),
        pytest.param(disk("a"), disk("b"), False, id="another disk"),
    ],
)
def test_conflicts(there: PodVolumes, wanted: PodVolumes, conflict: bool) -> None:
    columns = VolumeColumns()
    columns.add(1, "default", there, 1)
    found = columns.conflicts(wanted.disks[0], 3)
    assert (found is not None and found.tolist()) == ([False, True, False] if conflict else False)
    columns.add(1, "default", there, -1)
    assert columns.conflicts(wanted.disks[0], 3) is None


def test_claims_are_counted_per_namespace_and_follow_their_row() -> None:
    nodes = table(make_node("a"), make_node("b"), make_node("c"), pods=(make_pod("one").node("c").claim("data"),))
    nodes.add_pod("c", make_pod("two").node("c").claim("data").info())
    assert nodes.volumes.users("default/data") == 2
    assert nodes.volumes.users("other/data") == 0
    nodes.remove_node("a")
    row = nodes.row("c")
    assert row == 0
    assert list(nodes.volumes.claims_on(row)) == [("default", PodVolumes((ClaimUse("data"),)))]
    assert not list(nodes.volumes.claims_on(2))
    nodes.remove_pod("c", make_pod("two").node("c").claim("data").info())
    nodes.remove_pod("c", make_pod("one").node("c").claim("data").info())
    assert nodes.volumes.users("default/data") == 0


def test_a_volume_decides_about_equality() -> None:
    pods: list[Any] = [make_pod().claim(name).info() for name in ("a", "a", "b")]
    assert pods[0] == pods[1] != pods[2]
