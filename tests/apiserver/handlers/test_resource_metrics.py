"""``metrics.k8s.io`` of a server whose kubelets do not answer; ``tests/live/test_usage.py`` shows the rest."""

import httpx

from tests.apiserver.conftest import Api, check_status

ROOT = "/apis/metrics.k8s.io/v1beta1"


async def test_what_is_not_known(http: httpx.AsyncClient, api: Api, namespace: str) -> None:
    containers = [{"name": "c", "image": "nginx"}]
    await api.create("pods", {"metadata": {"name": "web"}, "spec": {"containers": containers}})
    path = f"{ROOT}/namespaces/{namespace}/pods"
    listed = (await http.get(path)).json()
    assert (listed["kind"], listed["items"]) == ("PodMetricsList", [])
    message = f'pods.metrics.k8s.io "{namespace}/web" not found'
    check_status((await http.get(f"{path}/web")).json(), 404, "NotFound", (), message)
    check_status((await http.get(f"{path}/none")).json(), 404, "NotFound", (), 'pods "none" not found')
    check_status((await http.get(f"{ROOT}/nodes/none")).json(), 404, "NotFound", (), 'nodes "none" not found')


async def test_they_are_read_only(http: httpx.AsyncClient) -> None:
    assert (await http.post(f"{ROOT}/nodes", json={})).status_code == 405
    assert (await http.get(f"{ROOT}/nodes", params={"watch": "1"})).status_code == 405
    refused = await http.get(f"{ROOT}/nodes", params={"fieldSelector": "spec.x=1"})
    assert "field label not supported: spec.x" in refused.json()["message"]
    accept = {"accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    table = (await http.get(f"{ROOT}/pods", headers=accept)).json()
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "cpu", "memory", "Window"]


async def test_discovery(http: httpx.AsyncClient) -> None:
    listed = (await http.get(ROOT)).json()["resources"]
    assert [(entry["name"], entry["singularName"], entry["kind"], entry["verbs"]) for entry in listed] == [
        ("nodes", "", "NodeMetrics", ["get", "list"]),
        ("pods", "", "PodMetrics", ["get", "list"]),
    ]
    schemas = (await http.get("/openapi/v3/apis/metrics.k8s.io/v1beta1")).json()["components"]["schemas"]
    assert "window" in schemas["io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics"]["properties"]
