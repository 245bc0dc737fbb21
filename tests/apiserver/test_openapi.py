"""OpenAPI, of both versions, and what kubectl explains from it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.apiserver.apiextensions.definitions import definition
from tests.apiserver.test_customresources import DEFINITIONS, Definitions, crds
from tests.live import eventually
from tests.live.processes import Kubectl

JSONObject = dict[str, Any]

__all__ = ["crds"]

_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check_document(found: JSONObject, schemas: JSONObject, root: str) -> None:
    """Check what holds for either version: references lead somewhere, ids are unique, paths name their parameters."""
    assert {reference.removeprefix(root) for reference in references(found)} <= set(schemas)
    ids: list[str] = []
    for path, item in found["paths"].items():
        named = {entry["name"] for entry in item.get("parameters", ()) if entry["in"] == "path"}
        assert named == set(_PATH_PARAMETER.findall(path)), path
        ids += [operation["operationId"] for method, operation in item.items() if method != "parameters"]
    assert len(ids) == len(set(ids))


async def test_every_document_of_v3(http: httpx.AsyncClient) -> None:
    index = (await http.get("/openapi/v3")).json()["paths"]
    assert {"api/v1", "apis/apps/v1", "apis/autoscaling/v2"} <= set(index)
    for path, entry in index.items():
        answer = await http.get(entry["serverRelativeURL"])
        if "example" in path:
            continue
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, immutable")
        found = answer.json()
        assert found["openapi"] == "3.0.0"
        check_document(found, found["components"]["schemas"], "#/components/schemas/")


async def test_operations_are_upstreams(http: httpx.AsyncClient) -> None:
    core = (await http.get("/openapi/v3/api/v1")).json()["paths"]
    pods = core["/api/v1/namespaces/{namespace}/pods"]
    assert pods["post"]["operationId"] == "createCoreV1NamespacedPod"
    assert pods["delete"]["operationId"] == "deleteCoreV1CollectionNamespacedPod"
    assert core["/api/v1/pods"]["get"]["operationId"] == "listCoreV1PodForAllNamespaces"
    pod = core["/api/v1/namespaces/{namespace}/pods/{name}"]
    assert "application/apply-patch+yaml" in pod["patch"]["requestBody"]["content"]
    assert {"dryRun", "fieldManager", "fieldValidation"} <= {entry["name"] for entry in pod["put"]["parameters"]}
    status = core["/api/v1/namespaces/{namespace}/pods/{name}/status"]
    assert status["get"]["operationId"] == "readCoreV1NamespacedPodStatus"
    binding = core["/api/v1/namespaces/{namespace}/pods/{name}/binding"]["post"]
    assert binding["x-kubernetes-group-version-kind"] == {"group": "", "version": "v1", "kind": "Binding"}
    roles = (await http.get("/openapi/v3/apis/rbac.authorization.k8s.io/v1")).json()["paths"]
    names = {item["get"]["operationId"] for item in roles.values()}
    assert "listRbacAuthorizationV1ClusterRole" in names


async def test_merge_keys_are_there(http: httpx.AsyncClient) -> None:
    schemas = (await http.get("/openapi/v3/api/v1")).json()["components"]["schemas"]
    containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert (containers["x-kubernetes-patch-merge-key"], containers["x-kubernetes-list-type"]) == ("name", "map")
    assert schemas["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"] == [
        {"group": "", "version": "v1", "kind": "Pod"}
    ]


async def test_a_client_that_has_a_document_is_told_so(http: httpx.AsyncClient) -> None:
    for path in ("/openapi/v2", "/openapi/v3/apis/apps/v1"):
        first = await http.get(path)
        again = await http.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_an_old_hash_leads_to_the_new_one(http: httpx.AsyncClient) -> None:
    answer = await http.get("/openapi/v3/apis/apps/v1", params={"hash": "0123"})
    assert answer.status_code == 301
    assert (await http.get(answer.headers["location"])).status_code == 200


async def test_v2(http: httpx.AsyncClient) -> None:
    found = (await http.get("/openapi/v2")).json()
    assert found["swagger"] == "2.0"
    check_document(found, found["definitions"], "#/definitions/")
    assert found["definitions"]["io.k8s.apimachinery.pkg.api.resource.Quantity"]["type"] == "string"
    refused = await http.get(
        "/openapi/v2", headers={"accept": "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"}
    )
    assert (refused.status_code, refused.json()["reason"]) == (406, "NotAcceptable")


async def test_custom_resources_come_and_go(http: httpx.AsyncClient, crds: Definitions) -> None:
    obj = await crds.create(definition(group=crds.group))
    path, name = f"/openapi/v3/apis/{crds.group}/v1", ".".join([*reversed(crds.group.split(".")), "v1", "Crontab"])
    found = (await http.get(path)).json()
    schema = found["components"]["schemas"][name]
    assert schema["properties"]["spec"]["properties"]["replicas"]["maximum"] == 10
    assert schema["x-kubernetes-group-version-kind"] == [{"group": crds.group, "version": "v1", "kind": "Crontab"}]
    assert name in (await http.get("/openapi/v2")).json()["definitions"]
    await http.delete(f"{DEFINITIONS}/{obj['metadata']['name']}")

    async def gone() -> bool:
        index = (await http.get("/openapi/v3")).json()["paths"]
        return (
            f"apis/{crds.group}/v1" not in index and name not in (await http.get("/openapi/v2")).json()["definitions"]
        )

    assert await eventually(gone)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(("pods.spec.containers",), "KIND:       Pod", id="kind"),
        pytest.param(("pods.spec.containers.image",), "FIELD: image <string>", id="field"),
        pytest.param(("deployments.spec", "--recursive"), "maxSurge\t<IntOrString>", id="recursive"),
        pytest.param(("hpa.spec.metrics",), "VERSION:    v2", id="preferred-version"),
    ],
)
def test_kubectl_explain(kubectl: Kubectl, args: tuple[str, ...], expected: str) -> None:
    assert expected in kubectl.run("explain", *args)


def test_kubectl_explains_in_words(kubectl: Kubectl) -> None:
    pytest.importorskip("kubernetes_validate", reason="kubernetes-validate, which has the words, is not installed")
    assert "List of containers belonging to the pod" in kubectl.run("explain", "pods.spec.containers")
