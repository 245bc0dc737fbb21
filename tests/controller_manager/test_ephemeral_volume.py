"""Claims for the ephemeral volumes of pods, against a live API server."""

from typing import Any

from apimachinery.errors import NotFound
from apimachinery.types.pod import Pod
from apimachinery.types.storage import PersistentVolumeClaim
from controller_manager.ephemeral_volume import claim_keys, claim_of
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PODS
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually

TEMPLATE = {
    "metadata": {"labels": {"app": "x"}, "annotations": {"note": "y"}},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def pod() -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "default", "uid": "1"},
        "spec": {
            "containers": [{"name": "c", "image": "pause"}],
            "volumes": [
                {"name": "scratch", "ephemeral": {"volumeClaimTemplate": TEMPLATE}},
                {"name": "other", "emptyDir": {}},
            ],
        },
    }


def test_the_claim_that_a_volume_describes() -> None:
    made = Pod.model_validate(pod())
    assert list(claim_keys(made)) == ["default/web-scratch"]
    owner = {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "web",
        "uid": "1",
        "controller": True,
        "blockOwnerDeletion": True,
    }
    assert claim_of(made, made.spec.volumes[0]) == {
        "metadata": {"name": "web-scratch", **TEMPLATE["metadata"], "ownerReferences": [owner]},
        "spec": TEMPLATE["spec"],
    }


async def _claim(world: World) -> PersistentVolumeClaim:
    async def made() -> PersistentVolumeClaim:
        try:
            return await world.client.get(PERSISTENT_VOLUME_CLAIMS, "web-scratch", namespace=world.namespace)
        except NotFound:
            raise AssertionError("not made") from None

    return await eventually(made)


async def _create(world: World) -> Pod:
    described = pod()
    described["metadata"] = {"name": "web"}
    return await world.client.create(PODS, described, namespace=world.namespace)


async def test_a_claim_is_made_kept_and_goes_with_its_pod(world: World) -> None:
    created = await _create(world)
    claim = await _claim(world)
    assert (claim.metadata.owner_references[0].uid, claim.requested) == (created.metadata.uid, "1Gi")
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "web-scratch", namespace=world.namespace)

    async def made_again() -> bool:
        return (await _claim(world)).metadata.uid != claim.metadata.uid

    await eventually(made_again)
    await world.client.delete(PODS, "web", namespace=world.namespace, grace_period_seconds=0)

    async def gone() -> bool:
        found = await world.client.list(PERSISTENT_VOLUME_CLAIMS, namespace=world.namespace)
        return not found.items

    await eventually(gone)


async def test_a_claim_of_somebody_else_is_left_alone(world: World) -> None:
    stranger = {"metadata": {"name": "web-scratch"}, "spec": TEMPLATE["spec"]}
    made = await world.client.create(PERSISTENT_VOLUME_CLAIMS, stranger, namespace=world.namespace)
    await _create(world)
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "web-scratch", namespace=world.namespace)

    async def replaced() -> bool:
        claim = await _claim(world)
        return claim.metadata.uid != made.metadata.uid and bool(claim.metadata.owner_references)

    await eventually(replaced)
