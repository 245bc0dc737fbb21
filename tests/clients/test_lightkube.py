"""``lightkube``."""

from collections.abc import Iterator

import pytest
from lightkube import Client, KubeConfig, codecs
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Pod
from lightkube.types import PatchType

from tests.clients.manifests import deployment, pod


@pytest.fixture
def client(apiserver: str, namespace: str) -> Iterator[Client]:
    config = KubeConfig.from_dict({
        "clusters": [{"name": "tests", "cluster": {"server": apiserver}}],
        "users": [{"name": "tests", "user": {}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests", "namespace": namespace}}],
        "current-context": "tests",
    })
    opened = Client(config=config, namespace=namespace, field_manager="tests", trust_env=False)
    yield opened
    opened._client._client.close()


def test_pods(client: Client) -> None:
    created = client.create(Pod.from_dict(pod()))
    assert created.status.phase == "Pending"
    assert [found.metadata.name for found in client.list(Pod, labels={"app": "web"})] == ["web"]
    patched = client.patch(Pod, "web", {"metadata": {"labels": {"tier": "front"}}}, patch_type=PatchType.MERGE)
    assert patched.metadata.labels == {"app": "web", "tier": "front"}
    client.delete(Pod, "web")
    with pytest.raises(ApiError) as gone:
        client.get(Pod, "web")
    assert gone.value.status.reason == "NotFound"


def test_apply(client: Client) -> None:
    obj = ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="settings"), data={"colour": "red"})
    assert client.apply(obj).data == {"colour": "red"}
    again = client.apply(obj)
    other = ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="settings"), data={"colour": "blue"})
    with pytest.raises(ApiError) as conflict:
        client.apply(other, field_manager="somebody")
    assert (conflict.value.status.code, conflict.value.status.reason) == (409, "Conflict")
    forced = client.apply(other, field_manager="somebody", force=True)
    assert forced.data == {"colour": "blue"}
    assert forced.metadata.resourceVersion != again.metadata.resourceVersion


def test_scale_and_selectors(client: Client) -> None:
    client.create(Deployment.from_dict(deployment()))
    scale = client.get(Deployment.Scale, "web")
    assert scale.spec.replicas == 2
    scale.spec.replicas = 4
    client.replace(scale, "web")
    assert client.get(Deployment, "web").spec.replicas == 4
    assert [found.metadata.name for found in client.list(Deployment, fields={"metadata.name": "web"})] == ["web"]


def test_watching(client: Client) -> None:
    obj = ConfigMap(metadata=ObjectMeta(name="settings"), data={"colour": "red"})
    version = client.create(obj).metadata.resourceVersion
    client.patch(ConfigMap, "settings", {"data": {"colour": "blue"}})
    client.delete(ConfigMap, "settings")
    seen = []
    for kind, found in client.watch(ConfigMap, resource_version=version, server_timeout=10):
        seen.append((kind, found.data["colour"]))
        if kind == "DELETED":
            break
    assert seen == [("MODIFIED", "blue"), ("DELETED", "blue")]


def test_custom_resources_from_yaml(client: Client, widgets: str) -> None:
    create_namespaced_resource(widgets, "v1", "Widget", "widgets")
    text = f"apiVersion: {widgets}/v1\nkind: Widget\nmetadata: {{name: one}}\nspec: {{colour: red}}\n"
    (obj,) = codecs.load_all_yaml(text)
    assert client.create(obj)["spec"] == {"colour": "red", "size": 1}
    assert [found.metadata.name for found in client.list(type(obj))] == ["one"]
