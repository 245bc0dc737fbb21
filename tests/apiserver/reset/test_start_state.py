"""A reset, as a client asks for it."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tests.live.processes import ServerProcess
from tests.live.waiting import eventually

V1 = "/api/v1"
SECONDS = 30.0
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}


class Server:
    """A server that can be reset, and a client of it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def names(self, path: str) -> list[str]:
        return [item["metadata"]["name"] for item in (await self.client.get(path)).json()["items"]]


@pytest.fixture
async def server(start_server: Callable[..., ServerProcess]) -> AsyncIterator[Server]:
    url = start_server("--enable-reset").url
    async with httpx.AsyncClient(base_url=url, timeout=20, verify=False, trust_env=False) as client:
        yield Server(client)


async def test_what_came_goes_whatever_holds_it(server: Server) -> None:
    await server.post("/debug/start-state")
    await server.post(f"{V1}/namespaces", {"metadata": {"name": "test"}})
    finalizers = ["example.com/never"]
    for namespace in ("test", "default", "kube-system"):
        body = {"metadata": {"name": "mine", "finalizers": finalizers}}
        await server.post(f"{V1}/namespaces/{namespace}/configmaps", body)
    service = {"metadata": {"name": "web"}, "spec": {"clusterIP": "127.64.0.77", "ports": [{"port": 80}]}}
    await server.post(f"{V1}/namespaces/default/services", service)
    pod = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "a", "image": "b"}], "nodeName": "n"}}
    await server.post(f"{V1}/namespaces/default/pods", pod)
    outcome = await server.post("/debug/reset")
    assert outcome["removed"] >= 6
    assert sorted(await server.names(f"{V1}/namespaces")) == [
        "default",
        "kube-node-lease",
        "kube-public",
        "kube-system",
    ]
    assert set(await server.names(f"{V1}/configmaps")) == {"kube-root-ca.crt"}
    assert await server.names(f"{V1}/services") == ["kubernetes"]
    assert await server.names(f"{V1}/pods") == []
    # The address is free again.
    await server.post(f"{V1}/namespaces/default/services", service)


async def test_what_was_there_is_put_back(server: Server) -> None:
    await server.post(f"{V1}/namespaces", {"metadata": {"name": "app"}})
    await server.post(f"{V1}/namespaces/app/configmaps", {"metadata": {"name": "kept"}, "data": {"a": "1"}})
    await server.post(f"{V1}/namespaces/app/configmaps", {"metadata": {"name": "changed"}, "data": {"a": "1"}})
    await server.post(f"{V1}/nodes", {"metadata": {"name": "n", "labels": {"a": "b"}}})
    assert (await server.post("/debug/start-state"))["objects"] > 4
    await server.client.delete(f"{V1}/namespaces/app/configmaps/kept")
    patch = {"Content-Type": "application/merge-patch+json"}
    await server.client.patch(f"{V1}/namespaces/app/configmaps/changed", json={"data": {"a": "2"}}, headers=patch)
    await server.client.patch(f"{V1}/nodes/n", json={"spec": {"unschedulable": True}}, headers=patch)
    assert await server.post("/debug/reset") == {"removed": 0, "restored": 3}
    items = (await server.client.get(f"{V1}/namespaces/app/configmaps")).json()["items"]
    found = {item["metadata"]["name"]: item.get("data") for item in items}
    assert (found["kept"], found["changed"]) == ({"a": "1"}, {"a": "1"})
    assert "unschedulable" not in (await server.client.get(f"{V1}/nodes/n")).json()["spec"]
    assert await server.post("/debug/reset") == {"removed": 0, "restored": 0}


async def test_apis_are_those_of_the_start(server: Server) -> None:
    """What tests announce goes; the server's own come back."""
    path = "/apis/apiregistration.k8s.io/v1/apiservices"
    await server.post("/debug/start-state")
    start = await server.names(path)
    spec = {"group": "a.b", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100}
    spec["service"] = {"namespace": "default", "name": "web"}
    spec["insecureSkipTLSVerify"] = True
    await server.post(path, {"metadata": {"name": "v1.a.b"}, "spec": spec})
    await server.client.delete(f"{path}/v1.apps")
    assert await server.post("/debug/reset") == {"removed": 1, "restored": 1}
    assert await server.names(path) == start


async def test_kinds_go_with_their_objects(server: Server) -> None:
    await server.post("/debug/start-state")
    await server.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD)
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "one"}}
    things = "/apis/example.com/v1/namespaces/default/things"

    async def made() -> bool:
        return (await server.client.post(things, json=thing)).is_success

    await eventually(made, timeout=SECONDS)
    await server.post("/debug/reset")
    assert await server.names("/apis/apiextensions.k8s.io/v1/customresourcedefinitions") == []
    assert (await server.client.get(things)).status_code == 404


