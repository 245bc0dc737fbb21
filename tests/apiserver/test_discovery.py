"""Discovery, page by page and all at once, as clients ask for it."""

from pathlib import Path
from typing import Any

import httpx
import kubernetes.client
import pytest
import yaml
from kubernetes.dynamic import DynamicClient

from apimachinery.schema.bundle import Struct, load_bundle
from apimachinery.schema.decoder import Decoder
from apiserver.discovery import aggregated, order
from apiserver.printing.default import DefaultPrinter
from apiserver.registry.resource import Registry, ResourceInfo
from apiserver.registry.strategy import Strategy
from tests.apiserver.apiextensions.definitions import definition, version
from tests.apiserver.test_customresources import DEFINITIONS, Definitions, crds
from tests.live import eventually
from tests.live.processes import Kubectl, ServerProcess

JSONObject = dict[str, Any]

__all__ = ["crds"]

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
CLIENT_GO = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)

# What v1.36 serves by default, in its order of priority, and metrics-server beside it.
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
    "metrics.k8s.io",
]

# What upstream's pages say of resources: names, kind, scope, short names, category and the hash of what is stored.
RESOURCES = """
v1                              configmaps                   ConfigMap                    yes cm     -   qFsyl6wFWjQ=
v1                              endpoints                    Endpoints                    yes ep     -   fWeeMqaN/OA=
v1                              events                       Event                        yes ev     -   r2yiGXH7wu8=
v1                              limitranges                  LimitRange                   yes limits -   EBKMFVe6cwo=
v1                              namespaces                   Namespace                    no  ns     -   Q3oi5N2YM8M=
v1                              nodes                        Node                         no  no     -   XwShjMxG9Fs=
v1                              persistentvolumeclaims       PersistentVolumeClaim        yes pvc    -   QWTyNDq0dC4=
v1                              persistentvolumes            PersistentVolume             no  pv     -   HN/zwEC+JgM=
v1                              pods                         Pod                          yes po     all xPOwRZ+Yhw8=
v1                              podtemplates                 PodTemplate                  yes -      -   LIXB2x4IFpk=
v1                              replicationcontrollers       ReplicationController        yes rc     all Jond2If31h0=
v1                              resourcequotas               ResourceQuota                yes quota  -   8uhSgffRX6w=
v1                              secrets                      Secret                       yes -      -   S6u1pOWzb84=
v1                              serviceaccounts              ServiceAccount               yes sa     -   pbx9ZvyFpBE=
v1                              services                     Service                      yes svc    all 0/CO1lhkEBI=
apps/v1                         controllerrevisions          ControllerRevision           yes -      -   85nkx63pcBU=
apps/v1                         daemonsets                   DaemonSet                    yes ds     all dd7pWHUlMKQ=
apps/v1                         deployments                  Deployment                   yes deploy all 8aSe+NMegvE=
apps/v1                         replicasets                  ReplicaSet                   yes rs     all P1RzHs8/mWQ=
apps/v1                         statefulsets                 StatefulSet                  yes sts    all H+vl74LkKdo=
events.k8s.io/v1                events                       Event                        yes ev     -   r2yiGXH7wu8=
certificates.k8s.io/v1          certificatesigningrequests   CertificateSigningRequest    no  csr    -   95fRKMXA+00=
networking.k8s.io/v1            ingressclasses               IngressClass                 no  -      -   l/iqIbDgFyQ=
networking.k8s.io/v1            ingresses                    Ingress                      yes ing    -   39NQlfNR+bo=
networking.k8s.io/v1            networkpolicies              NetworkPolicy                yes netpol -   YpfwF18m1G8=
storage.k8s.io/v1               csidrivers                   CSIDriver                    no  -      -   hL6j/rwBV5w=
storage.k8s.io/v1               csinodes                     CSINode                      no  -      -   Pe62DkZtjuo=
storage.k8s.io/v1               csistoragecapacities         CSIStorageCapacity           yes -      -   xeVl+2Ly1kE=
storage.k8s.io/v1               storageclasses               StorageClass                 no  sc     -   K+m6uJwbjGY=
storage.k8s.io/v1               volumeattachments            VolumeAttachment             no  -      -   tJx/ezt6UDU=
"""
EXTENSIONS = """
validatingadmissionpolicies       ValidatingAdmissionPolicy        6OxvlMmQ6is=
validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding v9715VZqakg=
mutatingadmissionpolicies         MutatingAdmissionPolicy          mHCkTKpUTrE=
mutatingadmissionpolicybindings   MutatingAdmissionPolicyBinding   ZKgZT1uTmZ0=
mutatingwebhookconfigurations     MutatingWebhookConfiguration     Sqi0GUgDaX0=
validatingwebhookconfigurations   ValidatingWebhookConfiguration   B0wHjQmsGNk=
"""
SUBRESOURCES = """
namespaces/finalize                    Namespace             update
namespaces/status                      Namespace             get,patch,update
nodes/proxy                            NodeProxyOptions      create,delete,get,patch,update
nodes/status                           Node                  get,patch,update
persistentvolumeclaims/status          PersistentVolumeClaim get,patch,update
pods/binding                           Binding               create
pods/ephemeralcontainers               Pod                   get,patch,update
pods/eviction                          policy/v1/Eviction    create
pods/log                               Pod                   get
pods/proxy                             PodProxyOptions       create,delete,get,patch,update
pods/resize                            Pod                   get,patch,update
pods/status                            Pod                   get,patch,update
replicationcontrollers/scale           autoscaling/v1/Scale  get,patch,update
services/proxy                         ServiceProxyOptions   create,delete,get,patch,update
services/status                        Service               get,patch,update
"""
VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def info(group: str, version: str, plural: str = "things", *, custom: bool = True) -> ResourceInfo:
    """A resource that is served; the built-in ones are those that have a struct."""
    struct = None if custom else Struct(plural, {})
    return ResourceInfo(
        group=group,
        version=version,
        kind=plural.capitalize(),
        plural=plural,
        singular=plural,
        namespaced=True,
        strategy=Strategy(),
        printer=DefaultPrinter(),
        struct=struct,
        decoder=Decoder(load_bundle(), Struct(plural, {})),
    )


