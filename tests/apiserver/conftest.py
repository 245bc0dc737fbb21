"""The API server over bare HTTP, as its own tests see it."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.live.processes import ServerProcess, start_apiserver

JSONObject = dict[str, Any]

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


_GROUPS = {
    "endpointslices": "discovery.k8s.io/v1",
    "ingresses": "networking.k8s.io/v1",
    "leases": "coordination.k8s.io/v1",
    "networkpolicies": "networking.k8s.io/v1",
    "poddisruptionbudgets": "policy/v1",
    "replicasets": "apps/v1",
    "rolebindings": "rbac.authorization.k8s.io/v1",
    "roles": "rbac.authorization.k8s.io/v1",
}
"""API versions of what is not of the core group."""


class Api:
    """One namespace of a live API server. Methods answer with the object, and fail on another code than ``code``."""

    def __init__(self, http: httpx.AsyncClient, namespace: str) -> None:
        self.http = http
        self.namespace = namespace

    def path(self, plural: str, name: str = "", subresource: str = "") -> str:
        group = _GROUPS.get(plural, "")
        root = f"/apis/{group}" if group else "/api/v1"
        return "/".join(part for part in (f"{root}/namespaces/{self.namespace}/{plural}", name, subresource) if part)

    async def request(self, method: str, path: str, *, code: int = 200, **options: Any) -> JSONObject:
        response = await self.http.request(method, path, **options)
        assert response.status_code == code, f"{method} {path}: {response.status_code} {response.text}"
        answer: JSONObject = response.json()
        return answer

    async def create(self, plural: str, obj: JSONObject, *, code: int = 201, **params: str) -> JSONObject:
        return await self.request("POST", self.path(plural), code=code, json=obj, params=params)

    async def get(self, plural: str, name: str, *, code: int = 200, **params: str) -> JSONObject:
        return await self.request("GET", self.path(plural, name), code=code, params=params)

    async def collection(self, plural: str, *, code: int = 200, **params: str) -> JSONObject:
        return await self.request("GET", self.path(plural), code=code, params=params)

    async def names(self, plural: str, **params: str) -> list[str]:
        return [item["metadata"]["name"] for item in (await self.collection(plural, **params))["items"]]

    async def replace(
        self, plural: str, obj: JSONObject, *, name: str = "", subresource: str = "", code: int = 200, **params: str
    ) -> JSONObject:
        path = self.path(plural, name or obj["metadata"]["name"], subresource)
        return await self.request("PUT", path, code=code, json=obj, params=params)

    async def patch(
        self,
        plural: str,
        name: str,
        patch: Any,
        *,
        kind: str = MERGE,
        subresource: str = "",
        code: int = 200,
        **params: str,
    ) -> JSONObject:
        path = self.path(plural, name, subresource)
        headers = {"content-type": kind}
        return await self.request("PATCH", path, code=code, json=patch, headers=headers, params=params)

    async def delete(
        self, plural: str, name: str = "", options: JSONObject | None = None, *, code: int = 200, **params: str
    ) -> JSONObject:
        return await self.request("DELETE", self.path(plural, name), code=code, json=options, params=params)

    async def bind(self, name: str, node: str, *, code: int = 201) -> JSONObject:
        binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": node}}
        return await self.request("POST", self.path("pods", name, "binding"), code=code, json=binding)

    async def run_at(self, port: int) -> None:
        """Create a pod ``web`` on a node whose kubelet listens on that port of 127.0.0.1."""
        name = f"node-{port}"
        status = {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        }
        await self.request("POST", "/api/v1/nodes", code=201, json={"metadata": {"name": name}})
        headers = {"content-type": MERGE}
        await self.request("PATCH", f"/api/v1/nodes/{name}/status", json={"status": status}, headers=headers)
        containers = [{"name": "web", "image": "nginx"}]
        await self.create("pods", {"metadata": {"name": "web"}, "spec": {"nodeName": name, "containers": containers}})

    @asynccontextmanager
    async def unchanged(self, *plurals: str) -> AsyncIterator[None]:
        """Check that the block leaves the store as it is: the same revision, the same objects."""
        chosen = plurals or ("pods", "replicasets")
        before = [await self.collection(plural) for plural in chosen]
        yield
        assert [await self.collection(plural) for plural in chosen] == before


@pytest.fixture
def api(http: httpx.AsyncClient, namespace: str) -> Api:
    return Api(http, namespace)


def check_status(status: JSONObject, code: int, reason: str, fields: tuple[str, ...] = (), text: str = "") -> None:
    """Check a refusal: a ``Status`` with this code and reason, about exactly these fields, saying ``text``."""
    assert (status["kind"], status["apiVersion"], status["status"]) == ("Status", "v1", "Failure"), status
    assert (status["code"], status["reason"]) == (code, reason), status
    causes = status.get("details", {}).get("causes", [])
    assert {cause.get("field", "") for cause in causes} == set(fields), status
    assert text in status["message"], status


@pytest.fixture(scope="module")
def own_apiserver() -> Iterator[ServerProcess]:
    """An API server for one module that may do anything to it, but must not bring it down or make it complain."""
    server = start_apiserver()
    yield server
    assert server.process.running, f"the API server died\n{server.process.output()}"
    assert server.process.stop() == 0, server.process.output()
    complaints = [line for line in server.process.stderr if re.search(r" (ERROR|CRITICAL) |Traceback", line)]
    assert not complaints, f"the API server complained\n{server.process.output()}"
