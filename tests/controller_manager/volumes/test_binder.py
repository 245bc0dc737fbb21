"""The binder beside a live API server: from a claim to a volume, and what becomes of the volume."""

from typing import Any

from kubeclient.client import Client
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES
from tests.controller_manager.conftest import World
from tests.controller_manager.volumes.objects import (
    claim_body,
    create_claim,
    create_class,
    pod_with,
    wait_for_claim,
    wait_for_event,
    wait_gone,
)
from tests.live.processes import Cluster
from tests.live.waiting import eventually


async def wait_for_volume(world: World, name: str, phase: str) -> None:
    async def check() -> bool:
        found = await world.client.get(PERSISTENT_VOLUMES, name)
        assert found.status.phase == phase, found.status
        return True

    await eventually(check, what=f"{name} {phase}")


async def create_volume(world: World, name: str, **spec: Any) -> str:
    """Create a volume without a class, under a name that is the namespace's own."""
    base = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "2Gi"}, "hostPath": {"path": "/data"}}
    full = f"{name}-of-{world.namespace}"
    await world.client.create(PERSISTENT_VOLUMES, {"metadata": {"name": full}, "spec": {**base, **spec}})
    return full


async def test_a_claim_gets_a_volume_that_goes_with_it(world: World) -> None:
    storage_class = await create_class(world)
    created = await create_claim(world, "data", storage_class=storage_class)
    claim = await wait_for_claim(world, "data", "Bound")
    name = f"pvc-{created.metadata.uid}"
    assert claim.spec.volume_name == name
    assert (claim.status.access_modes, claim.status.capacity) == (["ReadWriteOnce"], {"storage": "1Gi"})
    assert claim.metadata.annotations == {
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
        "volume.beta.kubernetes.io/storage-provisioner": "kubemu.io/host-path",
        "volume.kubernetes.io/storage-provisioner": "kubemu.io/host-path",
    }
    volume = await world.client.get(PERSISTENT_VOLUMES, name)
    assert (volume.status.phase, volume.spec.node_affinity) == ("Bound", None)
    assert volume.spec.claim_ref is not None
    assert volume.spec.claim_ref.uid == created.metadata.uid
    assert await wait_for_event(world, "data", "ProvisioningSucceeded") == (
        f"Successfully provisioned volume {name} using kubemu.io/host-path"
    )
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=world.namespace)
    await wait_gone(world, PERSISTENT_VOLUMES, name)


async def test_a_retained_volume_outlives_its_claim(world: World) -> None:
    storage_class = await create_class(world, reclaimPolicy="Retain")
    await create_claim(world, "data", storage_class=storage_class)
    name = (await wait_for_claim(world, "data", "Bound")).spec.volume_name
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=world.namespace)
    await wait_for_volume(world, name, "Released")
    # A later claim of the name gets a volume of its own.
    await create_claim(world, "data", storage_class=storage_class)
    assert (await wait_for_claim(world, "data", "Bound")).spec.volume_name != name


async def test_the_standard_class_waits_for_the_first_pod(world: World) -> None:
    await create_claim(world, "data")
    assert await wait_for_event(world, "data", "WaitForFirstConsumer") == (
        "waiting for first consumer to be created before binding"
    )
    await world.client.create(PODS, pod_with("data", name="user"), namespace=world.namespace)
    assert await wait_for_event(world, "data", "WaitForPodScheduled") == "waiting for pod user to be scheduled"
    binding = b'{"metadata":{"name":"user"},"target":{"kind":"Node","name":"n1"}}'
    path = PODS.path("user", namespace=world.namespace, subresource="binding")
    await world.client.request("POST", path, body=binding)
    claim = await wait_for_claim(world, "data", "Bound")
    assert claim.spec.storage_class_name == "standard"
    assert claim.metadata.annotations["volume.kubernetes.io/selected-node"] == "n1"
    affinity = (await world.client.get(PERSISTENT_VOLUMES, claim.spec.volume_name)).spec.node_affinity
    assert affinity is not None
    assert affinity.required is not None
    [term] = affinity.required.node_selector_terms
    assert [(entry.key, entry.values) for entry in term.match_expressions] == [("kubernetes.io/hostname", ["n1"])]


async def test_a_node_that_is_gone_is_chosen_no_longer(world: World) -> None:
    """The scheduler chose it, and it went before the volume was made: another has to be chosen."""
    body = claim_body("data")
    body["metadata"]["annotations"] = {"volume.kubernetes.io/selected-node": "gone"}
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, body, namespace=world.namespace)

    async def taken_back() -> bool:
        claim = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=world.namespace)
        assert claim.status.phase != "Bound"
        return "volume.kubernetes.io/selected-node" not in claim.metadata.annotations

    await eventually(taken_back)


