"""Deployments with all components, used as the documentation of Deployments does."""

import re
from collections.abc import Iterator

import pytest

from kubeclient.client import Client
from kubeclient.resources import DEPLOYMENTS
from tests.live.addresses import own_range
from tests.live.processes import Cluster, require_kubectl
from tests.live.waiting import eventually
from tests.live.workloads import Tools, template, workload, workload_cluster


@pytest.fixture(scope="module")
def workloads() -> Iterator[Cluster]:
    require_kubectl()
    yield from workload_cluster(2, own_range(24))


def test_rolled_out_updated_and_undone(tools: Tools) -> None:
    """S28: revisions are counted, and one can go back to each of them."""
    tools.create(workload("Deployment", "web", replicas=3))
    assert 'deployment "web" successfully rolled out' in tools.rolled_out("deployment/web")
    (first,) = tools.get("rs")
    digest = first["metadata"]["labels"]["pod-template-hash"]
    assert first["metadata"]["name"] == f"web-{digest}"
    assert all(re.match(rf"web-{digest}-\w{{5}}$", pod["metadata"]["name"]) for pod in tools.get("pods"))
    assert tools.run("get", "deployment", "web", "--no-headers").split()[1:4] == ["3/3", "3", "3"]

    tools.set_image("deployment/web", "pause:2")
    tools.rolled_out("deployment/web")
    assert tools.images("app=web") == ["pause:2"] * 3
    history = tools.run("rollout", "history", "deployment/web").split()
    assert [word for word in history if word.isdigit()] == ["1", "2"]
    assert "pause:1" in tools.run("rollout", "history", "deployment/web", "--revision=1")

    assert tools.run("rollout", "undo", "deployment/web") == "deployment.apps/web rolled back\n"
    tools.rolled_out("deployment/web")
    assert tools.images("app=web") == ["pause:1"] * 3
    found = tools.get("deployment", "web")
    assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    kept = {entry["metadata"]["name"]: entry for entry in tools.get("rs")}
    assert kept[f"web-{digest}"]["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"
    conditions = {entry["type"]: (entry["status"], entry["reason"]) for entry in found["status"]["conditions"]}
    assert conditions == {
        "Progressing": ("True", "NewReplicaSetAvailable"),
        "Available": ("True", "MinimumReplicasAvailable"),
    }
    told = tools.run("get", "events", "--field-selector=involvedObject.kind=Deployment")
    assert f"Scaled up replica set web-{digest} from 0 to 3" in told


def test_paused_changed_and_resumed(tools: Tools) -> None:
    """Several changes make one revision; the size may change meanwhile."""
    tools.create(workload("Deployment", "web", replicas=2))
    tools.rolled_out("deployment/web")
    tools.run("rollout", "pause", "deployment/web")
    tools.set_image("deployment/web", "pause:2")
    tools.run("set", "resources", "deployment/web", "--limits=memory=64Mi")
    tools.run("scale", "deployment/web", "--replicas=3")
    tools.run("wait", "deployment/web", "--for=jsonpath={.status.availableReplicas}=3", "--timeout=20s")
    assert tools.images("app=web") == ["pause:1"] * 3
    assert len(tools.get("rs")) == 1
    tools.run("rollout", "resume", "deployment/web")
    tools.rolled_out("deployment/web")
    assert tools.images("app=web") == ["pause:2"] * 3
    assert len(tools.get("rs")) == 2
    tools.run("rollout", "restart", "deployment/web")
    tools.rolled_out("deployment/web")
    assert len(tools.get("rs")) == 3


@pytest.mark.slow
def test_an_image_that_does_not_exist(tools: Tools) -> None:
    """The old pods stay, the deadline passes and is told, and the way back is open."""
    spec = {"replicas": 4, "progressDeadlineSeconds": 2, "minReadySeconds": 1}
    tools.create(workload("Deployment", "web", **spec))
    tools.rolled_out("deployment/web")
    broken = template("web", "pause:2")
    broken["metadata"]["annotations"] = {"kubemu.io/pull-error": "not found"}
    patch = {"spec": {"template": broken}}
    tools.run("patch", "deployment", "web", "-p", str(patch).replace("'", '"'))
    refused = tools.kubectl.run("rollout", "status", "deployment/web", "--timeout=20s", status=1)
    assert 'deployment "web" exceeded its progress deadline' in refused
    found = tools.get("deployment", "web")["status"]
    assert (found["availableReplicas"], found["updatedReplicas"], found["replicas"]) == (3, 2, 5)
    tools.run("rollout", "undo", "deployment/web")
    tools.rolled_out("deployment/web")
    assert tools.images("app=web") == ["pause:1"] * 4


def test_recreated(tools: Tools) -> None:
    """No pod of the new version is there before the last old one has gone."""
    slow = {"terminationGracePeriodSeconds": 1, "container": {"command": ["sh", "-c", "trap '' TERM; sleep 600"]}}
    spec = {"strategy": {"type": "Recreate"}, "template": template("web", "busybox:1", **slow)}
    tools.create(workload("Deployment", "web", replicas=2, **spec))
    tools.rolled_out("deployment/web")
    watch = tools.kubectl.start("get", "pods", "--watch", "--output-watch-events", "-o", "json")
    watch.wait_for_line('"resourceVersion"', stream="stdout", count=2)
    tools.set_image("deployment/web", "busybox:2")
    tools.rolled_out("deployment/web")
    assert tools.images("app=web") == ["busybox:2"] * 2
    watch.wait_for_line('"image":"busybox:2"', stream="stdout")
    watch.kill()
    lines = watch.stdout
    first_new = next(number for number, line in enumerate(lines) if '"image":"busybox:2"' in line)
    assert sum('"type":"DELETED"' in line for line in lines[:first_new]) == 2


async def test_the_whole_goes_with_its_deployment(tools: Tools, workloads: Cluster) -> None:
    tools.create(workload("Deployment", "web", replicas=2))
    tools.rolled_out("deployment/web")
    tools.run("delete", "deployment", "web", "--cascade=foreground")
    async with Client(workloads.url) as client:

        async def gone() -> bool:
            return not (await client.list(DEPLOYMENTS, namespace=tools.namespace)).items

        await eventually(gone)
    assert tools.get("rs") == []
    assert tools.get("pods") == []
