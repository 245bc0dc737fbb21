"""``kubernetes_asyncio``, the official client's asynchronous twin."""

from collections.abc import AsyncIterator

import pytest
from kubernetes_asyncio import client, watch
from kubernetes_asyncio.client.exceptions import ApiException

from tests.clients.manifests import config_map, deployment, pod, widget


@pytest.fixture
async def api(apiserver: str) -> AsyncIterator[client.ApiClient]:
    async with client.ApiClient(client.Configuration(host=apiserver)) as opened:
        yield opened


async def test_pods(api: client.ApiClient, namespace: str) -> None:
    core = client.CoreV1Api(api)
    created = await core.create_namespaced_pod(namespace, pod())
    assert created.status.qos_class == "BestEffort"
    listed = await core.list_namespaced_pod(namespace, field_selector="metadata.name=web")
    assert [item.metadata.name for item in listed.items] == ["web"]
    patched = await core.patch_namespaced_pod("web", namespace, {"metadata": {"labels": {"tier": "front"}}})
    assert patched.metadata.labels["tier"] == "front"
    await core.delete_namespaced_pod("web", namespace)
    with pytest.raises(ApiException) as gone:
        await core.read_namespaced_pod("web", namespace)
    assert gone.value.status == 404


async def test_watching(api: client.ApiClient, namespace: str) -> None:
    core = client.CoreV1Api(api)
    listed = await core.list_namespaced_config_map(namespace)
    await core.create_namespaced_config_map(namespace, config_map(colour="red"))
    await core.delete_namespaced_config_map("settings", namespace)
    seen = []
    async with watch.Watch().stream(
        core.list_namespaced_config_map,
        namespace,
        resource_version=listed.metadata.resource_version,
        timeout_seconds=10,
    ) as stream:
        async for event in stream:
            seen.append(event["type"])
            if event["type"] == "DELETED":
                break
    assert seen == ["ADDED", "DELETED"]


async def test_workloads_and_custom_resources(api: client.ApiClient, namespace: str, widgets: str) -> None:
    apps, custom = client.AppsV1Api(api), client.CustomObjectsApi(api)
    await apps.create_namespaced_deployment(namespace, deployment())
    scale = await apps.read_namespaced_deployment_scale("web", namespace)
    scale.spec.replicas = 7
    await apps.replace_namespaced_deployment_scale("web", namespace, scale)
    assert (await apps.read_namespaced_deployment("web", namespace)).spec.replicas == 7
    place = (widgets, "v1", namespace, "widgets")
    created = await custom.create_namespaced_custom_object(*place, widget(widgets, colour="red"))
    assert created["spec"] == {"colour": "red", "size": 1}
    found = await custom.list_namespaced_custom_object(*place)
    assert [item["metadata"]["name"] for item in found["items"]] == ["one"]
