"""Pods and their volumes: scheduler and controller manager as processes, over nodes that are objects only."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.storage import PersistentVolumeClaim
from kubeclient.client import Client
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES
from tests.live.processes import Cluster
from tests.live.scheduling import NAMESPACE, Rig
from tests.live.waiting import eventually
from tests.scheduler.builders import NodeBuilder, make_node, make_pod
from tests.scheduler.storage.world import on

SELECTED = "volume.kubernetes.io/selected-node"


@pytest.fixture
async def rig(bare_cluster: Cluster) -> AsyncIterator[Rig]:
    async with Client(bare_cluster.url) as client:
        found = Rig(bare_cluster, client)
        # The nodes are nobody's, and must not be missed.
        bare_cluster.start("controller_manager", "--controllers", "persistentvolume-binder-controller")
        for name in "ab":
            await found.create_node(host(name))
        yield found


def host(name: str) -> NodeBuilder:
    return make_node(name).labels(**{"kubernetes.io/hostname": name})


async def create_claim(rig: Rig, name: str, **spec: Any) -> None:
    body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    await rig.client.create(PERSISTENT_VOLUME_CLAIMS, {"metadata": {"name": name}, "spec": body}, namespace=NAMESPACE)


async def until_bound(rig: Rig, name: str) -> PersistentVolumeClaim:
    async def bound() -> PersistentVolumeClaim:
        claim = await rig.client.get(PERSISTENT_VOLUME_CLAIMS, name, namespace=NAMESPACE)
        assert claim.status.phase == "Bound", claim
        return claim

    return await eventually(bound)


async def test_a_claim_that_waits_gets_its_volume_on_the_node_that_the_scheduler_chose(rig: Rig) -> None:
    """The node is chosen first, then the volume is made there, then the pod is bound; later pods go to the volume."""
    await create_claim(rig, "data")
    await rig.create_pod(make_pod("first").claim("data").selector(**{"kubernetes.io/hostname": "b"}))
    await rig.until_on("first", "b")
    claim = await until_bound(rig, "data")
    assert claim.metadata.annotations[SELECTED] == "b"
    volume = await rig.client.get(PERSISTENT_VOLUMES, claim.spec.volume_name)
    assert volume.spec.node_affinity is not None
    for number in range(3):
        await rig.create_pod(make_pod(f"later-{number}").claim("data"))
        await rig.until_on(f"later-{number}", "b")
    await rig.create_pod(make_pod("torn").claim("data").selector(**{"kubernetes.io/hostname": "a"}))
    await rig.until_said(
        "torn",
        "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, "
        "1 node(s) didn't match Pod's node affinity/selector.",
    )


@pytest.mark.slow
async def test_a_pod_waits_for_what_its_volume_lacks_and_is_woken_by_it(rig: Rig) -> None:
    """First by the claim, then by a local volume, whose node it goes to."""
    by_hand = {"provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"}
    await rig.client.create(STORAGE_CLASSES, {"metadata": {"name": "by-hand"}, **by_hand})
    await rig.create_pod(make_pod("db").claim("disk"))
    await rig.until_said("db", '0/2 nodes are available: persistentvolumeclaim "disk" not found.')
    await create_claim(rig, "disk", storageClassName="by-hand")
    await rig.until_said("db", "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.")
    local = {
        "capacity": {"storage": "2Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "by-hand",
        "local": {"path": "/disks/1"},
        **on("b"),
    }
    await rig.client.create(PERSISTENT_VOLUMES, {"metadata": {"name": "disk-1"}, "spec": local})
    await rig.until_on("db", "b")
    assert (await until_bound(rig, "disk")).spec.volume_name == "disk-1"
