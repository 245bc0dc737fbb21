"""The official client, ``kubernetes``, of the blocking kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException

from tests.clients.manifests import config_map, deployment, pod, widget


@pytest.fixture
def api(apiserver: str) -> Iterator[client.ApiClient]:
    with client.ApiClient(client.Configuration(host=apiserver)) as opened:
        yield opened


@pytest.fixture
def core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


def test_pods(core: client.CoreV1Api, namespace: str) -> None:
    body = client.V1Pod(
        metadata=client.V1ObjectMeta(name="web", labels={"app": "web"}),
        spec=client.V1PodSpec(containers=[client.V1Container(name="web", image="nginx:1.27")]),
    )
    created = core.create_namespaced_pod(namespace, body)
    assert (created.status.phase, created.spec.restart_policy) == ("Pending", "Always")
    assert created.metadata.managed_fields[0].manager == "OpenAPI-Generator"
    (found,) = core.list_namespaced_pod(namespace, label_selector="app=web").items
    assert found.metadata.uid == created.metadata.uid
    patched = core.patch_namespaced_pod("web", namespace, {"metadata": {"labels": {"tier": "front"}}})
    assert patched.metadata.labels == {"app": "web", "tier": "front"}
    patched.metadata.annotations = {"note": "seen"}
    replaced = core.replace_namespaced_pod("web", namespace, patched)
    assert replaced.metadata.annotations == {"note": "seen"}
    with pytest.raises(ApiException) as stale:
        core.replace_namespaced_pod("web", namespace, created)
    assert (stale.value.status, stale.value.reason) == (409, "Conflict")
    core.delete_namespaced_pod("web", namespace)
    with pytest.raises(ApiException) as gone:
        core.read_namespaced_pod("web", namespace)
    assert gone.value.status == 404


def test_watching(core: client.CoreV1Api, namespace: str) -> None:
    listed = core.list_namespaced_config_map(namespace)
    core.create_namespaced_config_map(namespace, config_map(colour="red"))
    core.patch_namespaced_config_map("settings", namespace, {"data": {"colour": "blue"}})
    core.delete_namespaced_config_map("settings", namespace)
    watcher = watch.Watch()
    seen = []
    version = listed.metadata.resource_version
    for event in watcher.stream(
        core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=10
    ):
        seen.append((event["type"], event["object"].data["colour"]))
        if event["type"] == "DELETED":
            watcher.stop()
    assert seen == [("ADDED", "red"), ("MODIFIED", "blue"), ("DELETED", "blue")]


def test_paging(core: client.CoreV1Api, namespace: str) -> None:
    for number in range(5):
        core.create_namespaced_config_map(namespace, config_map(f"page-{number}"))
    names: list[str] = []
    token = None
    while True:
        page = core.list_namespaced_config_map(namespace, limit=2, _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    assert [name for name in names if name.startswith("page-")] == [f"page-{number}" for number in range(5)]


def test_deployments_and_their_scale(api: client.ApiClient, namespace: str) -> None:
    apps = client.AppsV1Api(api)
    utils.create_from_dict(api, deployment(), namespace=namespace)
    scale = apps.read_namespaced_deployment_scale("web", namespace)
    assert scale.spec.replicas == 2
    apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 5}})
    assert apps.read_namespaced_deployment("web", namespace).spec.replicas == 5
    image = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}}
    # The client sends a strategic merge patch: the container's other fields stay.
    patched = apps.patch_namespaced_deployment("web", namespace, image)
    (container,) = patched.spec.template.spec.containers
    assert (container.image, container.ports[0].container_port) == ("nginx:1.28", 80)


def test_manifests_of_several_kinds(api: client.ApiClient, namespace: str, tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n---\n"
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: two}\n"
        "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}\n"
    )
    created = utils.create_from_yaml(api, str(path), namespace=namespace)
    assert [objects[0].metadata.name for objects in created] == ["one", "two"]
    assert client.BatchV1Api(api).read_namespaced_job("two", namespace).spec.backoff_limit == 6


def test_custom_resources(api: client.ApiClient, namespace: str, widgets: str) -> None:
    custom = client.CustomObjectsApi(api)
    place = (widgets, "v1", namespace, "widgets")
    created = custom.create_namespaced_custom_object(*place, widget(widgets, colour="red"))
    assert created["spec"] == {"colour": "red", "size": 1}
    patched = custom.patch_namespaced_custom_object(*place, "one", {"spec": {"size": 3}})
    assert patched["spec"]["size"] == 3
    status = {"status": {"ready": True}}
    custom.patch_namespaced_custom_object_status(*place, "one", status)
    assert custom.get_namespaced_custom_object(*place, "one")["status"] == {"ready": True}
    assert len(custom.list_namespaced_custom_object(*place)["items"]) == 1


def test_the_dynamic_client(api: client.ApiClient, namespace: str, widgets: str, tmp_path: Path) -> None:
    found = dynamic.DynamicClient(api, cache_file=str(tmp_path / "discovery.json"))
    resource = found.resources.get(api_version=f"{widgets}/v1", kind="Widget")
    resource.create(body=widget(widgets), namespace=namespace)
    assert resource.get(name="one", namespace=namespace).spec.size == 1
    pods = found.resources.get(api_version="v1", kind="Pod")
    applied = pods.server_side_apply(
        body=pod("applied"), name="applied", namespace=namespace, field_manager="tests", force_conflicts=True
    )
    assert applied.metadata.managedFields[0].operation == "Apply"
    resource.delete(name="one", namespace=namespace)
    assert resource.get(namespace=namespace).items == []


def test_who_may_do_what(api: client.ApiClient) -> None:
    review = client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(
            resource_attributes=client.V1ResourceAttributes(verb="create", resource="pods")
        )
    )
    assert client.AuthorizationV1Api(api).create_self_subject_access_review(review).status.allowed is True
    assert client.VersionApi(api).get_code().minor == "36"