def test_built_in_groups_come_first_and_others_by_name() -> None:
    registry = Registry()
    for group, name, custom in (
        ("zoo.example.com", "v1", True),
        ("batch", "v1", False),
        ("batch", "v1beta1", False),
        ("ape.example.com", "v1beta1", True),
        ("apps", "v1", False),
        ("ape.example.com", "v2", True),
        ("batch", "v7", True),
    ):
        registry.add(info(group, name, f"things{len(list(registry))}", custom=custom))
    assert list(order.groups(registry).items()) == [
        ("batch", ["v1", "v1beta1", "v7"]),
        ("apps", ["v1"]),
        ("ape.example.com", ["v2", "v1beta1"]),
        ("zoo.example.com", ["v1"]),
    ]


def test_versions_are_ordered_as_upstream_orders_them() -> None:
    # The example of the documentation of custom resources.
    wanted = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]
    assert sorted(reversed(wanted), key=order.version_key) == wanted


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("*/*", "", id="anything"),
        pytest.param(AGGREGATED, "v2", id="v2"),
        pytest.param(AGGREGATED.replace("v2", "v2beta1"), "v2beta1", id="v2beta1"),
        pytest.param(CLIENT_GO, "v2", id="client-go"),
        pytest.param(f"{AGGREGATED.replace('v2', 'v9')},{AGGREGATED}", "v2", id="unknown-version-first"),
        pytest.param(f"{AGGREGATED.replace('v2', 'v9')},application/json", "", id="fallback"),
        pytest.param(f"application/json;q=0.5,{AGGREGATED}", "v2", id="weights"),
        pytest.param(f"application/json,{AGGREGATED};q=0.9", "", id="weights-the-other-way"),
        pytest.param(f"application/vnd.kubernetes.protobuf,{AGGREGATED}", "v2", id="protobuf-first"),
        pytest.param("application/json;g=meta.k8s.io;v=v1;as=Table,*/*", "", id="another-form"),
    ],
)
def test_which_form_a_client_would_have(accept: str, wanted: str) -> None:
    assert aggregated.wanted_form(accept) == (wanted, "application/json")


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/vnd.kubernetes.protobuf",
        AGGREGATED.replace("v2", "v9"),
        "application/json;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList",
    ],
)
async def test_what_nobody_can_read_is_not_sent(http: httpx.AsyncClient, accept: str) -> None:
    refused = await http.get("/apis", headers={"accept": accept})
    assert (refused.status_code, refused.json()["reason"]) == (406, "NotAcceptable")


async def test_pages_come_as_yaml_too(http: httpx.AsyncClient) -> None:
    for accept in ("application/yaml", AGGREGATED.replace("json", "yaml")):
        answer = await http.get("/apis", headers={"accept": accept})
        assert answer.headers["content-type"] == accept
        json_form = await http.get("/apis", headers={"accept": accept.replace("yaml", "json")})
        assert yaml.safe_load(answer.text) == json_form.json()


