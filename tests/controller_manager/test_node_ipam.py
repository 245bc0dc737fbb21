"""The node IPAM controller against a live API server."""

from kubeclient.client import Client
from kubeclient.resources import EVENTS, NODES
from tests.controller_manager.conftest import World
from tests.live.processes import Cluster
from tests.live.waiting import eventually


async def _create(client: Client, *names: str) -> None:
    for name in names:
        await client.create(NODES, {"metadata": {"name": name}})


async def _ranges(client: Client) -> dict[str, str]:
    nodes = (await client.list(NODES)).items
    for node in nodes:
        assert node.spec.pod_cidrs == ([node.spec.pod_cidr] if node.spec.pod_cidr else [])
    return {node.metadata.name: node.spec.pod_cidr for node in nodes}


async def _wait_for_ranges(client: Client, expected: dict[str, str]) -> None:
    async def check() -> bool:
        found = await _ranges(client)
        assert found == expected
        return True

    await eventually(check)


async def test_every_node_gets_a_range_of_its_own_across_a_restart(own_world: World) -> None:
    client = own_world.client
    await _create(client, "n1")
    await _wait_for_ranges(client, {"n1": "127.128.0.0/24"})
    await _create(client, "n2")
    await _wait_for_ranges(client, {"n1": "127.128.0.0/24", "n2": "127.128.1.0/24"})

    own_world.cluster.components[0].stop()
    await client.delete(NODES, "n1")
    await client.create(NODES, {"metadata": {"name": "own"}, "spec": {"podCIDR": "127.128.0.0/24"}})
    await _create(client, "n3")
    own_world.start_manager()
    expected = {"n2": "127.128.1.0/24", "own": "127.128.0.0/24", "n3": "127.128.2.0/24"}

    async def check() -> bool:
        nodes = (await client.list(NODES)).items
        return {node.metadata.name: node.spec.pod_cidr for node in nodes} == expected

    await eventually(check)


async def test_a_node_that_comes_back_gets_another_range(own_world: World) -> None:
    client = own_world.client
    await _create(client, "n1")
    await _wait_for_ranges(client, {"n1": "127.128.0.0/24"})
    await client.delete(NODES, "n1")
    await _create(client, "n1")
    await _wait_for_ranges(client, {"n1": "127.128.1.0/24"})


async def test_a_node_too_many_is_told_and_served_when_another_goes(cluster: Cluster) -> None:
    cluster.start("controller_manager", "--cluster-cidr", "127.200.0.0/23").wait_for_line("running")
    async with Client(cluster.url) as client:
        await _create(client, "n1", "n2")
        await _wait_for_ranges(client, {"n1": "127.200.0.0/24", "n2": "127.200.1.0/24"})
        await _create(client, "n3")

        async def told() -> bool:
            events = (await client.list(EVENTS, namespace="default")).items
            told = [(event.reason, event.message) for event in events if event.source.component == "cidrAllocator"]
            return told == [("CIDRNotAvailable", "Node n3 status is now: CIDRNotAvailable")]

        await eventually(told)
        await client.delete(NODES, "n1")
        await _wait_for_ranges(client, {"n2": "127.200.1.0/24", "n3": "127.200.0.0/24"})


async def test_no_range_is_given_when_that_is_off(cluster: Cluster) -> None:
    process = cluster.start("controller_manager", "--allocate-node-cidrs=false", "--v", "4")
    process.wait_for_line("running")
    async with Client(cluster.url) as client:
        await _create(client, "n1")
        world = World(cluster, client, "default")
        await world.create_replica_set("web", 1)
        await world.wait_for_pods(1)
        assert await _ranges(client) == {"n1": ""}
