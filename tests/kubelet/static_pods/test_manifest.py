"""From a manifest file to a pod of one node."""

from typing import Any

import pytest
import yaml

from kubelet.static_pods.manifest import (
    BadManifest,
    StaticPod,
    is_mirror,
    is_static,
    read_manifest,
)
from tests.kubelet.builders import START

FILE = "/etc/kubernetes/manifests/web.yaml"


def manifest(name: str = "web", metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "nginx"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, **(metadata or {})},
        "spec": {"containers": containers, **spec},
    }


def read(content: Any, *, file: str = FILE, node: str = "Node-1") -> StaticPod:
    text = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    return read_manifest(text, file=file, node_name=node, seen=START)


def test_what_the_kubelet_adds() -> None:
    """S19: the pod belongs to this node and says where it comes from."""
    found = read(manifest())
    meta, spec = found.run.metadata, found.run.spec
    assert (meta.namespace, meta.name, spec.node_name) == ("default", "web-node-1", "Node-1")
    assert len(meta.uid) == 32
    assert meta.annotations == {
        "kubernetes.io/config.hash": meta.uid,
        "kubernetes.io/config.seen": "2026-01-01T00:00:00.000000Z",
        "kubernetes.io/config.source": "file",
    }
    assert [(entry.operator, entry.effect) for entry in spec.tolerations] == [("Exists", "NoExecute")]
    assert is_static(found.run)
    assert not is_mirror(found.run)


def test_what_the_api_server_would_have_added() -> None:
    container = {"name": "c", "image": "nginx", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}
    found = read(manifest(containers=[container]))
    assert found.run.spec.containers[0].image_pull_policy == "Always"
    assert found.run.spec.containers[0].resources.requests == {"cpu": "1", "memory": "1Gi"}
    assert found.run.status.qos_class == "Guaranteed"


def test_another_node_file_or_content_is_another_pod() -> None:
    uids = {
        read(manifest()).uid,
        read(manifest(), node="node-2").uid,
        read(manifest(), file="/other.yaml").uid,
        read(manifest(hostNetwork=True)).uid,
    }
    assert len(uids) == 4
    assert read(manifest()).uid in uids
    assert read(manifest(metadata={"uid": "mine"})).uid == "mine"


def test_it_is_never_probed_and_always_restarted() -> None:
    """S21, S22: and its mirror shows what the file says all the same."""
    probe = {"tcpSocket": {"port": 80}}
    container = {
        "name": "c",
        "image": "nginx",
        "livenessProbe": probe,
        "readinessProbe": probe,
        "startupProbe": probe,
        "restartPolicy": "Never",
    }
    found = read(
        manifest(
            restartPolicy="Never",
            containers=[container],
            initContainers=[{"name": "side", "image": "x", "restartPolicy": "Always"}],
        )
    )
    (run,) = found.run.spec.containers
    assert (run.liveness_probe, run.readiness_probe, run.startup_probe, run.restart_policy) == (None, None, None, "")
    assert found.run.spec.restart_policy == "Always"
    assert found.run.spec.init_containers[0].restart_policy == "Always", "a sidecar stays one"
    assert found.shown["spec"]["restartPolicy"] == "Never"
    assert found.shown["spec"]["containers"][0]["livenessProbe"]["tcpSocket"] == {"port": 80}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"{", "error converting YAML to JSON", id="no YAML"),
        pytest.param(b"- a", "it holds no object", id="a list"),
        pytest.param(b"", "it holds no object", id="nothing"),
        pytest.param({"apiVersion": "apps/v1", "kind": "Deployment"}, "it holds a Deployment, not a Pod", id="kind"),
        pytest.param(manifest(name=""), "name is needed for the pod", id="no name"),
        pytest.param(manifest(name="A_b"), "metadata.name: Invalid value: 'A_b-node-1'", id="bad name"),
        pytest.param(manifest(containers=[]), "spec.containers: Required value", id="no containers"),
        pytest.param(manifest(containers="x"), "cannot be handled as a Pod", id="a wrong type"),
        pytest.param(manifest(containers=[{"name": "c"}]), "spec.containers[0].image: Required value", id="no image"),
        pytest.param(manifest(containers=[{"name": "c", "image": "x"}] * 2), "Duplicate value: 'c'", id="a name twice"),
        pytest.param(manifest(serviceAccountName="sa"), "static pods may not reference serviceaccounts", id="account"),
    ],
)
def test_what_is_refused(content: Any, said: str) -> None:
    with pytest.raises(BadManifest) as refused:
        read(content)
    assert said in str(refused.value)
