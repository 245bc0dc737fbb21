"""``kubectl`` against the API server alone, used as its documentation does. Pods that run are tested in tests/live."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.clients.manifests import config_map, definition, deployment, pod, widget
from tests.live.processes import Kubectl

JSONObject = dict[str, Any]


def manifest(*objects: JSONObject) -> str:
    return yaml.safe_dump_all(objects)


@pytest.fixture
def node(kubectl: Kubectl, namespace: str) -> Iterator[str]:
    """A node that no kubelet belongs to."""
    kubectl.run(
        "apply", "-f", "-", stdin=manifest({"apiVersion": "v1", "kind": "Node", "metadata": {"name": namespace}})
    )
    yield namespace
    kubectl.run("delete", "node", namespace, "--ignore-not-found")


def get(kubectl: Kubectl, *args: str) -> Any:
    return json.loads(kubectl.run("get", *args, "-o", "json"))


class TestApply:
    def test_client_side(self, kubectl: Kubectl) -> None:
        text = manifest(deployment(), config_map(colour="red", size="1"))
        assert kubectl.run("apply", "-f", "-", stdin=text).splitlines() == [
            "deployment.apps/web created",
            "configmap/settings created",
        ]
        assert kubectl.run("apply", "-f", "-", stdin=text).splitlines() == [
            "deployment.apps/web unchanged",
            "configmap/settings unchanged",
        ]
        # What is left out is removed, as the annotation of the last apply tells.
        assert kubectl.run("apply", "-f", "-", stdin=manifest(config_map(colour="blue"))) == (
            "configmap/settings configured\n"
        )
        assert get(kubectl, "configmap", "settings")["data"] == {"colour": "blue"}

    def test_server_side(self, kubectl: Kubectl) -> None:
        args = ("apply", "--server-side", "-f", "-")
        text = manifest(config_map(colour="red"))
        assert kubectl.run(*args, stdin=text) == "configmap/settings serverside-applied\n"
        other = manifest(config_map(colour="blue"))
        refused = kubectl.run(*args, "--field-manager=other", stdin=other, status=1)
        assert 'conflict with "kubectl": .data.colour' in refused
        forced = kubectl.run(*args, "--field-manager=other", "--force-conflicts", stdin=other)
        assert forced == "configmap/settings serverside-applied\n"
        shown = get(kubectl, "configmap", "settings", "--show-managed-fields")
        assert [entry["manager"] for entry in shown["metadata"]["managedFields"]] == ["other"]

    def test_from_client_side_to_server_side(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(config_map(colour="red", size="1")))
        moved = kubectl.run("apply", "--server-side", "-f", "-", stdin=manifest(config_map(colour="blue")))
        assert moved == "configmap/settings serverside-applied\n"
        found = get(kubectl, "configmap", "settings", "--show-managed-fields")
        assert found["data"] == {"colour": "blue"}
        managers = {(entry["manager"], entry["operation"]) for entry in found["metadata"]["managedFields"]}
        # The second is kubectl's own, for its annotation.
        assert managers == {("kubectl", "Apply"), ("kubectl-last-applied", "Apply")}

    def test_diff(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(config_map(colour="red")))
        assert kubectl.run("diff", "-f", "-", stdin=manifest(config_map(colour="red"))) == ""
        shown = kubectl.run("diff", "-f", "-", stdin=manifest(config_map(colour="blue")), status=1)
        assert re.search(r"^-  colour: red$", shown, re.MULTILINE)
        assert re.search(r"^\+  colour: blue$", shown, re.MULTILINE)
        assert get(kubectl, "configmap", "settings")["data"] == {"colour": "red"}

    def test_unknown_fields_are_refused(self, kubectl: Kubectl) -> None:
        obj = deployment()
        obj["spec"]["replcas"] = 2
        refused = kubectl.run("apply", "-f", "-", stdin=manifest(obj), status=1)
        assert 'strict decoding error: unknown field "spec.replcas"' in refused
        warned = kubectl.run("apply", "--validate=warn", "-f", "-", stdin=manifest(obj))
        assert 'Warning: unknown field "spec.replcas"' in warned

    def test_dry_run_on_the_server(self, kubectl: Kubectl) -> None:
        text = manifest(deployment())
        shown = yaml.safe_load(kubectl.run("apply", "--dry-run=server", "-o", "yaml", "-f", "-", stdin=text))
        assert (shown["spec"]["progressDeadlineSeconds"], "uid" in shown["metadata"]) == (600, True)
        assert "not found" in kubectl.run("get", "deployment", "web", status=1)

    def test_custom_resources(self, kubectl: Kubectl, widgets: str) -> None:
        assert kubectl.run("apply", "-f", "-", stdin=manifest(widget(widgets, colour="red"))) == (
            f"widget.{widgets}/one created\n"
        )
        assert kubectl.run("get", f"widgets.{widgets}", "-o", "jsonpath={.items[0].spec.size}") == "1"
        assert "FIELD: colour <string>" in kubectl.run("explain", f"widgets.{widgets}.spec.colour")
        applied = kubectl.run("apply", "--server-side", "-f", "-", stdin=manifest(widget(widgets, "two", size=2)))
        assert applied == f"widget.{widgets}/two serverside-applied\n"

    def test_a_definition_and_waiting_for_it(self, kubectl: Kubectl, namespace: str) -> None:
        group = f"{namespace}.waiting.example.com"
        kubectl.run("apply", "-f", "-", stdin=manifest(definition(group)))
        name = f"crd/widgets.{group}"
        assert "condition met" in kubectl.run("wait", "--for=condition=Established", name, "--timeout=20s")
        assert "created" in kubectl.run("apply", "-f", "-", stdin=manifest(widget(group)))
        assert "deleted" in kubectl.run("delete", name, "--timeout=20s")


class TestChanges:
    def test_patches(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(deployment()))
        path = "deployment/web"
        containers = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox:1.36"}]}}}}
        kubectl.run("patch", path, "-p", json.dumps(containers))
        kubectl.run("patch", path, "--type=merge", "-p", '{"spec":{"replicas":7}}')
        operations = [{"op": "replace", "path": "/spec/minReadySeconds", "value": 3}]
        refused = kubectl.run("patch", path, "--type=json", "-p", json.dumps(operations), status=1)
        assert "the server rejected our request due to an error in our request" in refused
        operations[0]["op"] = "add"
        kubectl.run("patch", path, "--type=json", "-p", json.dumps(operations))
        spec = get(kubectl, path)["spec"]
        images = {container["name"]: container["image"] for container in spec["template"]["spec"]["containers"]}
        assert images == {"web": "nginx:1.27", "side": "busybox:1.36"}
        assert (spec["replicas"], spec["minReadySeconds"]) == (7, 3)

    def test_subresources(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(deployment()))
        status = '{"status":{"replicas":2,"readyReplicas":1}}'
        kubectl.run("patch", "deployment/web", "--subresource=status", "--type=merge", "-p", status)
        assert get(kubectl, "deployment/web", "--subresource=status")["status"]["readyReplicas"] == 1
        kubectl.run("scale", "deployment/web", "--current-replicas=2", "--replicas=5")
        assert kubectl.run("get", "deployment/web", "--subresource=scale", "-o", "jsonpath={.spec.replicas}") == "5"
        refused = kubectl.run("scale", "deployment/web", "--current-replicas=2", "--replicas=6", status=1)
        assert "Expected replicas to be 2, was 5" in refused

    def test_labels_and_annotations(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(pod(), pod("other")))
        assert kubectl.run("label", "pod/web", "tier=front") == "pod/web labeled\n"
        assert "--overwrite is false" in kubectl.run("label", "pod/web", "tier=back", status=1)
        assert kubectl.run("annotate", "pods", "--all", "note=seen").splitlines() == [
            "pod/other annotated",
            "pod/web annotated",
        ]
        assert kubectl.run("get", "pods", "-l", "tier in (front)", "-o", "name") == "pod/web\n"
        assert kubectl.run("label", "pod/web", "tier-") == "pod/web unlabeled\n"

    def test_edit(self, kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(config_map(colour="red")))
        monkeypatch.setenv("KUBE_EDITOR", "sed -i s/red/green/")
        assert kubectl.run("edit", "configmap/settings") == "configmap/settings edited\n"
        assert get(kubectl, "configmap", "settings")["data"] == {"colour": "green"}

    def test_replace_and_delete(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "-f", "-", stdin=manifest(config_map(colour="red")))
        kubectl.run("replace", "-f", "-", stdin=manifest(config_map(size="2")))
        assert get(kubectl, "configmap", "settings")["data"] == {"size": "2"}
        assert "already exists" in kubectl.run("create", "-f", "-", stdin=manifest(config_map()), status=1)
        assert kubectl.run("delete", "configmap", "settings").startswith('configmap "settings" deleted')
        kubectl.run("create", "-f", "-", stdin=manifest(*(config_map(f"many-{n}") for n in range(3))))
        deleted = kubectl.run("delete", "configmaps", "--all")
        assert deleted.count('configmap "many-') == 3


class TestReading:
    def test_tables(self, kubectl: Kubectl, namespace: str) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(deployment(), pod()))
        head, row = kubectl.run("get", "deployments", "-o", "wide").splitlines()
        assert head.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
        assert row.split()[:2] == ["web", "0/2"]
        everything = kubectl.run("get", "all")
        assert "pod/web" in everything
        assert "deployment.apps/web" in everything
        columns = kubectl.run("get", "pods", "-o", "custom-columns=N:.metadata.name,P:.status.phase", "--no-headers")
        assert columns.split() == ["web", "Pending"]
        assert kubectl.run("get", "pods", "--field-selector", "status.phase=Running") == (
            f"No resources found in {namespace} namespace.\n"
        )

    def test_paging(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "-f", "-", stdin=manifest(*(config_map(f"page-{n}") for n in range(7))))
        names = kubectl.run("get", "configmaps", "--chunk-size=2", "-o", "name").split()
        assert [name for name in names if "page" in name] == [f"configmap/page-{n}" for n in range(7)]

    def test_describe(self, kubectl: Kubectl) -> None:
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "front"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
        kubectl.run("apply", "-f", "-", stdin=manifest(service, config_map(colour="red"), pod()))
        assert re.search(r"^Selector: +app=web$", kubectl.run("describe", "service", "front"), re.MULTILINE)
        assert "colour:\n----\nred" in kubectl.run("describe", "configmap", "settings")
        assert re.search(r"^QoS Class: +BestEffort$", kubectl.run("describe", "pod", "web"), re.MULTILINE)

    def test_waiting_for_a_field(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(deployment()))
        met = kubectl.run("wait", "deployment/web", "--for=jsonpath={.spec.replicas}=2", "--timeout=20s")
        assert met == "deployment.apps/web condition met\n"
        kubectl.run("delete", "deployment", "web")
        kubectl.run("wait", "deployment/web", "--for=delete", "--timeout=20s")

    def test_rollout(self, kubectl: Kubectl) -> None:
        kubectl.run("apply", "-f", "-", stdin=manifest(deployment()))
        status = {
            "observedGeneration": 1,
            "replicas": 2,
            "updatedReplicas": 2,
            "readyReplicas": 2,
            "availableReplicas": 2,
        }
        patch = json.dumps({"status": status})
        kubectl.run("patch", "deployment/web", "--subresource=status", "--type=merge", "-p", patch)
        done = kubectl.run("rollout", "status", "deployment/web", "--timeout=20s")
        assert done == 'deployment "web" successfully rolled out\n'
        kubectl.run("rollout", "restart", "deployment/web")
        assert kubectl.run("rollout", "pause", "deployment/web") == "deployment.apps/web paused\n"
        annotations = get(kubectl, "deployment", "web")["spec"]["template"]["metadata"]["annotations"]
        assert "kubectl.kubernetes.io/restartedAt" in annotations

    def test_rolling_back(self, kubectl: Kubectl) -> None:
        """The replica sets are written by hand: what kubectl makes of them needs no controller."""
        web = deployment()
        kubectl.run("apply", "-f", "-", stdin=manifest(web))
        found = get(kubectl, "deployment", "web")
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}
        for revision in ("1", "2"):
            labels = {**web["spec"]["selector"]["matchLabels"], "pod-template-hash": f"h{revision}"}
            replica_set = {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"web-{revision}",
                    "labels": labels,
                    "annotations": {"deployment.kubernetes.io/revision": revision},
                    "ownerReferences": [{**owner, "uid": found["metadata"]["uid"]}],
                },
                "spec": {
                    "replicas": 0,
                    "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {"containers": [{"name": "web", "image": f"nginx:1.2{revision}"}]},
                    },
                },
            }
            kubectl.run("create", "-f", "-", stdin=manifest(replica_set))
        history = kubectl.run("rollout", "history", "deployment/web").split()
        assert [word for word in history if word.isdigit()] == ["1", "2"]
        assert "nginx:1.21" in kubectl.run("rollout", "history", "deployment/web", "--revision=1")
        undone = kubectl.run("rollout", "undo", "deployment/web", "--to-revision=1")
        assert undone == "deployment.apps/web rolled back\n"
        template = get(kubectl, "deployment", "web")["spec"]["template"]
        assert template["spec"]["containers"][0]["image"] == "nginx:1.21"
        assert "pod-template-hash" not in template["metadata"]["labels"]
        kubectl.run("rollout", "pause", "deployment/web")
        refused = kubectl.run("rollout", "undo", "deployment/web", status=1)
        assert "you cannot rollback a paused deployment" in refused
        assert kubectl.run("rollout", "resume", "deployment/web") == "deployment.apps/web resumed\n"


class TestNodes:
    def test_cordon_taint_and_drain(self, kubectl: Kubectl, node: str) -> None:
        assert kubectl.run("cordon", node) == f"node/{node} cordoned\n"
        assert "SchedulingDisabled" in kubectl.run("get", "node", node)
        assert kubectl.run("taint", "node", node, "key=value:NoSchedule") == f"node/{node} tainted\n"
        # Until it says that it is ready, a node has a taint of the server's beside it.
        taints = {taint["key"]: taint for taint in get(kubectl, "node", node)["spec"]["taints"]}
        assert taints["key"] == {"key": "key", "value": "value", "effect": "NoSchedule"}
        assert kubectl.run("taint", "node", node, "key-") == f"node/{node} untainted\n"
        assert "key" not in {taint["key"] for taint in get(kubectl, "node", node)["spec"].get("taints", [])}
        assert kubectl.run("uncordon", node) == f"node/{node} uncordoned\n"
        assert f"node/{node} drained" in kubectl.run("drain", node)