async def test_the_first_pages(http: httpx.AsyncClient) -> None:
    core = (await http.get("/api")).json()
    assert (core["kind"], core["versions"]) == ("APIVersions", ["v1"])
    assert core["serverAddressByClientCIDRs"] == [
        {"clientCIDR": "0.0.0.0/0", "serverAddress": http.base_url.netloc.decode()}
    ]
    assert (await http.get("/apis/apps/")).json() == {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": "apps",
        "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
        "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"},
    }
    autoscaling = (await http.get("/apis/autoscaling")).json()
    assert [entry["version"] for entry in autoscaling["versions"]] == ["v2", "v1"]
    paths = (await http.get("/")).json()["paths"]
    assert {"/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/openapi/v2", "/version"} <= set(paths)
    assert paths == sorted(paths)


async def test_groups(http: httpx.AsyncClient) -> None:
    found = (await http.get("/apis")).json()
    assert [group["name"] for group in found["groups"] if "example" not in group["name"]] == GROUPS
    for group in found["groups"]:
        assert group["preferredVersion"] == group["versions"][0]


async def test_resources_are_upstreams(http: httpx.AsyncClient) -> None:
    pages: dict[str, JSONObject] = {}
    for api_version, name, kind, namespaced, short, category, stored in rows(RESOURCES):
        if api_version not in pages:
            page = (await http.get(f"/api/{api_version}" if api_version == "v1" else f"/apis/{api_version}")).json()
            assert (page["kind"], page["groupVersion"]) == ("APIResourceList", api_version)
            # As upstream has it: only the pages of named groups have a version of their own.
            assert page.get("apiVersion") == (None if api_version == "v1" else "v1")
            pages[api_version] = {entry["name"]: entry for entry in page["resources"]}
            assert list(pages[api_version]) == sorted(pages[api_version])
        expected = {
            "name": name,
            "singularName": kind.lower(),
            "namespaced": namespaced == "yes",
            "kind": kind,
            "verbs": [verb for verb in VERBS if (name, verb) != ("namespaces", "deletecollection")],
            "storageVersionHash": stored,
            **({} if short == "-" else {"shortNames": [short]}),
            **({} if category == "-" else {"categories": [category]}),
        }
        assert pages[api_version][name] == expected
    for name, kind, verbs in rows(SUBRESOURCES):
        entry = pages["v1"][name]
        shown = "/".join(part for part in (entry.get("group"), entry.get("version"), entry["kind"]) if part)
        assert (shown, entry["verbs"], entry["singularName"]) == (kind, verbs.split(","), "")


async def test_what_extends_the_api_is_a_category(http: httpx.AsyncClient) -> None:
    page = (await http.get("/apis/admissionregistration.k8s.io/v1")).json()
    found = {entry["name"]: entry for entry in page["resources"] if "/" not in entry["name"]}
    assert set(found) == {name for name, _, _ in rows(EXTENSIONS)}
    for name, kind, stored in rows(EXTENSIONS):
        entry = found[name]
        assert (entry["kind"], entry["storageVersionHash"], entry["categories"]) == (kind, stored, ["api-extensions"])


async def test_what_can_only_be_created(http: httpx.AsyncClient) -> None:
    page = (await http.get("/apis/authorization.k8s.io/v1")).json()
    assert {entry["name"]: (entry["verbs"], entry["namespaced"]) for entry in page["resources"]} == {
        "localsubjectaccessreviews": (["create"], True),
        "selfsubjectaccessreviews": (["create"], False),
        "selfsubjectrulesreviews": (["create"], False),
        "subjectaccessreviews": (["create"], False),
    }
    assert not any("storageVersionHash" in entry for entry in page["resources"])


async def test_all_at_once(http: httpx.AsyncClient) -> None:
    answer = await http.get("/apis", headers={"accept": CLIENT_GO})
    assert answer.headers["content-type"] == AGGREGATED
    assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept", "public")
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
    core = (await http.get("/api", headers={"accept": AGGREGATED.replace("v2", "v2beta1")})).json()
    assert core["apiVersion"] == "apidiscovery.k8s.io/v2beta1"
    (only,) = core["items"]
    assert (only["metadata"], [entry["version"] for entry in only["versions"]]) == ({}, ["v1"])
    names = {name for version, name, *_ in rows(RESOURCES) if version == "v1"}
    assert names <= {entry["resource"] for entry in only["versions"][0]["resources"]}


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
        assert names[-1] == "stable.example.com"


