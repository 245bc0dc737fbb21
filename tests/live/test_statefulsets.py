"""StatefulSets with all components, used as the tutorial about them does."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.addresses import own_range
from tests.live.processes import Cluster, require_kubectl
from tests.live.workloads import Tools, template, workload, workload_cluster


@pytest.fixture(scope="module")
def workloads() -> Iterator[Cluster]:
    require_kubectl()
    yield from workload_cluster(1, own_range(24))


def claim_template(name: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {"metadata": {"name": name}, "spec": spec}


def names(tools: Tools, kind: str) -> list[str]:
    found: list[str] = sorted(entry["metadata"]["name"] for entry in tools.get(kind))
    return found


def test_scaled_updated_and_undone(tools: Tools) -> None:
    """S28: pods come in order, each with its name, and go in the opposite one; revisions lead back."""
    tools.create(workload("StatefulSet", "web", replicas=2, serviceName="webs"))
    tools.rolled_out("statefulset/web")
    pods = tools.get("pods")
    assert [pod["metadata"]["name"] for pod in pods] == ["web-0", "web-1"]
    assert [pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] for pod in pods] == ["0", "1"]
    assert [pod["spec"]["hostname"] for pod in pods] == ["web-0", "web-1"]
    moments = [
        next(entry["lastTransitionTime"] for entry in pods[0]["status"]["conditions"] if entry["type"] == "Ready"),
        pods[1]["metadata"]["creationTimestamp"],
    ]
    assert moments == sorted(moments)

    tools.run("scale", "statefulset/web", "--replicas=3")
    tools.run("wait", "statefulset/web", "--for=jsonpath={.status.availableReplicas}=3", "--timeout=20s")
    tools.run("scale", "statefulset/web", "--replicas=2")
    tools.run("wait", "pod/web-2", "--for=delete", "--timeout=20s")
    assert names(tools, "pods") == ["web-0", "web-1"]

    tools.set_image("statefulset/web", "pause:2")
    assert "roll out complete: 2 new pods have been updated" in tools.rolled_out("statefulset/web")
    assert tools.images("app=web") == ["pause:2"] * 2
    history = tools.run("rollout", "history", "statefulset/web").split()
    assert [word for word in history if word.isdigit()] == ["1", "2"]
    assert tools.run("rollout", "undo", "statefulset/web") == "statefulset.apps/web rolled back\n"
    tools.rolled_out("statefulset/web")
    tools.run("wait", "statefulset/web", "--for=jsonpath={.status.currentReplicas}=2", "--timeout=20s")
    assert tools.images("app=web") == ["pause:1"] * 2
    status = tools.get("statefulset", "web")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert sorted(found["revision"] for found in tools.get("controllerrevisions")) == [2, 3]
    told = tools.run("get", "events", "--field-selector=involvedObject.kind=StatefulSet")
    assert "create Pod web-0 in StatefulSet web successful" in told


def test_a_canary_behind_a_partition(tools: Tools) -> None:
    """What is below the partition stays as it was, even when it is made anew."""
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    spec = {"podManagementPolicy": "Parallel", "serviceName": "webs", "updateStrategy": rolling}
    tools.create(workload("StatefulSet", "web", replicas=3, **spec))
    tools.rolled_out("statefulset/web")
    tools.set_image("statefulset/web", "pause:2")
    assert "partitioned roll out complete: 1 new pods" in tools.rolled_out("statefulset/web")
    tools.replace_pod("web-0")
    found = {pod["metadata"]["name"]: pod for pod in tools.get("pods")}
    assert {name: pod["spec"]["containers"][0]["image"] for name, pod in found.items()} == {
        "web-0": "pause:1",
        "web-1": "pause:1",
        "web-2": "pause:2",
    }
    patch = '{"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0, "maxUnavailable": 2}}}}'
    tools.run("patch", "statefulset", "web", "-p", patch)
    tools.run("wait", "statefulset/web", "--for=jsonpath={.status.currentReplicas}=3", "--timeout=20s")
    assert tools.images("app=web") == ["pause:2"] * 3


def test_pods_keep_their_storage(tools: Tools) -> None:
    """A pod that is made anew finds what its predecessor has written; shrinking and deleting do as the policy says."""
    mounts = [{"name": "data", "mountPath": "/data"}]
    container = {"volumeMounts": mounts, "command": ["sh", "-c", "hostname >> /data/seen; exec sleep 3600"]}
    spec = {
        "serviceName": "webs",
        "template": template("web", "busybox", container=container, terminationGracePeriodSeconds=0),
        "volumeClaimTemplates": [claim_template("data")],
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"},
    }
    tools.create(workload("StatefulSet", "web", replicas=2, **spec))
    tools.rolled_out("statefulset/web")
    assert names(tools, "pvc") == ["data-web-0", "data-web-1"]
    tools.replace_pod("web-1")
    assert tools.run("exec", "web-1", "--", "cat", "/data/seen") == "web-1\nweb-1\n"

    tools.run("scale", "statefulset/web", "--replicas=1")
    tools.run("wait", "pod/web-1", "--for=delete", "--timeout=20s")
    assert names(tools, "pvc") == ["data-web-0", "data-web-1"]
    policy = '{"spec": {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}}'
    tools.run("patch", "statefulset", "web", "-p", policy)
    tools.run("scale", "statefulset/web", "--replicas=2")
    tools.rolled_out("statefulset/web")
    tools.run("scale", "statefulset/web", "--replicas=1")
    tools.run("wait", "pvc/data-web-1", "--for=delete", "--timeout=20s")
    tools.run("delete", "statefulset", "web")
    tools.run("wait", "pvc/data-web-0", "--for=delete", "--timeout=20s")


def test_a_broken_version_is_stopped_by_its_first_pod(tools: Tools) -> None:
    """The pods below go on; once the template is mended and the broken pod deleted, the update goes through."""
    tools.create(workload("StatefulSet", "web", replicas=2, serviceName="webs"))
    tools.rolled_out("statefulset/web")
    broken = '{"spec": {"template": {"metadata": {"annotations": {"kubemu.io/pull-error": "not found"}}}}}'
    tools.run("patch", "statefulset", "web", "-p", broken)
    tools.run("wait", "statefulset/web", "--for=jsonpath={.status.updatedReplicas}=1", "--timeout=20s")
    mended = '{"spec": {"template": {"metadata": {"annotations": null}}}}'
    tools.run("patch", "statefulset", "web", "-p", mended)
    tools.run("wait", "statefulset/web", "--for=jsonpath={.status.readyReplicas}=1", "--timeout=20s")
    assert names(tools, "pods") == ["web-0", "web-1"]
    tools.replace_pod("web-1")
    tools.rolled_out("statefulset/web")
