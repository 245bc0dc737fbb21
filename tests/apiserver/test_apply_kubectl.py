"""An unmodified kubectl: ``apply``, ``apply --server-side``, ``diff`` and ``edit-last-applied`` as documented."""

import json
from typing import Any

import pytest
import yaml

from tests.live.processes import Kubectl

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "nginx",
                        "image": "nginx:1.27",
                        "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}],
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                    }
                ]
            },
        },
    },
}


def manifest(*, image: str = "nginx:1.27", replicas: int | None = 1, env: tuple[str, ...] = ("A", "B")) -> str:
    obj = json.loads(json.dumps(DEPLOYMENT))
    container = obj["spec"]["template"]["spec"]["containers"][0]
    container["image"] = image
    container["env"] = [entry for entry in container["env"] if entry["name"] in env]
    if replicas is None:
        del obj["spec"]["replicas"]
    else:
        obj["spec"]["replicas"] = replicas
    return yaml.safe_dump(obj)


def stored(kubectl: Kubectl) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kubectl.run("get", "deployment", "web", "-o", "json", "--show-managed-fields"))
    return found


def managers(obj: dict[str, Any]) -> set[tuple[str, str]]:
    return {(entry["manager"], entry["operation"]) for entry in obj["metadata"]["managedFields"]}


def test_server_side_apply(kubectl: Kubectl) -> None:
    apply = ("apply", "--server-side", "-f", "-")
    assert kubectl.run(*apply, stdin=manifest()) == "deployment.apps/web serverside-applied\n"
    first = stored(kubectl)
    assert managers(first) == {("kubectl", "Apply")}
    assert "annotations" not in first["metadata"]
    assert kubectl.run(*apply, stdin=manifest()) == "deployment.apps/web serverside-applied\n"
    assert stored(kubectl) == first
    kubectl.run(*apply, stdin=manifest(env=("B",)))
    container = stored(kubectl)["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "B", "value": "2"}]
    assert len(container["ports"]) == 2, "the same port of two protocols"


def test_conflicts_and_forcing_them(kubectl: Kubectl) -> None:
    apply = ("apply", "--server-side", "-f", "-")
    kubectl.run(*apply, "--field-manager", "first", stdin=manifest())
    refused = kubectl.run(*apply, stdin=manifest(image="nginx:1.28"), status=1)
    assert 'Apply failed with 1 conflict: conflict with "first"' in refused
    assert '.spec.template.spec.containers[name="nginx"].image' in refused
    assert "--force-conflicts" in refused
    kubectl.run(*apply, "--force-conflicts", stdin=manifest(image="nginx:1.28"))
    assert stored(kubectl)["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"


def test_diff(kubectl: Kubectl) -> None:
    apply, diff = ("apply", "--server-side", "-f", "-"), ("diff", "--server-side", "-f", "-")
    kubectl.run(*apply, stdin=manifest())
    assert kubectl.run(*diff, stdin=manifest()) == ""
    shown = kubectl.run(*diff, stdin=manifest(image="nginx:1.28", replicas=3), status=1)
    assert any(line.startswith("-  ") and line.endswith("image: nginx:1.27") for line in shown.splitlines())
    assert any(line.startswith("+  ") and line.endswith("image: nginx:1.28") for line in shown.splitlines())
    assert "+  replicas: 3" in shown
    assert stored(kubectl)["spec"]["replicas"] == 1


def test_unknown_fields_are_refused(kubectl: Kubectl) -> None:
    text = manifest().replace("replicas: 1", "replicas: 1\n  unknownField: 1")
    refused = kubectl.run("apply", "--server-side", "-f", "-", stdin=text, status=1)
    assert ".spec.unknownField: field not declared in schema" in refused


def test_client_side_apply(kubectl: Kubectl) -> None:
    apply = ("apply", "-f", "-")
    assert kubectl.run(*apply, stdin=manifest()) == "deployment.apps/web created\n"
    assert kubectl.run(*apply, stdin=manifest()) == "deployment.apps/web unchanged\n"
    assert managers(stored(kubectl)) == {("kubectl-client-side-apply", "Update")}
    assert kubectl.run("diff", "-f", "-", stdin=manifest()) == ""
    assert "+  replicas: 4" in kubectl.run("diff", "-f", "-", stdin=manifest(replicas=4), status=1)
    kubectl.run("scale", "deployment", "web", "--replicas=4")
    kubectl.run(*apply, stdin=manifest(image="nginx:1.28", replicas=None, env=("A",)))
    spec = stored(kubectl)["spec"]
    container = spec["template"]["spec"]["containers"][0]
    assert (container["image"], container["env"]) == ("nginx:1.28", [{"name": "A", "value": "1"}])
    assert "web" in kubectl.run("apply", "view-last-applied", "deployment", "web")


@pytest.mark.parametrize("changed", ["nginx:1.27", "nginx:1.28"], ids=["the-same", "changed"])
def test_from_client_side_to_server_side(kubectl: Kubectl, changed: str) -> None:
    """kubectl migrates the managed fields by itself, so that what is left out afterwards goes."""
    kubectl.run("apply", "-f", "-", stdin=manifest())
    kubectl.run("apply", "--server-side", "-f", "-", stdin=manifest(image=changed))
    obj = stored(kubectl)
    assert managers(obj) == {("kubectl", "Apply")} or ("kubectl-client-side-apply", "Update") not in managers(obj)
    container = obj["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == changed
    kubectl.run("apply", "--server-side", "-f", "-", stdin=manifest(image=changed, env=("A",)))
    container = stored(kubectl)["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "A", "value": "1"}]
    # The annotation is still kept up to date, so that the way back is open.
    assert kubectl.run("apply", "-f", "-", stdin=manifest(image="nginx:1.29")).endswith("configured\n")
