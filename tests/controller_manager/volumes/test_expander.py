"""Claims that grow: when, as a table, and beside a live API server."""

from typing import Any

import pytest

from controller_manager.volumes.expander import wants_more
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from tests.controller_manager.builders import claim
from tests.controller_manager.conftest import World
from tests.controller_manager.volumes.objects import create_claim, create_class, wait_for_claim, wait_for_event


@pytest.mark.parametrize(
    ("size", "name", "status", "more"),
    [
        pytest.param("2Gi", "pv", {"phase": "Bound", "capacity": {"storage": "1Gi"}}, True, id="more"),
        pytest.param("1024Mi", "pv", {"phase": "Bound", "capacity": {"storage": "1Gi"}}, False, id="as much"),
        pytest.param("1Gi", "pv", {"phase": "Bound", "capacity": {"storage": "2Gi"}}, False, id="has more"),
        pytest.param("2Gi", "pv", {"phase": "Lost", "capacity": {}}, False, id="lost"),
        pytest.param("2Gi", "", {"phase": "Pending"}, False, id="not bound"),
    ],
)
def test_wants_more(size: str, name: str, status: dict[str, Any], more: bool) -> None:
    assert wants_more(claim(size=size, volume=name, status=status)) is more


async def test_a_claim_grows(world: World) -> None:
    storage_class = await create_class(world, allowVolumeExpansion=True)
    await create_claim(world, "data", storage_class=storage_class)
    await wait_for_claim(world, "data", "Bound")
    patch = {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "data", patch, namespace=world.namespace)
    await wait_for_event(world, "data", "VolumeResizeSuccessful")
    found = await wait_for_claim(world, "data", "Bound")
    assert found.status.capacity == {"storage": "3Gi"}
    assert (await world.client.get(PERSISTENT_VOLUMES, found.spec.volume_name)).spec.capacity == {"storage": "3Gi"}


async def test_what_somebody_else_made_is_theirs_to_grow(world: World) -> None:
    storage_class = await create_class(world, allowVolumeExpansion=True, provisioner="example.com/disks")
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": "/data"},
        "storageClassName": storage_class,
    }
    await world.client.create(PERSISTENT_VOLUMES, {"metadata": {"name": storage_class}, "spec": spec})
    await create_claim(world, "data", storage_class=storage_class)
    await wait_for_claim(world, "data", "Bound")
    patch = {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "data", patch, namespace=world.namespace)
    assert await wait_for_event(world, "data", "ExternalExpanding") == (
        "waiting for an external controller to expand this PVC"
    )
