"""Policies, roles, ingresses, classes and requests for certificates over HTTP, and as kubectl writes them."""

import base64

import httpx
import pytest

from tests.apiserver.conftest import Api, check_status
from tests.apiserver.objects import JSONObject, meta
from tests.live.processes import Kubectl

RBAC = "rbac.authorization.k8s.io"


class TestDisruptionBudgets:
    async def test_from_creation_to_status(self, api: Api) -> None:
        spec = {"minAvailable": "50%", "selector": {"matchLabels": {"app": "a"}}}
        found = await api.create("poddisruptionbudgets", {"metadata": meta("b"), "spec": spec})
        zeros = dict.fromkeys(("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"), 0)
        assert (found["status"], found["metadata"]["generation"]) == (zeros, 1)
        changed = await api.patch("poddisruptionbudgets", "b", {"spec": {"minAvailable": 1}})
        assert changed["metadata"]["generation"] == 2
        status = {"status": {"currentHealthy": -1}}
        refused = await api.patch("poddisruptionbudgets", "b", status, subresource="status", code=422)
        check_status(refused, 422, "Invalid", ("status.currentHealthy",), "must be greater than or equal to 0")

    async def test_both_bounds_are_one_too_many(self, api: Api) -> None:
        body = {"metadata": meta("b"), "spec": {"minAvailable": 1, "maxUnavailable": 1}}
        status = await api.create("poddisruptionbudgets", body, code=422)
        check_status(status, 422, "Invalid", ("spec",), "minAvailable and maxUnavailable cannot be both set")


async def test_a_priority_stays(http: httpx.AsyncClient, namespace: str) -> None:
    api, path = Api(http, namespace), "/apis/scheduling.k8s.io/v1/priorityclasses"
    name = f"class-{namespace}"
    found = await api.request("POST", path, code=201, json={"metadata": meta(name), "value": 10})
    assert found["preemptionPolicy"] == "PreemptLowerPriority"
    changed = {"metadata": meta(name), "value": 11, "preemptionPolicy": "PreemptLowerPriority"}
    status = await api.request("PUT", f"{path}/{name}", code=422, json=changed)
    check_status(status, 422, "Invalid", ("value",), "value: Forbidden: may not be changed in an update.")
    await api.request("DELETE", f"{path}/{name}")


class TestRoles:
    async def test_a_name_may_have_colons(self, api: Api) -> None:
        rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
        found = await api.replace("roles", {"metadata": meta("system:mine"), "rules": [rule]}, code=201)
        assert "generation" not in found["metadata"]

    async def test_a_binding_stays_with_its_role(self, api: Api) -> None:
        role = {"kind": "Role", "name": "a"}
        body = {"metadata": meta("b"), "roleRef": role, "subjects": [{"kind": "User", "name": "bob"}]}
        found = await api.create("rolebindings", body)
        assert found["roleRef"]["apiGroup"] == found["subjects"][0]["apiGroup"] == RBAC
        await api.patch("rolebindings", "b", {"subjects": []})
        status = await api.patch("rolebindings", "b", {"roleRef": {"name": "c"}}, code=422)
        check_status(status, 422, "Invalid", ("roleRef",), "cannot change roleRef")


async def test_an_ingress_and_its_status(api: Api) -> None:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "a", "port": {"number": 80}}}}
    body = {"metadata": meta("i"), "spec": {"rules": [{"host": "a.b", "http": {"paths": [path]}}]}}
    found = await api.create("ingresses", body)
    assert (found["status"], found["metadata"]["generation"]) == ({"loadBalancer": {}}, 1)
    status = {"loadBalancer": {"ingress": [{"hostname": "10.0.0.1"}]}}
    refused = await api.patch("ingresses", "i", {"status": status}, subresource="status", code=422)
    check_status(
        refused, 422, "Invalid", ("status.loadBalancer.ingress[0].hostname",), "must be a DNS name, not an IP address"
    )


