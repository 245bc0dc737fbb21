"""Workloads and their pods' subresources on a live server."""

import json
from typing import Any

import httpx
import pytest

from tests.apiserver.conftest import MERGE, STRATEGIC, Api, check_status
from tests.apiserver.validation.workloads import autoscaler, cron_job, job, workload
from tests.live.processes import Kubectl

JSONObject = dict[str, Any]


@pytest.mark.parametrize(
    ("plural", "obj"),
    [
        pytest.param("deployments", workload("Deployment"), id="deployment"),
        pytest.param("statefulsets", workload("StatefulSet"), id="statefulset"),
        pytest.param("replicasets", workload("ReplicaSet"), id="replicaset"),
        pytest.param("replicationcontrollers", workload("ReplicationController", selector=None), id="rc"),
    ],
)
async def test_scale(http: httpx.AsyncClient, namespace: str, plural: str, obj: JSONObject) -> None:
    api_version = obj["apiVersion"]
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    path = f"{root}/namespaces/{namespace}/{plural}"
    assert (await http.post(path, json=obj)).status_code == 201
    scale = (await http.get(f"{path}/web/scale")).json()
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == ("Scale", {"replicas": 1}, "app=web")
    patched = await http.patch(f"{path}/web/scale", json={"spec": {"replicas": 3}}, headers={"content-type": MERGE})
    assert patched.json()["spec"]["replicas"] == 3
    found = (await http.get(f"{path}/web")).json()
    assert (found["spec"]["replicas"], found["metadata"]["generation"]) == (3, 2)


