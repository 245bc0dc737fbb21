"""The controllers of endpoints beside a live API server; the test plays the kubelet."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.pod import Pod
from apimachinery.types.service import EndpointSubset
from kubeclient.client import Client
from kubeclient.resources import ENDPOINT_SLICES, ENDPOINTS, NODES, PODS, SERVICES
from tests.controller_manager.conftest import World
from tests.live.processes import Cluster
from tests.live.waiting import eventually

NODE = "endpoints-node"


@pytest.fixture(autouse=True)
async def node(controlled_cluster: Cluster) -> AsyncIterator[None]:
    async with Client(controlled_cluster.url) as client:
        labels = {"topology.kubernetes.io/zone": "z"}
        await client.create(NODES, {"metadata": {"name": NODE, "labels": labels}})
        yield
        await client.delete(NODES, NODE)


class Rig:
    """A namespace with Services and pods."""

    def __init__(self, world: World) -> None:
        self.client = world.client
        self.namespace = world.namespace
        self._world = world

    async def create_service(self, name: str = "web", **spec: Any) -> None:
        ports = [{"name": "http", "port": 80, "targetPort": 8080}]
        body = {"metadata": {"name": name}, "spec": {"selector": {"app": "web"}, "ports": ports, **spec}}
        await self.client.create(SERVICES, body, namespace=self.namespace)

    async def create_pod(self, name: str, number: int) -> Pod:
        pod = await self._world.create_pod(name, node=NODE, labels={"app": "web"})
        await self.say(name, ready=True, number=number)
        return pod

    async def say(self, name: str, *, ready: bool, number: int) -> None:
        condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": "2026-01-01T00:00:00Z"}
        ip = f"127.130.{number >> 8}.{number & 255}"
        status = {"phase": "Running", "conditions": [condition], "podIP": ip, "podIPs": [{"ip": ip}]}
        await self.client.patch(PODS, name, {"status": status}, namespace=self.namespace, subresource="status")

    async def slices(self) -> list[EndpointSlice]:
        return (await self.client.list(ENDPOINT_SLICES, namespace=self.namespace)).items

    async def subsets(self) -> list[EndpointSubset]:
        """Return those of the Endpoints of ``web``, which may not be there yet."""
        found = (await self.client.list(ENDPOINTS, namespace=self.namespace)).items
        return [subset for entry in found if entry.metadata.name == "web" for subset in entry.subsets]

    async def wait_for(self, ready: set[str], unready: set[str] | None = None) -> None:
        """Wait until slices and Endpoints tell of these pods, each once."""

        async def told() -> bool:
            ends = [end for found in await self.slices() for end in found.endpoints]
            shown = {end.target_ref.name: end.conditions.ready for end in ends if end.target_ref}
            assert shown == dict.fromkeys(ready, True) | dict.fromkeys(unready or set(), False)
            assert len(ends) == len(shown)
            subsets = await self.subsets()
            old = [
                {address.target_ref.name for subset in subsets for address in shown if address.target_ref}
                for shown in (
                    [a for s in subsets for a in s.addresses],
                    [a for s in subsets for a in s.not_ready_addresses],
                )
            ]
            assert old == [ready, unready or set()]
            return True

        await eventually(told)


@pytest.fixture
def rig(world: World) -> Rig:
    return Rig(world)


async def test_endpoints_follow_pods(rig: Rig) -> None:
    """S30: out when a pod is no longer ready, back when it is again."""
    await rig.create_service()
    await rig.wait_for(set())
    await rig.create_pod("a", 1)
    await rig.create_pod("b", 2)
    await rig.wait_for({"a", "b"})
    (before,) = await rig.slices()
    await rig.say("a", ready=False, number=1)
    await rig.wait_for({"b"}, {"a"})
    await rig.say("a", ready=True, number=1)
    await rig.wait_for({"a", "b"})
    await rig.client.delete(PODS, "b", namespace=rig.namespace, grace_period_seconds=0)
    await rig.wait_for({"a"})
    (after,) = await rig.slices()
    assert after.metadata.uid == before.metadata.uid
    assert after.metadata.owner_references[0].kind == "Service"
    assert (after.endpoints[0].node_name, after.endpoints[0].zone) == (NODE, "z")
    assert [(port.name, port.port, port.protocol) for port in after.ports] == [("http", 8080, "TCP")]
    await rig.client.delete(SERVICES, "web", namespace=rig.namespace)

    async def gone() -> bool:
        left = (await rig.client.list(ENDPOINTS, namespace=rig.namespace)).items
        return not left and not await rig.slices()

    await eventually(gone)


async def test_a_pod_that_is_going_serves_on_for_those_who_know_it(rig: Rig) -> None:
    await rig.create_service()
    await rig.create_pod("a", 1)
    await rig.wait_for({"a"})
    await rig.client.delete(PODS, "a", namespace=rig.namespace, grace_period_seconds=30)

    async def terminating() -> bool:
        (found,) = await rig.slices()
        conditions = found.endpoints[0].conditions
        assert (conditions.ready, conditions.serving, conditions.terminating) == (False, True, True)
        return not await rig.subsets()

    await eventually(terminating)
    await rig.client.delete(PODS, "a", namespace=rig.namespace, grace_period_seconds=0)
    await rig.wait_for(set())


async def test_more_pods_than_a_slice_takes(rig: Rig) -> None:
    await rig.create_service(clusterIP="None")
    names = {f"p{number}" for number in range(120)}
    for number in range(120):
        await rig.create_pod(f"p{number}", number)
    await rig.wait_for(names)
    found = await rig.slices()
    assert len(found) > 1
    assert max(len(entry.endpoints) for entry in found) <= 100
    assert {entry.metadata.labels["service.kubernetes.io/headless"] for entry in found} == {""}


async def test_slices_that_others_damage_are_put_right(rig: Rig) -> None:
    await rig.create_service()
    await rig.create_pod("a", 1)
    await rig.wait_for({"a"})
    (found,) = await rig.slices()
    await rig.client.delete(ENDPOINT_SLICES, found.metadata.name, namespace=rig.namespace)
    await rig.client.delete(ENDPOINTS, "web", namespace=rig.namespace)

    async def back() -> bool:
        return bool(await rig.slices())

    await eventually(back)
    (again,) = await rig.slices()
    assert again.metadata.uid != found.metadata.uid
    await rig.client.patch(
        ENDPOINT_SLICES, again.metadata.name, {"endpoints": [{"addresses": ["127.9.9.9"]}]}, namespace=rig.namespace
    )
    await rig.wait_for({"a"})


async def test_a_service_without_a_selector_is_led_by_hand(rig: Rig) -> None:
    """Nobody touches what somebody has written, and slices mirror it."""
    await rig.create_service(selector={})
    await rig.create_pod("a", 1)
    ports = [{"name": "http", "port": 9000}]
    body = {"metadata": {"name": "web", "labels": {"by": "hand"}}}
    subsets = [{"addresses": [{"ip": "127.9.9.1"}], "notReadyAddresses": [{"ip": "127.9.9.2"}], "ports": ports}]
    made = await rig.client.create(ENDPOINTS, {**body, "subsets": subsets}, namespace=rig.namespace)

    async def mirrored(*expected: tuple[str, bool]) -> EndpointSlice:
        (found,) = await rig.slices() or [None]
        assert found is not None
        assert [(end.addresses[0], end.conditions.ready) for end in found.endpoints] == list(expected)
        return found

    found = await eventually(lambda: mirrored(("127.9.9.1", True), ("127.9.9.2", False)))
    assert found.metadata.labels == {
        "by": "hand",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }
    assert found.metadata.owner_references[0].uid == made.metadata.uid
    subsets = [{"addresses": [{"ip": "127.9.9.3"}], "ports": ports}]
    await rig.client.patch(ENDPOINTS, "web", {"subsets": subsets}, namespace=rig.namespace)
    await eventually(lambda: mirrored(("127.9.9.3", True)))
    await rig.client.patch(SERVICES, "web", {"spec": {"selector": {"app": "web"}}}, namespace=rig.namespace)
    await rig.wait_for({"a"})
