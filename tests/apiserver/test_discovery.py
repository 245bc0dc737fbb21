"""Discovery, page by page and all at once, as clients ask for it."""

from typing import Any

import httpx
import pytest

from tests.apiserver.apiextensions.definitions import definition, version
from tests.apiserver.test_customresources import DEFINITIONS
from tests.live import eventually
from tests.live.processes import Kubectl, ServerProcess

JSONObject = dict[str, Any]

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
CLIENT_GO = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)

# What v1.36 serves by default, in its order of priority.
GROUPS = [
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
]

CORE = [
    "configmaps",
    "endpoints",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "serviceaccounts",
    "services",
]


async def test_groups(http: httpx.AsyncClient) -> None:
    found = (await http.get("/apis")).json()
    assert [group["name"] for group in found["groups"] if "example" not in group["name"]] == GROUPS
    for group in found["groups"]:
        assert group["preferredVersion"] == group["versions"][0]


async def test_resources_of_a_version(http: httpx.AsyncClient) -> None:
    found = (await http.get("/api/v1")).json()
    resources = {entry["name"]: entry for entry in found["resources"]}
    assert set(CORE) <= set(resources)
    pods = resources["pods"]
    assert (pods["shortNames"], pods["categories"], pods["namespaced"]) == (["po"], ["all"], True)
    # What upstream's pods have, so it is stored in the same version.
    assert pods["storageVersionHash"] == "xPOwRZ+Yhw8="
    scale = next(
        entry for entry in (await http.get("/apis/apps/v1")).json()["resources"] if entry["name"].endswith("s/scale")
    )
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")


async def test_all_at_once(http: httpx.AsyncClient) -> None:
    answer = await http.get("/apis", headers={"accept": CLIENT_GO})
    assert answer.headers["content-type"] == AGGREGATED
    found = answer.json()
    assert (found["kind"], found["apiVersion"]) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2")
    names = [item["metadata"]["name"] for item in found["items"] if "example" not in item["metadata"]["name"]]
    assert names == GROUPS
    apps = next(item for item in found["items"] if item["metadata"]["name"] == "apps")["versions"][0]
    assert (apps["version"], apps["freshness"]) == ("v1", "Current")
    deployments = next(entry for entry in apps["resources"] if entry["resource"] == "deployments")
    assert deployments == {
        "resource": "deployments",
        "responseKind": {"group": "", "version": "", "kind": "Deployment"},
        "scope": "Namespaced",
        "singularResource": "deployment",
        "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        "shortNames": ["deploy"],
        "categories": ["all"],
        "subresources": [
            {
                "subresource": "scale",
                "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
                "verbs": ["get", "patch", "update"],
            },
            {
                "subresource": "status",
                "responseKind": {"group": "", "version": "", "kind": "Deployment"},
                "verbs": ["get", "patch", "update"],
            },
        ],
    }
    core = (await http.get("/api", headers={"accept": AGGREGATED})).json()
    assert set(CORE) <= {entry["resource"] for entry in core["items"][0]["versions"][0]["resources"]}


async def test_what_says_the_same_in_both_forms(http: httpx.AsyncClient) -> None:
    found = (await http.get("/apis", headers={"accept": AGGREGATED})).json()
    for item in found["items"]:
        if "example" in item["metadata"]["name"]:
            continue
        for entry in item["versions"]:
            page = (await http.get(f"/apis/{item['metadata']['name']}/{entry['version']}")).json()
            plain = {resource["name"]: sorted(resource["verbs"]) for resource in page["resources"]}
            at_once = {resource["resource"]: resource["verbs"] for resource in entry["resources"]}
            for resource in entry["resources"]:
                for nested in resource.get("subresources", ()):
                    at_once[f"{resource['resource']}/{nested['subresource']}"] = nested["verbs"]
            assert plain == at_once


async def test_a_client_that_has_it_is_told_so(fresh_apiserver: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=fresh_apiserver.url, trust_env=False) as http:
        headers = {"accept": AGGREGATED}
        first = await http.get("/apis", headers=headers)
        again = await http.get("/apis", headers={**headers, "if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        created = await http.post(DEFINITIONS, json=definition(version()))
        assert created.status_code == 201

        async def changed() -> bool:
            return (await http.get("/apis", headers=headers)).headers["etag"] != first.headers["etag"]

        assert await eventually(changed)
        names = [item["metadata"]["name"] for item in (await http.get("/apis", headers=headers)).json()["items"]]
        assert "stable.example.com" in names


@pytest.mark.parametrize("path", ["/apis/nothing", "/apis/apps/v9", "/api/v2", "/openapi/v3/apis/apps/v9"])
async def test_what_is_not_there(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")


def test_kubectl_api_resources(kubectl: Kubectl) -> None:
    rows = [line.split() for line in kubectl.run("api-resources", "-o", "wide", "--no-headers").splitlines()]
    found = {(row[0], row[-5] if len(row) > 5 else row[1]): row for row in rows}
    names = {row[0] for row in rows}
    assert {"pods", "deployments", "horizontalpodautoscalers", "customresourcedefinitions", "roles"} <= names, found
    only = kubectl.run("api-resources", "--namespaced=false", "--api-group=rbac.authorization.k8s.io", "-o", "name")
    assert sorted(only.split()) == [
        "clusterrolebindings.rbac.authorization.k8s.io",
        "clusterroles.rbac.authorization.k8s.io",
    ]
    versions = kubectl.run("api-versions").split()
    assert {"v1", "apps/v1", "autoscaling/v2", "resource.k8s.io/v1"} <= set(versions)
