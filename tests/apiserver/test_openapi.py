"""OpenAPI, of both versions, and what kubectl explains from it."""

import asyncio
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
import schemathesis

from apimachinery.clock import RealClock
from tests.apiserver.apiextensions.definitions import definition, version
from tests.apiserver.test_customresources import DEFINITIONS, Definitions, crds
from tests.live import eventually
from tests.live.processes import Kubectl

JSONObject = dict[str, Any]

__all__ = ["crds"]

PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
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
    assert {"api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "apis/autoscaling/v2", "version"} <= set(index)
    assert list(index) == sorted(index)
    for path, entry in index.items():
        answer = await http.get(entry["serverRelativeURL"])
        if "example" in path:
            continue
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, immutable")
        assert parsedate_to_datetime(answer.headers["expires"]).year >= RealClock().now().year + 1
        found = answer.json()
        assert found["openapi"] == "3.0.0"
        check_document(found, found["components"]["schemas"], "#/components/schemas/")
        # Against the schema of OpenAPI itself.
        schemathesis.openapi.from_dict(found).validate()


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


async def test_pages_beside_resources(http: httpx.AsyncClient) -> None:
    for name, path, operation, kind in (
        ("api", "/api/", "getCoreAPIVersions", "APIVersions"),
        ("apis", "/apis/", "getAPIVersions", "APIGroupList"),
        (
            "apis/rbac.authorization.k8s.io",
            "/apis/rbac.authorization.k8s.io/",
            "getRbacAuthorizationAPIGroup",
            "APIGroup",
        ),
        ("apis/apps/v1", "/apis/apps/v1/", "getAppsV1APIResources", "APIResourceList"),
        ("version", "/version/", "getCodeVersion", "Info"),
    ):
        found = (await http.get(f"/openapi/v3/{name}")).json()
        described = found["paths"][path]["get"]
        schema = described["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert (described["operationId"], schema.rpartition(".")[2]) == (operation, kind)
        # What is described is what is served.
        assert set((await http.get(path)).json()) <= set(found["components"]["schemas"][schema]["properties"])


async def test_what_is_never_absent_has_a_default(http: httpx.AsyncClient) -> None:
    schemas = (await http.get("/openapi/v3/api/v1")).json()["components"]["schemas"]
    pod, container = schemas["io.k8s.api.core.v1.Pod"], schemas["io.k8s.api.core.v1.Container"]
    assert pod["properties"]["spec"]["default"] == pod["properties"]["metadata"]["default"] == {}
    assert pod["properties"]["spec"]["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.core.v1.PodSpec"}]
    assert container["properties"]["name"]["default"] == ""
    assert container["properties"]["command"]["items"] == {"type": "string", "default": ""}
    assert "default" not in container["properties"]["image"]
    swagger = (await http.get("/openapi/v2")).json()["definitions"]
    assert "default" not in swagger["io.k8s.api.core.v1.Pod"]["properties"]["spec"]


async def test_deletes_answer_as_described(http: httpx.AsyncClient, namespace: str) -> None:
    paths = (await http.get("/openapi/v3/api/v1")).json()["paths"]
    for plural, kind in (("serviceaccounts", "ServiceAccount"), ("configmaps", "Status")):
        described = paths[f"/api/v1/namespaces/{{namespace}}/{plural}/{{name}}"]["delete"]["responses"]["200"]
        assert described["content"]["application/json"]["schema"]["$ref"].endswith(f".{kind}")
        path = f"/api/v1/namespaces/{namespace}/{plural}"
        await http.post(path, json={"metadata": {"name": "gone"}})
        assert (await http.delete(f"{path}/gone")).json()["kind"] == kind


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
    schemathesis.openapi.from_dict(found).validate()
    assert found["definitions"]["io.k8s.apimachinery.pkg.api.resource.Quantity"]["type"] == "string"


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        pytest.param("", 200, id="nothing"),
        pytest.param("application/json", 200, id="json"),
        # kubectl's, whose second choice it is.
        pytest.param(f"{PROTOBUF},application/json", 200, id="protobuf-or-json"),
        pytest.param(f"{PROTOBUF},*/*;q=0.1", 200, id="protobuf-or-anything"),
        pytest.param(PROTOBUF, 406, id="protobuf"),
        pytest.param("text/html", 406, id="html"),
    ],
)
async def test_which_clients_can_be_served(http: httpx.AsyncClient, accept: str, code: int) -> None:
    for path in ("/openapi/v2", "/openapi/v3/apis/apps/v1"):
        answer = await http.get(path, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (code, "application/json")


EMBEDDING: JSONObject = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "template": {
                    "type": "object",
                    "x-kubernetes-embedded-resource": True,
                    "properties": {"spec": {"type": "object"}},
                },
                "anything": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": True,
                    "properties": {"a": {"type": "string"}},
                },
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "maybe": {"type": "string", "nullable": True},
                "few": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            },
            "x-kubernetes-validations": [{"rule": "true"}],
        }
    },
}


