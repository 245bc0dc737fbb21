"""``componentstatuses`` and ``bindings``, which are served and not stored."""

import httpx

from tests.apiserver.conftest import Api, check_status

PATH = "/api/v1/componentstatuses"


async def test_the_store_is_healthy(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{PATH}/etcd-0")
    assert answer.json()["conditions"] == [{"type": "Healthy", "status": "True", "message": "ok"}]
    assert answer.headers["warning"] == '299 - "v1 ComponentStatus is deprecated in v1.19+"'


async def test_who_does_not_answer_is_not(http: httpx.AsyncClient) -> None:
    """Other tests may run the components elsewhere, but never at upstream's own ports."""
    listed = (await http.get(PATH)).json()
    assert [item["metadata"]["name"] for item in listed["items"]] == ["controller-manager", "etcd-0", "scheduler"]
    (condition,) = listed["items"][2]["conditions"]
    assert (condition["type"], condition["status"]) == ("Healthy", "False")
    assert condition["error"].startswith('Get "http://127.0.0.1:10259/healthz": ')


async def test_they_are_read_only(http: httpx.AsyncClient) -> None:
    assert (await http.post(PATH, json={})).status_code == 405
    check_status((await http.get(f"{PATH}/other")).json(), 404, "NotFound")
    accept = {"accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    rows = (await http.get(PATH, headers=accept)).json()["rows"]
    assert rows[1]["cells"] == ["etcd-0", "Healthy", "ok", ""]


async def test_a_binding_by_the_pods_name(http: httpx.AsyncClient, api: Api, namespace: str) -> None:
    await api.create("pods", {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
    promise = {"status": {"nominatedNodeName": "node-0"}}
    await http.patch(
        f"/api/v1/namespaces/{namespace}/pods/web/status",
        json=promise,
        headers={"content-type": "application/merge-patch+json"},
    )
    assert (await api.get("pods", "web"))["status"]["nominatedNodeName"] == "node-0"
    path = f"/api/v1/namespaces/{namespace}/bindings"
    binding = {"metadata": {"name": "web"}, "target": {"kind": "Node", "name": "node-1"}}
    assert (await http.post(path, json=binding)).status_code == 201
    bound = await api.get("pods", "web")
    assert bound["spec"]["nodeName"] == "node-1"
    assert "nominatedNodeName" not in bound["status"]
    again = await http.post(path, json=binding)
    check_status(again.json(), 409, "Conflict", (), 'pod web is already assigned to node "node-1"')
    assert (await http.get(path)).status_code == 405
