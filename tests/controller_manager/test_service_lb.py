"""Addresses of Services of type LoadBalancer, against a live API server."""

import asyncio
from typing import Any

import pytest

from apimachinery.types.service import Service
from controller_manager.service_lb import addresses, wants_address
from kubeclient.resources import EVENTS, SERVICES
from tests.controller_manager.conftest import World
from tests.live.waiting import eventually


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"type": "LoadBalancer"}, True, id="load-balancer"),
        pytest.param({"type": "LoadBalancer", "loadBalancerClass": "example.com/own"}, False, id="somebody-elses"),
        pytest.param({"type": "NodePort"}, False, id="other-type"),
    ],
)
def test_who_wants_an_address(spec: dict[str, Any], expected: bool) -> None:
    assert wants_address(Service.model_validate({"spec": spec})) is expected


def test_the_first_address_is_nobodys() -> None:
    assert addresses("127.97.0.0/30").allocate("default/web") == "127.97.0.1/32"


@pytest.mark.parametrize("cidr", ["127.97.0.1/30", "fd00::/64", "some"])
def test_what_is_no_range_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match=cidr.partition("/")[0]):
        addresses(cidr)


async def create(world: World, name: str, **spec: Any) -> None:
    body = {"metadata": {"name": name}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}], **spec}}
    await world.client.create(SERVICES, body, namespace=world.namespace)


async def ingress(world: World, name: str) -> list[str]:
    service = await world.client.get(SERVICES, name, namespace=world.namespace)
    return [entry.ip for entry in service.status.load_balancer.ingress]


async def until_given(world: World, name: str, *expected: str) -> str:
    """Return the address of a Service once it has one, the expected one if that is said."""

    async def given() -> str:
        found = await ingress(world, name)
        assert len(found) == 1
        assert found == list(expected or found)
        return found[0]

    return await eventually(given)


async def test_every_service_gets_an_address_and_gives_it_back(world: World) -> None:
    await asyncio.gather(*(create(world, name) for name in ("a", "b")))
    first, second = [await until_given(world, name) for name in ("a", "b")]
    assert first != second
    await create(world, "c", loadBalancerIP=first)

    async def told() -> bool:
        selector = "involvedObject.name=c,reason=SyncLoadBalancerFailed"
        return bool((await world.client.list(EVENTS, namespace=world.namespace, field_selector=selector)).items)

    await eventually(told)
    assert await ingress(world, "c") == []
    await world.client.patch(SERVICES, "a", {"spec": {"type": "ClusterIP"}}, namespace=world.namespace)
    await until_given(world, "c", first)
    assert await ingress(world, "a") == []
    await world.client.delete(SERVICES, "b", namespace=world.namespace)
    await create(world, "d", loadBalancerIP=second)
    await until_given(world, "d", second)


async def test_addresses_stay_across_a_restart(own_world: World) -> None:
    await create(own_world, "a")
    first = await until_given(own_world, "a")
    own_world.cluster.components[0].stop()
    await create(own_world, "b")
    own_world.cluster.start("controller_manager")
    assert await until_given(own_world, "b") != first
    assert await ingress(own_world, "a") == [first]
