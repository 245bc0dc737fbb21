"""The namespace controller against a live API server."""

from typing import Any

from kubeclient.client import Client
from kubeclient.resources import EVENTS, LEASES, NAMESPACES, PODS, REPLICASETS, Resource
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually

HOLD = "example.com/hold"


async def _wait_until_gone(client: Client, name: str) -> None:
    async def gone() -> bool:
        return name not in {namespace.metadata.name for namespace in (await client.list(NAMESPACES)).items}

    await eventually(gone)


async def test_a_deleted_namespace_is_emptied_and_goes(world: World) -> None:
    client = world.client
    await client.create(NAMESPACES, {"metadata": {"name": "team"}})
    await world.create_replica_set("web", 20, namespace="team")
    await world.wait_for_pods(20, namespace="team")
    await client.create(LEASES, {"metadata": {"name": "lock"}, "spec": {}}, namespace="team")
    await world.create_pod("elsewhere")
    await client.delete(NAMESPACES, "team")
    await _wait_until_gone(client, "team")

    resources: tuple[Resource[Any], ...] = (PODS, REPLICASETS, LEASES, EVENTS)
    for resource in resources:
        left = (await client.list(resource)).items
        assert not [item for item in left if item.metadata.namespace == "team"]
    assert [pod.metadata.name for pod in await world.pods()] == ["elsewhere"]


async def test_an_empty_namespace_goes_at_once(world: World) -> None:
    await world.client.create(NAMESPACES, {"metadata": {"name": "empty"}})
    await world.client.delete(NAMESPACES, "empty")
    await _wait_until_gone(world.client, "empty")


async def test_what_holds_a_namespace_up_is_told(world: World) -> None:
    client = world.client
    await client.create(NAMESPACES, {"metadata": {"name": "held-up"}})
    pod = {
        "metadata": {"name": "held", "finalizers": [HOLD]},
        "spec": {"containers": [{"name": "c", "image": "pause"}]},
    }
    await client.create(PODS, pod, namespace="held-up")
    await client.delete(NAMESPACES, "held-up")

    async def told() -> bool:
        namespace = await client.get(NAMESPACES, "held-up")
        holding = {entry.type: entry.message for entry in namespace.status.conditions if entry.status == "True"}
        return holding == {
            "NamespaceContentRemaining": "Some resources are remaining: pods. has 1 resource instances",
            "NamespaceFinalizersRemaining": (
                f"Some content in the namespace has finalizers remaining: {HOLD} in 1 resource instances"
            ),
        }

    await eventually(told)
    await client.patch(PODS, "held", {"metadata": {"finalizers": None}}, namespace="held-up")
    await _wait_until_gone(client, "held-up")
