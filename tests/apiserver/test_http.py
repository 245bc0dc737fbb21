"""The server as an HTTP server: paths, methods, headers, discovery, schemas."""

import asyncio
import json
import re

import httpx
import pytest

from tests.apiserver.conftest import Api, check_status
from tests.apiserver.objects import pod


class TestPaths:
    async def test_a_trailing_slash_changes_nothing(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        for path in (api.path("pods"), api.path("pods", "p"), "/api/v1", "/apis", "/version", "/apis/apps"):
            assert (await api.http.get(f"{path}/")).json() == (await api.http.get(path)).json()

    async def test_percent_encoded_names(self, api: Api) -> None:
        await api.create("pods", pod("a-b"))
        assert (await api.get("pods", "%61%2Db"))["metadata"]["name"] == "a-b"

    @pytest.mark.parametrize("name", ["a%2Fb", "a%20b", "%C3%A9", "a%25b", "..%2f..", "%00"])
    async def test_strange_names_are_not_found(self, api: Api, name: str) -> None:
        response = await api.http.get(f"{api.path('pods')}/{name}")
        assert response.status_code == 404
        assert response.json()["kind"] == "Status"

    @pytest.mark.parametrize("path", ["/nothing", "/api/v9", "/apis/nothing.example.com", "/openapi/v3/api/v9"])
    async def test_unknown_paths_are_a_status(self, api: Api, path: str) -> None:
        check_status(await api.request("GET", path, code=404), 404, "NotFound")


class TestMethods:
    async def test_head_is_get_without_a_body(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        for path in (api.path("pods"), api.path("pods", "p"), "/version"):
            head, get = await api.http.head(path), await api.http.get(path)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == get.headers["content-length"]
        assert (await api.http.head(api.path("pods", "missing"))).status_code == 404

    @pytest.mark.parametrize(
        ("method", "name", "subresource"),
        [
            ("PUT", "", ""),
            ("PATCH", "", ""),
            ("POST", "p", ""),
            ("OPTIONS", "p", ""),
            ("TRACE", "p", ""),
            ("DELETE", "p", "status"),
            ("POST", "p", "status"),
            ("GET", "p", "binding"),
            ("PUT", "p", "binding"),
        ],
    )
    async def test_others_are_not_allowed(self, api: Api, method: str, name: str, subresource: str) -> None:
        await api.create("pods", pod("p"))
        async with api.unchanged():
            status = await api.request(method, api.path("pods", name, subresource), code=405)
        check_status(status, 405, "MethodNotAllowed")

    @pytest.mark.parametrize("path", ["/version", "/healthz", "/apis", "/openapi/v3"])
    async def test_pages_are_only_read(self, api: Api, path: str) -> None:
        check_status(await api.request("POST", path, code=405), 405, "MethodNotAllowed")

    async def test_an_unknown_subresource(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        check_status(await api.request("GET", api.path("pods", "p", "nothing"), code=404), 404, "NotFound")


class TestHeaders:
    @pytest.mark.parametrize(
        "accept",
        [
            "application/json",
            "*/*",
            "application/*",
            "application/vnd.kubernetes.protobuf, application/json",
            "application/json;as=Table;v=v7;g=meta.k8s.io, application/json",
            "text/html, */*;q=0.1",
        ],
    )
    async def test_what_is_accepted(self, api: Api, accept: str) -> None:
        response = await api.http.get(api.path("pods"), headers={"accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        assert response.json()["kind"] == "PodList"

    @pytest.mark.parametrize("accept", ["text/html", "application/vnd.kubernetes.protobuf"])
    async def test_what_cannot_be_served(self, api: Api, accept: str) -> None:
        status = await api.request("GET", api.path("pods"), code=406, headers={"accept": accept})
        check_status(status, 406, "NotAcceptable")

    async def test_a_transformation_that_is_not_served(self, api: Api) -> None:
        headers = {"accept": "application/json;as=Sandwich;v=v1;g=meta.k8s.io"}
        check_status(await api.request("GET", api.path("pods"), code=406, headers=headers), 406, "NotAcceptable")

    async def test_connections_are_kept(self, apiserver: str) -> None:
        host, port = apiserver.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in range(3):
            writer.write(b"GET /api/v1/namespaces/default HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            assert json.loads(await reader.readexactly(int(length[1])))["metadata"]["name"] == "default"
        writer.close()
        await writer.wait_closed()

    async def test_a_body_in_chunks(self, api: Api) -> None:
        body = json.dumps(pod("chunked")).encode()

        async def chunks() -> object:
            for start in range(0, len(body), 7):
                yield body[start : start + 7]

        await api.request("POST", api.path("pods"), code=201, content=chunks())


class TestHealth:
    @pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
    async def test_ok(self, http: httpx.AsyncClient, path: str) -> None:
        response = await http.get(path)
        assert (response.status_code, response.text) == (200, "ok")
        assert response.headers["content-type"].startswith("text/plain")

    async def test_check_by_check(self, http: httpx.AsyncClient) -> None:
        page = (await http.get("/readyz?verbose")).text
        assert "[+]ping ok\n" in page
        assert page.endswith("readyz check passed\n")


class TestDiscovery:
    async def test_version(self, http: httpx.AsyncClient) -> None:
        version = (await http.get("/version")).json()
        assert (version["major"], version["minor"]) == ("1", "36")
        assert re.fullmatch(r"v\d\.\d+\.[\w\-.+]+", version["gitVersion"])
        assert version["platform"].startswith("linux/")

    async def test_the_core_group(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/api")).json()["versions"] == ["v1"]
        found = (await http.get("/api/v1")).json()
        assert (found["kind"], found["groupVersion"]) == ("APIResourceList", "v1")
        resources = {entry["name"]: entry for entry in found["resources"]}
        assert {"pods", "pods/status", "pods/binding", "nodes", "nodes/status", "events"} <= set(resources)
        assert {"namespaces", "namespaces/status", "namespaces/finalize"} <= set(resources)
        assert resources["pods"] == {
            "name": "pods",
            "singularName": "pod",
            "namespaced": True,
            "kind": "Pod",
            "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
            "shortNames": ["po"],
            "categories": ["all"],
            "storageVersionHash": "xPOwRZ+Yhw8=",
        }
        assert resources["pods/binding"]["verbs"] == ["create"]
        assert resources["nodes"]["namespaced"] is False
        assert "deletecollection" not in resources["namespaces"]["verbs"]

    async def test_named_groups(self, http: httpx.AsyncClient) -> None:
        groups = (await http.get("/apis")).json()["groups"]
        assert {"apps", "coordination.k8s.io"} <= {group["name"] for group in groups}
        group = (await http.get("/apis/apps")).json()
        assert group["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
        found = (await http.get("/apis/apps/v1")).json()
        resources = {entry["name"]: entry for entry in found["resources"]}
        assert resources["replicasets"]["shortNames"] == ["rs"]
        assert (resources["replicasets/scale"]["group"], resources["replicasets/scale"]["kind"]) == (
            "autoscaling",
            "Scale",
        )

    async def test_everything_listed_is_served(self, http: httpx.AsyncClient) -> None:
        groups = [group["preferredVersion"]["groupVersion"] for group in (await http.get("/apis")).json()["groups"]]
        for root in ["/api/v1", *(f"/apis/{version}" for version in groups)]:
            for entry in (await http.get(root)).json()["resources"]:
                if "list" in entry["verbs"]:
                    found = (await http.get(f"{root}/{entry['name']}")).json()
                    assert found["kind"] == f"{entry['kind']}List"

    async def test_schemas_by_hash(self, http: httpx.AsyncClient) -> None:
        paths = (await http.get("/openapi/v3")).json()["paths"]
        assert {"api/v1", "apis/apps/v1"} <= set(paths)
        response = await http.get(paths["api/v1"]["serverRelativeURL"])
        etag = response.headers["etag"]
        assert (await http.get("/openapi/v3/api/v1", headers={"if-none-match": etag})).status_code == 304
        document = response.json()
        assert document["openapi"].startswith("3.")
        schemas = document["components"]["schemas"]
        assert schemas["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"][0]["kind"] == "Pod"
        post = document["paths"]["/api/v1/namespaces/{namespace}/pods"]["post"]
        assert "fieldValidation" in {parameter["name"] for parameter in post["parameters"]}

    async def test_every_reference_in_a_schema_resolves(self, http: httpx.AsyncClient) -> None:
        for path in (await http.get("/openapi/v3")).json()["paths"]:
            document = await http.get(f"/openapi/v3/{path}")
            names = set(document.json()["components"]["schemas"])
            referred = set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', document.text))
            assert referred <= names