async def test_the_smallest_volume_that_fits(world: World) -> None:
    storage_class = await create_class(world, provisioner="kubernetes.io/no-provisioner")
    large = await create_volume(world, "large", storageClassName=storage_class, capacity={"storage": "9Gi"})
    small = await create_volume(world, "small", storageClassName=storage_class)
    await wait_for_volume(world, large, "Available")
    await wait_for_volume(world, small, "Available")
    await create_claim(world, "data", storage_class=storage_class)
    claim = await wait_for_claim(world, "data", "Bound")
    # What the claim has is the volume's, which is more than was asked for.
    assert (claim.spec.volume_name, claim.status.capacity) == (small, {"storage": "2Gi"})
    await create_claim(world, "more", storage_class=storage_class)
    assert (await wait_for_claim(world, "more", "Bound")).spec.volume_name == large
    await create_claim(world, "last", storage_class=storage_class)
    assert await wait_for_event(world, "last", "ProvisioningFailed") == (
        "no volume plugin matched name: kubernetes.io/no-provisioner"
    )
    # It waits until there is one more.
    third = await create_volume(world, "third", storageClassName=storage_class)
    assert (await wait_for_claim(world, "last", "Bound")).spec.volume_name == third


async def test_volume_and_claim_made_for_one_another(world: World) -> None:
    body = claim_body("data", storage_class="")
    body["spec"]["volumeName"] = f"mine-of-{world.namespace}"
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, body, namespace=world.namespace)
    await create_volume(world, "mine", claimRef={"namespace": world.namespace, "name": "data"})
    claim = await wait_for_claim(world, "data", "Bound")
    # A user has chosen; the controller has only completed it.
    assert claim.metadata.annotations == {"pv.kubernetes.io/bind-completed": "yes"}
    volume = await world.client.get(PERSISTENT_VOLUMES, claim.spec.volume_name)
    assert volume.metadata.annotations == {}
    assert volume.spec.claim_ref is not None
    assert volume.spec.claim_ref.uid == claim.metadata.uid


async def test_a_lost_volume(world: World) -> None:
    name = await create_volume(world, "mine", claimRef={"namespace": world.namespace, "name": "data"})
    await create_claim(world, "data", storage_class="")
    await wait_for_claim(world, "data", "Bound")
    await world.client.delete(PERSISTENT_VOLUMES, name)
    await world.client.patch(PERSISTENT_VOLUMES, name, {"metadata": {"finalizers": None}})
    claim = await wait_for_claim(world, "data", "Lost")
    assert claim.status.capacity == {}
    assert await wait_for_event(world, "data", "ClaimLost") == (
        "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    )


async def test_a_volume_that_cannot_be_deleted(world: World) -> None:
    name = await create_volume(
        world,
        "mine",
        claimRef={"namespace": world.namespace, "name": "data"},
        persistentVolumeReclaimPolicy="Delete",
    )
    await create_claim(world, "data", storage_class="")
    await wait_for_claim(world, "data", "Bound")
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=world.namespace)
    await wait_for_volume(world, name, "Failed")
    message = "host_path deleter only supports /tmp/.+ but received provided /data"
    assert (await world.client.get(PERSISTENT_VOLUMES, name)).status.message == message


async def test_a_provisioner_of_somebody_else_is_asked(world: World) -> None:
    storage_class = await create_class(world, provisioner="example.com/disks")
    await create_claim(world, "data", storage_class=storage_class)
    message = await wait_for_event(world, "data", "ExternalProvisioning")
    assert message.startswith(
        "Waiting for a volume to be created either by the external provisioner 'example.com/disks'"
    )
    claim = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=world.namespace)
    assert claim.metadata.annotations["volume.kubernetes.io/storage-provisioner"] == "example.com/disks"


async def test_nothing_is_made_when_that_is_off(cluster: Cluster) -> None:
    cluster.start("controller_manager", "--enable-dynamic-provisioning=false").wait_for_line("running")
    async with Client(cluster.url) as client:
        world = World(cluster, client, "default")
        storage_class = await create_class(world)
        await create_claim(world, "data", storage_class=storage_class)
        name = await create_volume(world, "other")
        # Claims are served in turn: the volume comes after the claim.
        await wait_for_volume(world, name, "Available")
        assert [entry.metadata.name for entry in (await client.list(PERSISTENT_VOLUMES)).items] == [name]
        assert [entry.metadata.name for entry in (await client.list(STORAGE_CLASSES)).items] == [storage_class]
        # Those that are there are given out all the same.
        await create_claim(world, "static", storage_class="")
        await wait_for_claim(world, "static", "Bound")


async def test_claims_from_before_there_was_a_default(cluster: Cluster) -> None:
    async with Client(cluster.url) as client:
        world = World(cluster, client, "default")
        await create_claim(world, "early")
        await client.create(PODS, pod_with("early", name="user", node="n1"), namespace="default")
        cluster.start("controller_manager")
        claim = await wait_for_claim(world, "early", "Bound")
        assert claim.spec.storage_class_name == "standard"