class TestCertificates:
    PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"

    @pytest.fixture
    async def request_name(self, http: httpx.AsyncClient, namespace: str) -> str:
        pem = b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
        name = f"request-{namespace}"
        spec = {
            "request": base64.b64encode(pem).decode(),
            "signerName": f"example.com/{namespace}",
            "usages": ["client auth"],
            "username": "root",
        }
        found = await Api(http, "").request("POST", self.PATH, code=201, json={"metadata": meta(name), "spec": spec})
        assert found["spec"]["username"] == "kubernetes-admin"
        return name

    async def test_approved_and_issued(self, http: httpx.AsyncClient, namespace: str, request_name: str) -> None:
        api, path = Api(http, namespace), f"{self.PATH}/{request_name}"
        selected = await api.request(
            "GET", self.PATH, params={"fieldSelector": f"spec.signerName=example.com/{namespace}"}
        )
        assert [item["metadata"]["name"] for item in selected["items"]] == [request_name]
        found = await api.request("GET", f"{path}/approval")
        found["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "test"}]}
        # The object itself and its status are not where one approves.
        assert "conditions" not in (await api.request("PUT", path, json=found)).get("status", {})
        found["metadata"].pop("resourceVersion")
        await api.request("PUT", f"{path}/status", code=422, json=found)
        approved = await api.request("PUT", f"{path}/approval", json=found)
        assert approved["status"]["conditions"][0]["type"] == "Approved"
        certificate = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").decode()
        patch = {"status": {"certificate": certificate}}
        headers = {"content-type": "application/merge-patch+json"}
        issued = await api.request("PATCH", f"{path}/status", json=patch, headers=headers)
        assert issued["status"]["certificate"] == certificate
        await api.request("DELETE", path)


GENERATORS = (
    ("service", "clusterip", "a", "--tcp=80:8080"),
    ("service", "nodeport", "b", "--tcp=80:8080"),
    ("configmap", "d", "--from-literal=a=b"),
    ("secret", "generic", "e", "--from-literal=a=b"),
    ("secret", "docker-registry", "f", "--docker-server=s", "--docker-username=u", "--docker-password=p"),
    ("quota", "g", "--hard=cpu=1,pods=2"),
    ("poddisruptionbudget", "h", "--min-available=50%", "--selector=app=a"),
    ("priorityclass", "i", "--value=1000"),
    ("ingress", "j", "--rule=a.b/c=d:80"),
    ("role", "k", "--verb=get", "--resource=pods"),
    ("rolebinding", "l", "--role=k", "--user=bob"),
)


def test_what_kubectl_generates_is_accepted(kubectl: Kubectl, namespace: str) -> None:
    """Each ``kubectl create KIND``, in JSON: first rehearsed, then for real."""
    documents = [
        # The one kind among them that has no namespace gets a name of the test's own.
        kubectl.run("create", *command, "--dry-run=client", "-o", "yaml").replace("name: i\n", f"name: i-{namespace}\n")
        for command in GENERATORS
    ]
    manifest = "---\n".join(documents)
    rehearsed = kubectl.run("create", "-f", "-", "--dry-run=server", stdin=manifest)
    assert len(rehearsed.splitlines()) == len(GENERATORS)
    assert all(line.endswith(" created (server dry run)") for line in rehearsed.splitlines())
    created = kubectl.run("create", "-f", "-", stdin=manifest)
    assert created == rehearsed.replace(" (server dry run)", "")
    described = kubectl.run("describe", "service/b", "ingress/j", "quota/g", "secret/e")
    for text in ("NodePort:", "127.64.", "a.b", "pods", "Opaque"):
        assert text in described
    kubectl.run("delete", "-f", "-", stdin=manifest)


def test_kubectl_exposes_and_patches_a_service(kubectl: Kubectl) -> None:
    manifest: JSONObject = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    kubectl.run("apply", "-f", "-", stdin=str(manifest).replace("'", '"'))
    assert kubectl.run("expose", "service/web", "--name=other", "--port=90") == "service/other exposed\n"
    assert "NodePort" in kubectl.run("patch", "service/web", "-p", '{"spec": {"type": "NodePort"}}', "-o", "yaml")
    assert kubectl.run("get", "services", "--field-selector", "spec.type=NodePort", "-o", "name") == "service/web\n"
