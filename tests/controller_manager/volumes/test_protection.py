"""What is in use stays: who uses what, as tables, and the controllers beside a live API server."""

from typing import Any

import pytest

from apimachinery.types.storage import PersistentVolumeClaim
from controller_manager.volumes.protection import finalizers_after, uses
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, VOLUME_ATTRIBUTES_CLASSES
from tests.controller_manager.builders import claim, owner_reference, pod
from tests.controller_manager.conftest import World
from tests.controller_manager.volumes.objects import claim_body, create_claim, pod_with, wait_for_claim, wait_gone

OF_CLAIM = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
OF_ITS_OWN = [{"name": "v", "ephemeral": {"volumeClaimTemplate": {}}}]
OWN = claim("p-v", owners=[owner_reference("p", "uid-p", kind="Pod")])


@pytest.mark.parametrize(
    ("of_pod", "of_claim", "used"),
    [
        pytest.param({"volumes": OF_CLAIM, "node": "n"}, claim(), True, id="running"),
        pytest.param({"volumes": OF_CLAIM}, claim(), False, id="without a node"),
        pytest.param({"volumes": OF_CLAIM, "node": "n", "phase": "Succeeded"}, claim(), True, id="ended, but there"),
        pytest.param({"volumes": OF_CLAIM, "node": "n"}, claim("other"), False, id="another claim"),
        pytest.param({"node": "n"}, claim(), False, id="no claim"),
        pytest.param({"volumes": OF_ITS_OWN, "node": "n"}, OWN, True, id="one of its own"),
        pytest.param({"volumes": OF_ITS_OWN, "node": "n"}, claim("p-v"), False, id="one only called like it"),
    ],
)
def test_uses(of_pod: dict[str, Any], of_claim: PersistentVolumeClaim, used: bool) -> None:
    assert uses(pod("p", **of_pod), of_claim) is used


@pytest.mark.parametrize(
    ("grace", "used"), [pytest.param(0, False, id="shut down"), pytest.param(30, True, id="ending")]
)
def test_a_pod_that_waits_for_a_claim_of_its_own(grace: int, used: bool) -> None:
    found = pod("p", volumes=OF_ITS_OWN, node="n", deleting=True)
    found.metadata.deletion_grace_period_seconds = grace
    assert uses(found, OWN) is used


@pytest.mark.parametrize(
    ("finalizers", "deleting", "used", "after"),
    [
        pytest.param([], False, False, ["f"], id="added"),
        pytest.param(["other", "f"], False, False, None, id="there"),
        pytest.param(["other", "f"], True, True, None, id="used"),
        pytest.param(["other", "f"], True, False, ["other"], id="taken off"),
        pytest.param(["other"], True, False, None, id="not added to what goes"),
    ],
)
def test_finalizers(finalizers: list[str], deleting: bool, used: bool, after: list[str] | None) -> None:
    assert finalizers_after(claim(finalizers=finalizers, deleting=deleting), "f", used=used) == after


async def test_a_claim_stays_while_a_pod_uses_it(world: World) -> None:
    client, namespace = world.client, world.namespace
    await create_claim(world, "data", storage_class="")
    await client.create(PODS, pod_with("data", name="user", node="n1"), namespace=namespace)
    await client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=namespace)
    # Two claims are looked at one after the other; once the second is gone the first has had its turn.
    await create_claim(world, "idle", storage_class="")
    await client.delete(PERSISTENT_VOLUME_CLAIMS, "idle", namespace=namespace)
    await wait_gone(world, PERSISTENT_VOLUME_CLAIMS, "idle")
    held = await client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=namespace)
    assert held.metadata.deletion_timestamp is not None
    await client.delete(PODS, "user", namespace=namespace, grace_period_seconds=0)
    await wait_gone(world, PERSISTENT_VOLUME_CLAIMS, "data")


async def test_a_volume_stays_while_it_is_bound(world: World) -> None:
    client, namespace = world.client, world.namespace
    name = f"pv-of-{namespace}"
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": "/data"},
        "claimRef": {"namespace": namespace, "name": "data"},
    }
    await client.create(PERSISTENT_VOLUMES, {"metadata": {"name": name}, "spec": spec})
    await create_claim(world, "data", storage_class="")
    await wait_for_claim(world, "data", "Bound")
    await client.delete(PERSISTENT_VOLUMES, name)
    held = await client.get(PERSISTENT_VOLUMES, name)
    assert (held.metadata.finalizers, held.status.phase) == (["kubernetes.io/pv-protection"], "Bound")
    await client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=namespace)
    await wait_gone(world, PERSISTENT_VOLUMES, name)


async def test_an_attributes_class_stays_while_a_claim_has_it(world: World) -> None:
    client, namespace = world.client, world.namespace
    name = f"gold-of-{namespace}"
    await client.create(
        VOLUME_ATTRIBUTES_CLASSES,
        {"metadata": {"name": name}, "driverName": "example.com", "parameters": {"iops": "100"}},
    )
    body = claim_body("data", storage_class="")
    body["spec"]["volumeAttributesClassName"] = name
    await client.create(PERSISTENT_VOLUME_CLAIMS, body, namespace=namespace)
    await wait_for_claim(world, "data", "Pending")
    await client.delete(VOLUME_ATTRIBUTES_CLASSES, name)
    held = await client.get(VOLUME_ATTRIBUTES_CLASSES, name)
    assert held.metadata.finalizers == ["kubernetes.io/vac-protection"]
    await client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=namespace)
    await wait_gone(world, VOLUME_ATTRIBUTES_CLASSES, name)
