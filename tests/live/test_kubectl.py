"""An unmodified kubectl over a whole cluster of processes, used as its documentation does (S8)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.live.processes import ROOT, Cluster, Kubectl, require_kubectl

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
  - name: nginx
    image: nginx:1.27
    ports: [{containerPort: 80}]
"""


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler, a controller manager and two kubelets, shared by the tests of this file."""
    require_kubectl()
    cluster = Cluster()
    try:
        cluster.start("scheduler")
        cluster.start("controller_manager")
        for name in ("node-1", "node-2"):
            cluster.start("kubelet", "--node-name", name)
        watching = Kubectl(cluster.url, tmp_path_factory.mktemp("home")).start("get", "nodes", "--watch")
        for name in ("node-1", "node-2"):
            watching.wait_for_line(rf"{name} +Ready", stream="stdout")
        watching.kill()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def kubectl(nodes: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kubectl]:
    """kubectl in a namespace of the test's own, which is deleted, and gone, when the test ends."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:50]
    plain = Kubectl(nodes.url, tmp_path)
    plain.run("create", "-f", "-", stdin=f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n")
    yield Kubectl(nodes.url, tmp_path, namespace=name)
    plain.run("delete", "namespace", name, "--timeout=40s", timeout=50)


def test_a_pod_from_apply_to_delete(kubectl: Kubectl) -> None:
    """S8, S9: created, seen running with its address and node, described, deleted with grace."""
    assert kubectl.run("apply", "-f", "-", stdin=POD) == "pod/web created\n"
    assert kubectl.run("apply", "-f", "-", stdin=POD) == "pod/web unchanged\n"
    kubectl.run("wait", "pod/web", "--for=condition=Ready", "--timeout=20s")
    row = kubectl.run("get", "pods", "-o", "wide", "--no-headers").split()
    assert row[:4] == ["web", "1/1", "Running", "0"]
    assert re.fullmatch(r"127\.\d+\.\d+\.\d+", row[5])
    assert row[6] in {"node-1", "node-2"}
    described = kubectl.run("describe", "pod", "web")
    for line in (r"Status: +Running", r"Image: +nginx:1\.27", "Successfully assigned", "Started"):
        assert re.search(line, described)
    assert kubectl.run("delete", "pod", "web") == 'pod "web" deleted\n'
    assert "No resources found" in kubectl.run("get", "pods")


def test_apply_changes_what_changed(kubectl: Kubectl) -> None:
    kubectl.run("apply", "-f", "-", stdin=POD)
    changed = POD.replace("nginx:1.27", "nginx:1.28").replace("{app: web}", "{app: web, tier: front}")
    assert kubectl.run("apply", "-f", "-", stdin=changed) == "pod/web configured\n"
    pod = json.loads(kubectl.run("get", "pod", "web", "-o", "json"))
    assert pod["spec"]["containers"][0]["image"] == "nginx:1.28"
    assert pod["metadata"]["labels"] == {"app": "web", "tier": "front"}
    kubectl.run("apply", "-f", "-", stdin=POD.replace("nginx:1.27", "nginx:1.28"))
    assert yaml.safe_load(kubectl.run("get", "pod", "web", "-o", "yaml"))["metadata"]["labels"] == {"app": "web"}


def test_watching_sees_a_pod_become_running(kubectl: Kubectl) -> None:
    watching = kubectl.start("get", "pods", "--watch", "-o", "wide")
    kubectl.run("run", "fast", "--image=nginx")
    watching.wait_for_line(r"fast +1/1 +Running", stream="stdout")
    kubectl.run("delete", "pod", "fast", "--grace-period=1")
    watching.wait_for_line(r"fast +\S+ +Terminating", stream="stdout")
    watching.kill()


def test_labels_annotations_and_selectors(kubectl: Kubectl) -> None:
    kubectl.run("run", "a", "--image=nginx", "--labels=app=x")
    kubectl.run("run", "b", "--image=nginx", "--labels=app=y")
    assert kubectl.run("label", "pod", "a", "tier=front") == "pod/a labeled\n"
    assert kubectl.run("annotate", "pod", "a", "note=hello") == "pod/a annotated\n"
    assert kubectl.run("get", "pods", "-l", "tier=front", "-o", "name") == "pod/a\n"
    assert kubectl.run("get", "pods", "-l", "app notin (x)", "-o", "name") == "pod/b\n"
    assert kubectl.run("get", "pods", "--field-selector", "metadata.name=b", "-o", "name") == "pod/b\n"
    assert "field label not supported" in kubectl.run("get", "pods", "--field-selector", "spec.colour=red", status=1)


def test_patches(kubectl: Kubectl) -> None:
    kubectl.run("apply", "-f", "-", stdin=POD)
    for kind, patch in (
        ("merge", '{"metadata":{"labels":{"by":"merge"}}}'),
        ("json", '[{"op":"replace","path":"/metadata/labels/by","value":"json"}]'),
        ("strategic", '{"spec":{"containers":[{"name":"nginx","image":"nginx:1.29"}]}}'),
    ):
        assert kubectl.run("patch", "pod", "web", f"--type={kind}", "-p", patch) == "pod/web patched\n"
    shown = kubectl.run("get", "pod", "web", "-o", "jsonpath={.metadata.labels.by} {.spec.containers[0].image}")
    assert shown == "json nginx:1.29"


def test_a_replica_set_scales(kubectl: Kubectl) -> None:
    """S12, S28: replicas are made, spread, and taken away."""
    kubectl.run("apply", "-f", str(ROOT / "examples" / "web-replicaset.yaml"))
    kubectl.run("wait", "rs/web", "--for=jsonpath={.status.readyReplicas}=5", "--timeout=30s", timeout=40)
    assert kubectl.run("get", "rs", "--no-headers").split()[:4] == ["web", "5", "5", "5"]
    nodes = kubectl.run("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").split()
    assert sorted(map(nodes.count, set(nodes))) == [2, 3]
    assert kubectl.run("scale", "rs/web", "--replicas=2") == "replicaset.apps/web scaled\n"
    kubectl.run("wait", "rs/web", "--for=jsonpath={.status.replicas}=2", "--timeout=30s", timeout=40)


def test_events_tell_the_story(kubectl: Kubectl) -> None:
    kubectl.run("run", "web", "--image=nginx")
    kubectl.run("wait", "pod/web", "--for=condition=Ready", "--timeout=20s")
    kubectl.run("wait", "events", "--all", "--for=jsonpath={.involvedObject.name}=web", "--timeout=5s")
    reasons = kubectl.run("get", "events", "-o", "jsonpath={.items[*].reason}").split()
    assert {"Scheduled", "Pulling", "Pulled", "Created", "Started"} <= set(reasons)


def test_what_cannot_be_scheduled_says_why(kubectl: Kubectl) -> None:
    """S11: the count of nodes per reason, in upstream's words."""
    pod = POD.replace("    image: nginx:1.27", "    image: nginx:1.27\n    resources: {requests: {cpu: '100'}}")
    kubectl.run("apply", "-f", "-", stdin=pod)
    kubectl.run("wait", "pod/web", "--for=condition=PodScheduled=False", "--timeout=10s")
    message = kubectl.run("get", "pod", "web", "-o", "jsonpath={.status.conditions[0].message}")
    assert message.startswith("0/2 nodes are available: 2 Insufficient cpu.")


def test_finding_out_what_is_served(kubectl: Kubectl) -> None:
    resources = kubectl.run("api-resources", "--no-headers")
    for name in ("pods", "nodes", "namespaces", "events", "replicasets", "leases"):
        assert re.search(rf"^{name} ", resources, re.MULTILINE)
    explained = kubectl.run("explain", "pod.spec.containers.livenessProbe")
    assert "periodSeconds" in explained
    assert "gitVersion: v1.36" in kubectl.run("version", "-o", "yaml")
    assert "InternalIP:  127." in kubectl.run("describe", "node", "node-1")


def test_what_is_refused_is_explained(kubectl: Kubectl) -> None:
    refused = kubectl.run("apply", "-f", "-", stdin=POD.replace("containers:", "colour: red\n  containers:"), status=1)
    assert 'strict decoding error: unknown field "spec.colour"' in refused
    kubectl.run("apply", "-f", "-", stdin=POD)
    conflict = kubectl.run("create", "-f", "-", stdin=POD, status=1)
    assert 'pods "web" already exists' in conflict
    assert 'pods "nobody" not found' in kubectl.run("get", "pod", "nobody", status=1)