@pytest.mark.parametrize("path", ["/apis/nothing", "/apis/apps/v9", "/api/v2", "/openapi/v3/apis/apps/v9"])
async def test_what_is_not_there(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")


async def test_versions_of_a_custom_resource(http: httpx.AsyncClient, crds: Definitions) -> None:
    """Each version has a page of its own; the most stable of them is preferred, whichever is stored."""
    names = {"shortNames": ["ct"], "categories": ["all"]}
    parts = {
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
        }
    }
    versions = [version("v1beta1"), version("v2alpha1", storage=False), version(storage=False, **parts)]
    obj = await crds.create(definition(*versions, group=crds.group, names=names))

    async def served() -> JSONObject:
        answer = await http.get(f"/apis/{crds.group}")
        assert answer.status_code == 200
        found: JSONObject = answer.json()
        return found

    group = await eventually(served)
    assert [entry["version"] for entry in group["versions"]] == ["v1", "v1beta1", "v2alpha1"]
    assert group["preferredVersion"]["version"] == "v1"
    first = {entry["name"]: entry for entry in (await http.get(f"/apis/{crds.group}/v1")).json()["resources"]}
    assert list(first) == ["crontabs", "crontabs/scale", "crontabs/status"]
    assert (first["crontabs"]["shortNames"], first["crontabs"]["categories"]) == (["ct"], ["all"])
    assert (first["crontabs/scale"]["group"], first["crontabs/scale"]["kind"]) == ("autoscaling", "Scale")
    beta = (await http.get(f"/apis/{crds.group}/v1beta1")).json()["resources"]
    assert [entry["name"] for entry in beta] == ["crontabs"]
    # What is stored is the same, whichever version shows it.
    assert beta[0]["storageVersionHash"] == first["crontabs"]["storageVersionHash"]
    await http.delete(f"{DEFINITIONS}/{obj['metadata']['name']}")

    async def gone() -> bool:
        return (await http.get(f"/apis/{crds.group}")).status_code == 404

    assert await eventually(gone)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(
            ("--namespaced=false", "--api-group=rbac.authorization.k8s.io"),
            ["clusterrolebindings.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io"],
            id="scope-and-group",
        ),
        pytest.param(
            ("--verbs=create", "--api-group=authentication.k8s.io"),
            ["selfsubjectreviews.authentication.k8s.io", "tokenreviews.authentication.k8s.io"],
            id="verbs",
        ),
        pytest.param(("--verbs=list,get", "--api-group=authentication.k8s.io"), [], id="verbs-that-are-not-there"),
        pytest.param(
            ("--categories=api-extensions", "--api-group=apiextensions.k8s.io"),
            ["customresourcedefinitions.apiextensions.k8s.io"],
            id="category",
        ),
    ],
)
def test_kubectl_api_resources(kubectl: Kubectl, args: tuple[str, ...], expected: list[str]) -> None:
    assert sorted(kubectl.run("api-resources", "-o", "name", *args).split()) == expected


def test_kubectl_api_resources_wide(kubectl: Kubectl) -> None:
    lines = kubectl.run("api-resources", "-o", "wide", "--api-group=apps").splitlines()
    assert lines[0].split() == ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"]
    row = f"deployments deploy apps/v1 true Deployment {','.join(VERBS)} all"
    assert row.split() in [line.split() for line in lines]
    versions = kubectl.run("api-versions").split()
    assert {"v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "resource.k8s.io/v1"} <= set(versions)


def test_the_python_client_discovers(apiserver: str, namespace: str, tmp_path: Path) -> None:
    """Legacy pages, as ``kubernetes`` reads them, and its dynamic client, which works from them alone."""
    settings = kubernetes.client.Configuration(host=apiserver)
    with kubernetes.client.ApiClient(settings) as client:
        groups = kubernetes.client.ApisApi(client).get_api_versions().groups
        assert {"apps", "batch"} <= {group.name for group in groups}
        resources = kubernetes.client.AppsV1Api(client).get_api_resources().resources
        assert "deployments/scale" in {entry.name for entry in resources}
        dynamic = DynamicClient(client, cache_file=str(tmp_path / "discovery"))
        maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")
        made = maps.create(body={"metadata": {"name": "made"}, "data": {"a": "b"}}, namespace=namespace)
        assert maps.get(name="made", namespace=namespace).data == made.data
        assert dynamic.resources.get(kind="Deployment").group_version == "apps/v1"
        assert (
            dynamic.resources.get(short_names=["hpa"], api_version="autoscaling/v2").kind == "HorizontalPodAutoscaler"
        )
