"""``kr8s``, asynchronously."""

import asyncio
from collections.abc import AsyncIterator

import kr8s
import pytest
from kr8s.asyncio.objects import ConfigMap, Deployment, Pod, new_class

from tests.clients.manifests import config_map, deployment, pod, widget

# kr8s names the versions that it has been tested with, and this one is newer.
pytestmark = pytest.mark.filterwarnings("ignore:Kubernetes version:UserWarning")


@pytest.fixture
async def api(apiserver: str, namespace: str) -> AsyncIterator[kr8s.asyncio.Api]:
    opened = await kr8s.asyncio.api(url=apiserver, namespace=namespace)
    yield opened
    # kr8s keeps its session for the life of the process; this one ends with the test's event loop.
    if opened._session is not None:
        await opened._session.aclose()


async def test_pods(api: kr8s.asyncio.Api) -> None:
    web = await Pod(pod(), api=api)
    await web.create()
    assert await web.exists()
    await web.label({"tier": "front"})
    await web.annotate({"note": "seen"})
    found = [item.name async for item in api.get("pods", label_selector={"tier": "front"})]
    assert found == ["web"]
    assert (await Pod.get("web", api=api)).annotations["note"] == "seen"
    await web.delete()
    assert not await web.exists()


async def test_deployments(api: kr8s.asyncio.Api) -> None:
    web = await Deployment(deployment(), api=api)
    await web.create()
    await web.patch({"spec": {"replicas": 5}})
    await web.refresh()
    assert web.replicas == 5
    await web.patch([{"op": "replace", "path": "/spec/replicas", "value": 3}], type="json")
    assert web.replicas == 3


async def test_watching(api: kr8s.asyncio.Api) -> None:
    settings = await ConfigMap(config_map(colour="red"), api=api)
    await settings.create()
    seen: list[tuple[str, str]] = []
    came, went = asyncio.Event(), asyncio.Event()

    async def follow() -> None:
        async for kind, found in api.async_watch("configmaps", field_selector={"metadata.name": "settings"}):
            seen.append((kind, found.name))
            (went if kind == "DELETED" else came).set()

    async with asyncio.TaskGroup() as group:
        # Cancelled and not left by a break, which would leave kr8s' nested generators to the garbage collector.
        following = group.create_task(follow(), name="follow")
        await came.wait()
        await settings.delete()
        await went.wait()
        following.cancel()
    assert seen == [("ADDED", "settings"), ("DELETED", "settings")]


async def test_custom_resources(api: kr8s.asyncio.Api, widgets: str) -> None:
    kind = new_class("Widget", version=f"{widgets}/v1", namespaced=True, asyncio=True)
    one = await kind(widget(widgets, colour="red"), api=api)
    await one.create()
    await one.refresh()
    assert one.spec.size == 1
    assert [item.name async for item in api.get(f"widgets.{widgets}")] == ["one"]


async def test_what_is_served(api: kr8s.asyncio.Api) -> None:
    assert (await api.version())["minor"] == "36"
    kinds = {entry["kind"] for entry in await api.api_resources()}
    assert {"Pod", "Deployment", "CronJob", "CustomResourceDefinition"} <= kinds