async def test_schemas_of_custom_resources(http: httpx.AsyncClient, crds: Definitions) -> None:
    """What is special about them is kept; what v2 cannot say is left out there."""
    await crds.create(definition(version(schema=EMBEDDING), group=crds.group))
    name = ".".join([*reversed(crds.group.split(".")), "v1", "Crontab"])
    document = await eventually(lambda: served(http, f"/openapi/v3/apis/{crds.group}/v1"))
    schemathesis.openapi.from_dict(document).validate()
    schema = document["components"]["schemas"][name]
    assert {"apiVersion", "kind", "metadata", "spec"} == set(schema["properties"])
    spec = schema["properties"]["spec"]
    assert spec["x-kubernetes-validations"] == [{"rule": "true"}]
    inner = spec["properties"]
    assert {"apiVersion", "kind", "metadata", "spec"} == set(inner["template"]["properties"])
    assert inner["template"]["required"] == ["kind", "apiVersion"]
    assert (inner["maybe"]["nullable"], inner["port"]["x-kubernetes-int-or-string"]) == (True, True)
    assert (inner["anything"]["x-kubernetes-preserve-unknown-fields"], list(inner["anything"]["properties"])) == (
        True,
        ["a"],
    )
    assert inner["few"]["x-kubernetes-list-type"] == "set"
    listed = document["components"]["schemas"][f"{name}List"]
    assert listed["properties"]["items"]["items"] == {"$ref": f"#/components/schemas/{name}"}
    swagger = await served(http, "/openapi/v2")
    check_document(swagger, swagger["definitions"], "#/definitions/")
    narrow = swagger["definitions"][name]["properties"]["spec"]["properties"]
    assert narrow["maybe"] == {}
    assert narrow["anything"] == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    assert narrow["port"] == {"x-kubernetes-int-or-string": True}


async def served(http: httpx.AsyncClient, path: str) -> JSONObject:
    answer = await http.get(path)
    assert answer.status_code == 200
    found: JSONObject = answer.json()
    return found


async def test_versions_of_a_custom_resource_have_a_document_each(http: httpx.AsyncClient, crds: Definitions) -> None:
    await crds.create(definition(version(schema=EMBEDDING), version("v2", storage=False), group=crds.group))
    first = await eventually(lambda: served(http, f"/openapi/v3/apis/{crds.group}/v1"))
    second = await served(http, f"/openapi/v3/apis/{crds.group}/v2")
    (one,) = [name for name in first["components"]["schemas"] if name.endswith(".Crontab")]
    (two,) = [name for name in second["components"]["schemas"] if name.endswith(".Crontab")]
    assert (one.split(".")[-2], two.split(".")[-2]) == ("v1", "v2")
    replicas = second["components"]["schemas"][two]["properties"]["spec"]["properties"]["replicas"]
    assert (replicas["default"], replicas["minimum"]) == (2, 1)


async def test_other_documents_stay_when_a_custom_resource_comes(http: httpx.AsyncClient, crds: Definitions) -> None:
    before = (await served(http, "/openapi/v3"))["paths"]
    await crds.create(definition(group=crds.group))

    async def there() -> JSONObject:
        index = (await served(http, "/openapi/v3"))["paths"]
        assert f"apis/{crds.group}/v1" in index
        return index

    after = await eventually(there)
    assert {name: after[name] for name in before if "example" not in name} == {
        name: entry for name, entry in before.items() if "example" not in name
    }


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


async def test_kubectl_explains_custom_resources(kubectl: Kubectl, crds: Definitions) -> None:
    obj = definition(version(schema=EMBEDDING), version("v2", storage=False), group=crds.group)
    await crds.create(obj)
    name = obj["metadata"]["name"]

    def explained(*args: str) -> str:
        return kubectl.run("explain", *args)

    shown = await asyncio.to_thread(explained, name, "--recursive")
    for expected in (f"GROUP:      {crds.group}", "VERSION:    v2", "cronSpec\t<string> -required-"):
        assert expected in shown
    older = await asyncio.to_thread(explained, "crontabs.spec.template", f"--api-version={crds.group}/v1")
    assert "metadata\t<ObjectMeta>" in older


def test_kubectl_explains_in_words(kubectl: Kubectl) -> None:
    pytest.importorskip("kubernetes_validate", reason="kubernetes-validate, which has the words, is not installed")
    assert "List of containers belonging to the pod" in kubectl.run("explain", "pods.spec.containers")