async def test_autoscalers_in_both_versions(http: httpx.AsyncClient, namespace: str) -> None:
    def path(version: str) -> str:
        return f"/apis/autoscaling/{version}/namespaces/{namespace}/horizontalpodautoscalers"

    created = await http.post(path("v2"), json=autoscaler())
    assert created.status_code == 201, created.text
    seen = (await http.get(f"{path('v1')}/web")).json()
    assert (seen["apiVersion"], seen["spec"]["targetCPUUtilizationPercentage"]) == ("autoscaling/v1", 80)
    headers = {"content-type": MERGE}
    change = {"spec": {"targetCPUUtilizationPercentage": 30}}
    patched = await http.patch(f"{path('v1')}/web", json=change, headers=headers)
    assert patched.json()["spec"]["targetCPUUtilizationPercentage"] == 30
    stored = (await http.get(f"{path('v2')}/web")).json()
    assert stored["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 30


async def test_jobs_by_their_success(http: httpx.AsyncClient, namespace: str) -> None:
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    obj = job()
    del obj["metadata"]["uid"]
    created = await http.post(path, json=obj)
    assert created.status_code == 201, created.text
    uid = created.json()["metadata"]["uid"]
    selector = created.json()["spec"]["selector"]["matchLabels"]
    assert selector == {"batch.kubernetes.io/controller-uid": uid}
    found = (await http.get(path, params={"fieldSelector": "status.successful=0"})).json()
    assert [item["metadata"]["name"] for item in found["items"]] == ["work"]


async def test_cron_jobs(http: httpx.AsyncClient, namespace: str) -> None:
    path = f"/apis/batch/v1/namespaces/{namespace}/cronjobs"
    assert (await http.post(path, json=cron_job())).status_code == 201
    refused = await http.post(path, json=cron_job(schedule="never"))
    check_status(refused.json(), 422, "Invalid", ("spec.schedule",), "expected exactly 5 fields")


POD = {
    "metadata": {"name": "web"},
    "spec": {
        "containers": [
            {
                "name": "web",
                "image": "nginx:1.27",
                "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}},
            }
        ]
    },
}


class TestResize:
    async def resize(self, api: Api, resources: JSONObject, code: int = 200) -> JSONObject:
        patch = {"spec": {"containers": [{"name": "web", "resources": resources}]}}
        return await api.patch("pods", "web", patch, kind=STRATEGIC, subresource="resize", code=code)

    async def test_resources_change(self, api: Api) -> None:
        await api.create("pods", POD)
        found = await self.resize(api, {"requests": {"cpu": "150m"}})
        (container,) = found["spec"]["containers"]
        assert container["resources"] == {"requests": {"cpu": "150m"}, "limits": {"cpu": "200m"}}
        assert found["metadata"]["generation"] == 2

    async def test_nothing_else_does(self, api: Api) -> None:
        await api.create("pods", POD)
        patch = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "web", "image": "other:1"}]}}
        found = await api.patch("pods", "web", patch, kind=STRATEGIC, subresource="resize")
        assert (found["spec"]["containers"][0]["image"], "labels" in found["metadata"]) == ("nginx:1.27", False)

    async def test_the_class_of_service_stays(self, api: Api) -> None:
        await api.create("pods", POD)
        same = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
        refused = await self.resize(api, same, code=422)
        text = "Pod QOS Class may not change as a result of resizing"
        check_status(refused, 422, "Invalid", ("spec",), text)

    async def test_only_cpu_and_memory(self, api: Api) -> None:
        await api.create("pods", POD)
        refused = await self.resize(api, {"requests": {"ephemeral-storage": "1Gi"}}, code=422)
        check_status(refused, 422, "Invalid", ("spec",), "only cpu and memory resources are mutable")

    async def test_the_pod_itself_does_not_take_them(self, api: Api) -> None:
        await api.create("pods", POD)
        patch = {"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "150m"}}}]}}
        refused = await api.patch("pods", "web", patch, kind=STRATEGIC, code=422)
        check_status(refused, 422, "Invalid", ("spec",), "pod updates may not change fields other than")


class TestEphemeralContainers:
    async def add(self, api: Api, *containers: JSONObject, code: int = 200) -> JSONObject:
        patch = {"spec": {"ephemeralContainers": list(containers)}}
        return await api.patch("pods", "web", patch, kind=STRATEGIC, subresource="ephemeralcontainers", code=code)

    async def test_they_are_added_one_by_one(self, api: Api) -> None:
        await api.create("pods", POD)
        await self.add(api, {"name": "look", "image": "busybox:1.36", "targetContainerName": "web"})
        found = await self.add(api, {"name": "again", "image": "busybox:1.36"})
        names = [container["name"] for container in found["spec"]["ephemeralContainers"]]
        assert sorted(names) == ["again", "look"]
        assert found["spec"]["ephemeralContainers"][0]["terminationMessagePath"] == "/dev/termination-log"

    @pytest.mark.parametrize(
        ("container", "field", "text"),
        [
            pytest.param({"name": "look"}, "spec.ephemeralContainers[0].image", "Required value", id="image"),
            pytest.param(
                {"name": "web", "image": "a:1"}, "spec.ephemeralContainers[0].name", "Duplicate value", id="name"
            ),
            pytest.param(
                {"name": "look", "image": "a:1", "targetContainerName": "db"},
                "spec.ephemeralContainers[0].targetContainerName",
                'Not found: "db"',
                id="target",
            ),
            pytest.param(
                {"name": "look", "image": "a:1", "ports": [{"containerPort": 80}]},
                "spec.ephemeralContainers[0].ports",
                "cannot be set for an Ephemeral Container",
                id="ports",
            ),
        ],
    )
    async def test_refusals(self, api: Api, container: JSONObject, field: str, text: str) -> None:
        await api.create("pods", POD)
        check_status(await self.add(api, container, code=422), 422, "Invalid", (field,), text)

    async def test_they_stay_as_they_are(self, api: Api) -> None:
        await api.create("pods", POD)
        await self.add(api, {"name": "look", "image": "busybox:1.36"})
        refused = await self.add(api, {"name": "look", "image": "busybox:1.37"}, code=422)
        text = 'existing ephemeral containers "look" may not be changed'
        check_status(refused, 422, "Invalid", ("spec.ephemeralContainers",), text)

    async def test_a_new_pod_has_none(self, api: Api) -> None:
        pod = {
            "metadata": {"name": "web"},
            "spec": {**POD["spec"], "ephemeralContainers": [{"name": "a", "image": "b:1"}]},
        }
        refused = await api.create("pods", pod, code=422)
        check_status(refused, 422, "Invalid", ("spec.ephemeralContainers",), "cannot be set on create")


def test_kubectl(kubectl: Kubectl) -> None:
    manifest = workload("Deployment")
    assert "created" in kubectl.run("apply", "-f", "-", stdin=json.dumps(manifest))
    assert "scaled" in kubectl.run("scale", "deployment/web", "--replicas=4")
    assert "image updated" in kubectl.run("set", "image", "deployment/web", "web=nginx:1.28")
    wide = kubectl.run("get", "deployment", "web", "-o", "wide", "--no-headers").split()
    assert wide[:2] == ["web", "0/4"]
    assert wide[-2:] == ["nginx:1.28", "app=web"]
    described = kubectl.run("describe", "deployment", "web")
    assert "RollingUpdateStrategy:  25% max unavailable, 25% max surge" in described


async def test_the_scale_of_what_is_not_there(http: httpx.AsyncClient, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/none/scale"
    assert (await http.get(path)).json()["message"] == 'deployments/scale.apps "none" not found'
    patched = await http.patch(path, json={"spec": {"replicas": 3}}, headers={"content-type": MERGE})
    assert (patched.status_code, patched.json()["message"]) == (404, 'deployments.apps "none" not found')
