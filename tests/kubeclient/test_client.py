"""The client against a live API server, and against what is none."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from apimachinery.errors import AlreadyExists, BadRequest, Conflict, Expired, Invalid, NotFound
from apimachinery.patch_types import PatchType
from apimachinery.types.base import ObjectMeta
from apimachinery.types.pod import Container, Pod, PodSpec
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed, NotAnAPIServer
from kubeclient.resources import NAMESPACES, PODS
from kubeclient.watching import ADDED, DELETED
from tests.live.processes import free_port


def pod(name: str, namespace: str, /, **labels: str) -> Pod:
    return Pod(
        metadata=ObjectMeta(name=name, namespace=namespace, labels=labels),
        spec=PodSpec(containers=[Container(name="a", image="x")]),
    )


async def test_objects(client: Client, namespace: str) -> None:
    created = await client.create(PODS, pod("a", namespace, app="x"))
    assert created.metadata.uid
    created.metadata.labels["app"] = "y"
    replaced = await client.replace(PODS, created)
    assert replaced.metadata.labels == {"app": "y"}
    with pytest.raises(Conflict):
        await client.replace(PODS, created)
    patched = await client.patch(PODS, "a", {"metadata": {"labels": {"app": None}}}, namespace=namespace)
    assert patched.metadata.labels == {}
    operations = [{"op": "add", "path": "/metadata/labels", "value": {"b": "1"}}]
    patched = await client.patch(PODS, "a", operations, namespace=namespace, patch_type=PatchType.JSON)
    assert patched.metadata.labels == {"b": "1"}
    assert (await client.get(PODS, "a", namespace=namespace)) == patched
    await client.delete(PODS, "a", namespace=namespace, uid=patched.metadata.uid)
    with pytest.raises(NotFound):
        await client.get(PODS, "a", namespace=namespace)


async def test_lists_in_pages_and_by_selectors(client: Client, namespace: str) -> None:
    for name in ("a", "b", "c"):
        await client.create(PODS, pod(name, namespace, name=name))
    page = await client.list(PODS, namespace=namespace, limit=2)
    assert [item.metadata.name for item in page.items] == ["a", "b"]
    rest = await client.list(PODS, namespace=namespace, limit=2, continue_token=page.continue_token)
    assert [item.metadata.name for item in rest.items] == ["c"]
    assert not rest.continue_token
    assert rest.resource_version == page.resource_version
    found = await client.list(PODS, namespace=namespace, label_selector="name in (b)")
    assert [item.kind for item in found.items] == ["Pod"]
    found = await client.list(PODS, namespace=namespace, field_selector="metadata.name!=b")
    assert [item.metadata.name for item in found.items] == ["a", "c"]


async def test_refusals_are_typed(client: Client, namespace: str) -> None:
    await client.create(PODS, pod("a", namespace))
    with pytest.raises(AlreadyExists):
        await client.create(PODS, pod("a", namespace))
    with pytest.raises(Invalid) as refused:
        await client.create(PODS, pod("Not A Name", namespace))
    assert [cause.field for cause in refused.value.causes] == ["metadata.name"]
    with pytest.raises(BadRequest):
        await client.list(PODS, label_selector="a in (")


async def test_watches(client: Client, namespace: str) -> None:
    start = (await client.list(PODS, namespace=namespace)).resource_version
    async with client.watch(PODS, namespace=namespace, resource_version=start, timeout_seconds=1) as watch:
        await client.create(PODS, pod("a", namespace))
        await client.delete(PODS, "a", namespace=namespace)
        seen = [change async for changes in watch for change in changes]
    assert [(change.type, change.key) for change in seen] == [(ADDED, f"{namespace}/a"), (DELETED, f"{namespace}/a")]
    assert int(start) < int(seen[0].resource_version) < int(seen[1].resource_version)
    assert seen[0].object is not None
    assert (seen[0].object["metadata"]["name"], seen[1].object) == ("a", None)


async def test_a_watch_from_too_long_ago(client: Client) -> None:
    with pytest.raises(Expired):
        async with client.watch(PODS, resource_version="1"):
            pass


async def test_nobody_there() -> None:
    async with Client(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(ConnectionFailed, match="GET http"):
            await client.get(NAMESPACES, "default")
        with pytest.raises(ConnectionFailed, match="watch http"):
            async with client.watch(PODS, resource_version="1"):
                pass


async def test_used_before_it_is_open() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Client("http://127.0.0.1:1").get(PODS, "a", namespace="a")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(web.json_response({"kind": "APIVersions"}), id="JSON without a version"),
        pytest.param(web.Response(text="<html>"), id="a page"),
        pytest.param(web.Response(status=404), id="not found"),
    ],
)
async def test_something_else_answers(answer: web.Response) -> None:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return answer

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port: Any = runner.addresses[0][1]
        async with Client(f"http://127.0.0.1:{port}") as client:
            with pytest.raises(NotAnAPIServer, match="is not a Kubernetes API server") as refused:
                await client.wait_for_server()
        assert "\n" not in str(refused.value)
    finally:
        await runner.cleanup()


async def test_waits_for_a_server_that_comes_later(start_server: Any) -> None:
    port = free_port()
    async with Client(f"http://127.0.0.1:{port}") as client, asyncio.TaskGroup() as group:
        waiting = group.create_task(client.wait_for_server())
        start_server(port=port)
        await waiting
        assert (await client.get(NAMESPACES, "default")).status.phase == "Active"
