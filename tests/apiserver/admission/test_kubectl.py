"""kubectl on what admission does, as its own documentation uses it."""

import httpx

from tests.apiserver.objects import pod
from tests.live.processes import Kubectl

QUOTA = """
apiVersion: v1
kind: ResourceQuota
metadata: {name: q}
spec: {hard: {pods: 1, requests.cpu: 2}}
"""


async def test_quota(kubectl: Kubectl, http: httpx.AsyncClient, namespace: str) -> None:
    assert kubectl.run("apply", "-f", "-", stdin=QUOTA) == "resourcequota/q created\n"
    refused = kubectl.run("run", "p", "--image=nginx", status=1)
    assert refused == (
        'Error from server (Forbidden): pods "p" is forbidden: failed quota: q: must specify requests.cpu for: p\n'
    )
    needs = {"containers": [{"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "500m"}}}]}
    (await http.post(f"/api/v1/namespaces/{namespace}/pods", json=pod("a", **needs))).raise_for_status()
    described = kubectl.run("describe", "quota", "q").splitlines()
    assert [line.split() for line in described[-2:]] == [["pods", "1", "1"], ["requests.cpu", "500m", "2"]]


async def test_dry_run_shows_what_admission_fills_in(kubectl: Kubectl) -> None:
    shown = kubectl.run(
        "run", "p", "--image=nginx", "--dry-run=server", "-o", "jsonpath={.spec.serviceAccountName} {.spec.priority}"
    )
    assert shown == "default 0"


async def test_pod_security_warnings(kubectl: Kubectl, namespace: str) -> None:
    kubectl.run("label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted")
    said = kubectl.run("run", "p", "--image=nginx")
    assert said.startswith('Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false')
    assert said.endswith("pod/p created\n")
