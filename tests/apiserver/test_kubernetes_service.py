"""The service ``default/kubernetes`` comes back, and its endpoints stay this server's."""

import asyncio

from apimachinery.clock import ManualClock
from apiserver.kubernetes_service import INTERVAL_SECONDS, KubernetesService
from tests.apiserver.admission.server import Server

PARTS = ("services", "endpoints", "endpointslices")


async def test_what_is_deleted_is_put_back() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        before = {plural: await server.get(plural, "kubernetes") for plural in PARTS}
        for plural in PARTS:
            await server.delete(plural, "kubernetes")
        keeper = KubernetesService(server.api.context, server.api.services, "127.0.0.1", 8080)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(keeper.run())
            await clock.advance(INTERVAL_SECONDS - 1)
            await server.get("services", "kubernetes", code=404)
            await clock.advance(1)
            after = {plural: await server.get(plural, "kubernetes") for plural in PARTS}
            running.cancel()
    for plural in PARTS:
        assert after[plural]["metadata"]["uid"] != before[plural]["metadata"]["uid"]
    assert after["services"]["spec"] == before["services"]["spec"]
    assert after["endpoints"]["subsets"] == before["endpoints"]["subsets"]
    assert after["endpointslices"]["endpoints"] == before["endpointslices"]["endpoints"]


async def test_endpoints_are_this_servers_and_the_service_is_whose_it_is() -> None:
    async with Server() as server:
        keeper = KubernetesService(server.api.context, server.api.services, "127.0.0.1", 8080)
        settled = await server.get("endpoints", "kubernetes")
        await keeper.ensure()
        assert await server.get("endpoints", "kubernetes") == settled
        await server.patch("endpoints", "kubernetes", {"subsets": []})
        labelled = await server.patch("services", "kubernetes", {"metadata": {"labels": {"a": "b"}}})
        await keeper.ensure()
        assert (await server.get("endpoints", "kubernetes"))["subsets"] == settled["subsets"]
        assert await server.get("services", "kubernetes") == labelled


async def test_an_address_that_somebody_else_has_taken_is_waited_for() -> None:
    clock = ManualClock()
    async with Server(clock=clock) as server:
        address = (await server.get("services", "kubernetes"))["spec"]["clusterIP"]
        await server.delete("services", "kubernetes")
        await server.create(
            "services", {"metadata": {"name": "x"}, "spec": {"clusterIP": address, "ports": [{"port": 1}]}}
        )
        keeper = KubernetesService(server.api.context, server.api.services, "127.0.0.1", 8080)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(keeper.run())
            await clock.advance(INTERVAL_SECONDS)
            await server.get("services", "kubernetes", code=404)
            await server.delete("services", "x")
            await clock.advance(INTERVAL_SECONDS)
            await server.get("services", "kubernetes")
            running.cancel()
