"""The leases of a process' nodes, against an API server."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from apimachinery.clock import RealClock
from apimachinery.types.core import Lease
from kubeclient.client import Client
from kubeclient.resources import LEASES
from kubelet.feed import node_feed
from kubelet.instance import ANNOTATION, Instance, this_instance
from kubelet.leases import NAMESPACE, Leases, NameTaken
from tests.live.waiting import eventually

ELSEWHERE = Instance("elsewhere", 1, 1)


@pytest.fixture
async def client(apiserver: str) -> AsyncIterator[Client]:
    async with Client(apiserver) as opened:
        yield opened


def leases(client: Client, name: str, instance: Instance, *, duration: int = 40) -> Leases:
    return Leases(client, [name], node_feed(client, [name]), duration=duration, instance=instance)


async def read(client: Client, name: str) -> Lease:
    return await client.get(LEASES, name, namespace=NAMESPACE)


async def test_a_lease_is_made_then_renewed(client: Client) -> None:
    mine = leases(client, "lease-1", this_instance())
    await mine.claim()
    await mine.step("lease-1")
    first = await read(client, "lease-1")
    await mine.step("lease-1")
    second = await read(client, "lease-1")
    assert (second.spec.holder_identity, second.spec.lease_duration_seconds) == ("lease-1", 40)
    assert second.metadata.annotations[ANNOTATION] == str(this_instance())
    assert first.spec.renew_time is not None
    assert second.spec.renew_time is not None
    assert second.spec.renew_time > first.spec.renew_time


async def test_a_name_that_another_process_keeps_renewing_is_refused(client: Client) -> None:
    """From another machine nothing but the lease itself tells that its holder lives."""
    theirs = leases(client, "lease-2", ELSEWHERE, duration=4)
    await theirs.step("lease-2")
    mine = leases(client, "lease-2", this_instance(), duration=4)

    async def renew() -> None:
        while True:
            await theirs.step("lease-2")
            await RealClock().sleep(0.3)

    async with asyncio.TaskGroup() as group:
        renewing = group.create_task(renew())
        with pytest.raises(NameTaken, match=r"another kubelet runs node lease-2.*elsewhere/1/1"):
            await mine.claim()
        renewing.cancel()


async def test_who_is_overtaken_ends(client: Client) -> None:
    mine = leases(client, "lease-3", this_instance())
    await mine.step("lease-3")
    await leases(client, "lease-3", ELSEWHERE).step("lease-3")
    with pytest.raises(NameTaken):
        await mine.step("lease-3")


async def test_a_lease_that_somebody_touched_or_removed_is_renewed_all_the_same(client: Client) -> None:
    mine = leases(client, "lease-4", this_instance())
    await mine.step("lease-4")
    await client.patch(LEASES, "lease-4", {"metadata": {"labels": {"a": "b"}}}, namespace=NAMESPACE)
    await mine.step("lease-4")
    await client.delete(LEASES, "lease-4", namespace=NAMESPACE)
    await mine.step("lease-4")
    assert (await read(client, "lease-4")).metadata.annotations[ANNOTATION] == str(this_instance())


async def test_run_renews_every_node(client: Client) -> None:
    names = ["lease-5", "lease-6"]
    mine = Leases(client, names, node_feed(client, names), duration=40, instance=this_instance())
    async with asyncio.TaskGroup() as group:
        running = group.create_task(mine.run())

        async def there() -> bool:
            found = (await client.list(LEASES, namespace=NAMESPACE)).items
            return {lease.metadata.name for lease in found} >= set(names)

        await eventually(there)
        running.cancel()