async def test_watchers_hear_of_it(server: Server) -> None:
    """Of each object, in its last state, at a revision of its own."""
    await server.post("/debug/start-state")
    path = f"{V1}/namespaces/default/configmaps"
    names = [f"mine-{number:02}" for number in range(20)]
    for name in names:
        made = await server.post(path, {"metadata": {"name": name, "labels": {"a": name}}})
    version = made["metadata"]["resourceVersion"]
    await server.post("/debug/reset")
    params = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "1"}
    answer = await server.client.get(path, params=params)
    events = [json.loads(line) for line in answer.text.splitlines()]
    assert [event["type"] for event in events] == ["DELETED"] * len(names)
    metadata = [event["object"]["metadata"] for event in events]
    assert [(entry["name"], entry["labels"]) for entry in metadata] == [(name, {"a": name}) for name in names]
    versions = [int(entry["resourceVersion"]) for entry in metadata]
    assert versions[0] > int(version)
    assert versions == list(range(versions[0], versions[0] + len(names)))


async def test_nothing_comes_that_is_about_what_has_gone(server: Server) -> None:
    await server.post("/debug/start-state")
    owner = (await server.post(f"{V1}/namespaces/default/configmaps", {"metadata": {"name": "owner"}}))["metadata"]
    await server.post("/debug/reset")
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["uid"], "controller": True}
    late = {"metadata": {"name": "late", "ownerReferences": [reference]}}
    answer = await server.client.post(f"{V1}/namespaces/default/configmaps", json=late)
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")
    assert answer.json()["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    # Another owner of that name is none of those.
    again = (await server.post(f"{V1}/namespaces/default/configmaps", {"metadata": {"name": "owner"}}))["metadata"]
    await server.post(
        f"{V1}/namespaces/default/configmaps",
        {"metadata": {"name": "late", "ownerReferences": [{**reference, "uid": again["uid"]}]}},
    )


async def test_a_kind_that_was_never_served_goes(server: Server) -> None:
    """It wanted names that a built-in kind has, and the built-in one stays."""
    await server.post("/debug/start-state")
    metadata = {"name": "ingresses.networking.k8s.io", "annotations": {"api-approved.kubernetes.io": "unapproved"}}
    names = {"plural": "ingresses", "kind": "Ingress"}
    spec = {**CRD["spec"], "group": "networking.k8s.io", "names": names}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    await server.post(path, {"metadata": metadata, "spec": spec})
    assert await server.post("/debug/reset") == {"removed": 1, "restored": 0}
    assert await server.names("/apis/networking.k8s.io/v1/ingresses") == []


async def test_addresses_go_with_their_services(server: Server) -> None:
    """And so do those that somebody has written down by hand; the cluster's own stay."""
    addresses = "/apis/networking.k8s.io/v1/ipaddresses"

    async def names(*expected: str) -> bool:
        return set(await server.names(addresses)) == {"127.64.0.1", *expected}

    await eventually(names, timeout=SECONDS)
    await server.post("/debug/start-state")
    service = {"metadata": {"name": "web"}, "spec": {"clusterIP": "127.64.0.77", "ports": [{"port": 80}]}}
    await server.post(f"{V1}/namespaces/default/services", service)
    parent = {"group": "", "resource": "services", "namespace": "default", "name": "web"}
    await server.post(addresses, {"metadata": {"name": "127.64.0.78"}, "spec": {"parentRef": parent}})
    await eventually(lambda: names("127.64.0.77", "127.64.0.78"), timeout=SECONDS)
    await server.post("/debug/reset")
    assert await names()


async def test_there_is_no_way_back_without_a_start(server: Server) -> None:
    answer = await server.client.post("/debug/reset")
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")


async def test_a_server_is_not_reset_unless_it_was_told_so(http: httpx.AsyncClient) -> None:
    assert (await http.post("/debug/reset")).status_code == 404


async def test_one_namespace_goes(server: Server) -> None:
    """Whatever holds it, with all that is in it, and nothing else; no start is needed for that."""
    for namespace in ("mine", "other"):
        await server.post(f"{V1}/namespaces", {"metadata": {"name": namespace, "finalizers": ["example.com/never"]}})
        body = {"metadata": {"name": "held", "finalizers": ["example.com/never"]}}
        await server.post(f"{V1}/namespaces/{namespace}/configmaps", body)
    assert (await server.post("/debug/reset?namespace=mine"))["removed"] >= 2
    assert "mine" not in await server.names(f"{V1}/namespaces")
    assert (await server.client.get(f"{V1}/namespaces/mine/configmaps/held")).status_code == 404
    assert "held" in await server.names(f"{V1}/namespaces/other/configmaps")
    assert (await server.post("/debug/reset?namespace=mine"))["removed"] == 0


async def test_a_namespace_of_the_clusters_own_stays(server: Server) -> None:
    refused = await server.client.post("/debug/reset?namespace=default")
    assert (refused.status_code, refused.json()["reason"]) == (403, "Forbidden")
    assert refused.json()["message"] == 'namespaces "default" is forbidden: it is the cluster\'s own'
