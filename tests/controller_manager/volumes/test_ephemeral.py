"""Claims of a pod's own: what is made from a template, and with a live API server when."""

from typing import Any

import pytest

from apimachinery.types.storage import PersistentVolumeClaim
from apimachinery.types.volumes import Volume
from controller_manager.volumes.ephemeral import claim_for, not_its_own
from kubeclient.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PODS
from tests.controller_manager.builders import claim, owner_reference, pod
from tests.controller_manager.conftest import World
from tests.controller_manager.volumes.objects import create_claim, wait_for_claim, wait_for_event, wait_gone
from tests.live.waiting import eventually

MARKS = {"labels": {"a": "b"}, "annotations": {"c": "d"}}
SPEC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def volume(**metadata: Any) -> Volume:
    template = {"metadata": metadata, "spec": SPEC} if metadata else {"spec": SPEC}
    return Volume.model_validate({"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}})


@pytest.mark.parametrize(
    ("of_template", "of_claim"),
    [
        pytest.param({}, {}, id="no metadata"),
        pytest.param({**MARKS, "generateName": "x"}, MARKS, id="labels and annotations"),
        pytest.param({"name": "other", "finalizers": ["x/y"]}, {}, id="what a template has no say in"),
    ],
)
def test_claim(of_template: dict[str, Any], of_claim: dict[str, Any]) -> None:
    owner = owner_reference("p", "uid-p", kind="Pod", blockOwnerDeletion=True)
    expected = {"metadata": {"name": "p-scratch", "ownerReferences": [owner], **of_claim}, "spec": SPEC}
    assert claim_for(pod("p"), volume(**of_template)) == expected


@pytest.mark.parametrize(
    ("found", "why"),
    [
        pytest.param(claim("p-scratch", owners=[owner_reference("p", "uid-p", kind="Pod")]), "", id="its own"),
        pytest.param(
            claim("p-scratch"),
            'PVC "default/p-scratch" was not created for pod "default/p" (pod is not owner)',
            id="nobody's",
        ),
        pytest.param(
            claim("p-scratch", owners=[owner_reference("p", "older", kind="Pod")]),
            'PVC "default/p-scratch" was not created for pod "default/p" (pod is not owner)',
            id="an earlier pod's",
        ),
    ],
)
def test_not_its_own(found: PersistentVolumeClaim, why: str) -> None:
    assert not_its_own(pod("p"), found) == why


def pod_body(name: str, node: str = "") -> dict[str, Any]:
    volumes = [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": SPEC}}}]
    spec = {"containers": [{"name": "c", "image": "pause"}], "volumes": volumes}
    return {"metadata": {"name": name}, "spec": {**spec, "nodeName": node} if node else spec}


async def new_node(world: World) -> str:
    """Make a node of the test's own: pods on a node that is not there are collected after a while."""
    name = f"{world.namespace}-node"
    await world.client.create(NODES, {"metadata": {"name": name}})
    return name


async def test_a_claim_comes_and_goes_with_its_pod(world: World) -> None:
    created = await world.client.create(PODS, pod_body("p", await new_node(world)), namespace=world.namespace)
    found = await wait_for_claim(world, "p-scratch", "Bound")
    assert [owner.uid for owner in found.metadata.owner_references] == [created.metadata.uid]
    await world.client.delete(PODS, "p", namespace=world.namespace, grace_period_seconds=0)
    await wait_gone(world, PERSISTENT_VOLUME_CLAIMS, "p-scratch")


async def test_a_claim_that_goes_while_the_pod_waits_is_made_again(world: World) -> None:
    body = pod_body("waiting")
    await world.client.create(PODS, body, namespace=world.namespace)
    before = await wait_for_claim(world, "waiting-scratch", "Pending")
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "waiting-scratch", namespace=world.namespace)

    async def made_again() -> bool:
        return (await wait_for_claim(world, "waiting-scratch", "Pending")).metadata.uid != before.metadata.uid

    await eventually(made_again)


async def test_another_claim_of_the_name_is_waited_for(world: World) -> None:
    await create_claim(world, "q-scratch", storage_class="")
    await world.client.create(PODS, pod_body("q", await new_node(world)), namespace=world.namespace)
    message = await wait_for_event(world, "q", "FailedBinding")
    assert message == (
        f'ephemeral volume scratch: PVC "{world.namespace}/q-scratch" was not created for '
        f'pod "{world.namespace}/q" (pod is not owner)'
    )
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "q-scratch", namespace=world.namespace)
    assert (await wait_for_claim(world, "q-scratch", "Bound")).metadata.owner_references
