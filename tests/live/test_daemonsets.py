"""DaemonSets with all components, used as the documentation of DaemonSets does."""

from collections.abc import Iterator

import pytest

from tests.live.addresses import own_range
from tests.live.processes import Cluster, require_kubectl
from tests.live.workloads import Tools, template, workload, workload_cluster


@pytest.fixture(scope="module")
def workloads() -> Iterator[Cluster]:
    require_kubectl()
    yield from workload_cluster(2, own_range(24))


def nodes_of(tools: Tools) -> list[str]:
    pods = tools.get("pods", "-l", "app=agent")
    return sorted(pod["spec"]["nodeName"] for pod in pods if "deletionTimestamp" not in pod["metadata"])


def test_rolled_out_updated_and_undone(tools: Tools) -> None:
    """S28: revisions are kept, and one can go back to each of them."""
    tools.create(workload("DaemonSet", "agent"))
    assert tools.rolled_out("daemonset/agent").endswith('daemon set "agent" successfully rolled out\n')
    assert nodes_of(tools) == ["node-1", "node-2"]
    assert tools.run("get", "daemonset", "agent", "--no-headers").split()[1:6] == ["2"] * 5

    tools.set_image("daemonset/agent", "pause:2")
    tools.rolled_out("daemonset/agent")
    assert tools.images("app=agent") == ["pause:2"] * 2
    history = tools.run("rollout", "history", "daemonset/agent").split()
    assert [word for word in history if word.isdigit()] == ["1", "2"]
    assert "pause:1" in tools.run("rollout", "history", "daemonset/agent", "--revision=1")
    assert tools.run("rollout", "undo", "daemonset/agent") == "daemonset.apps/agent rolled back\n"
    tools.rolled_out("daemonset/agent")
    assert tools.images("app=agent") == ["pause:1"] * 2
    revisions = tools.get("controllerrevisions")
    assert sorted(found["revision"] for found in revisions) == [2, 3]


def test_surge_and_restart(tools: Tools) -> None:
    """No old pod is stopped before the new one on its node is ready."""
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    tools.create(workload("DaemonSet", "agent", updateStrategy=rolling))
    tools.rolled_out("daemonset/agent")
    old = {pod["metadata"]["name"] for pod in tools.get("pods")}
    columns = "custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,GOING:.metadata.deletionTimestamp,"
    ready = "READY:.status.conditions[?(@.type=='Ready')].status"
    watch = tools.kubectl.start("get", "pods", "--watch", "--no-headers", "-o", columns + ready)
    watch.wait_for_line("True", stream="stdout", count=2)
    tools.run("rollout", "restart", "daemonset/agent")
    tools.rolled_out("daemonset/agent")
    watch.kill()
    served: set[str] = set()
    for name, node, going, is_ready in (line.split() for line in watch.stdout):
        if name in old and going != "<none>":
            assert node in served, watch.output()
        elif name not in old and is_ready == "True":
            served.add(node)
    assert served == {"node-1", "node-2"}


def test_only_on_delete(tools: Tools) -> None:
    tools.create(workload("DaemonSet", "agent", updateStrategy={"type": "OnDelete"}))
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberReady}=2", "--timeout=20s")
    tools.set_image("daemonset/agent", "pause:2")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.observedGeneration}=2", "--timeout=20s")
    assert tools.images("app=agent") == ["pause:1"] * 2
    (first, _) = tools.get("pods")
    tools.run("delete", "pod", first["metadata"]["name"])
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.updatedNumberScheduled}=1", "--timeout=20s")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberReady}=2", "--timeout=20s")
    assert tools.images("app=agent") == ["pause:1", "pause:2"]


def test_nodes_are_labelled_tainted_and_cordoned(tools: Tools) -> None:
    tools.create(workload("DaemonSet", "agent", template=template("agent", nodeSelector={"disk": "ssd"})))
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.observedGeneration}=1", "--timeout=20s")
    assert nodes_of(tools) == []
    tools.run("cordon", "node-1")
    tools.run("label", "node", "node-1", "disk=ssd")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberReady}=1", "--timeout=20s")
    assert nodes_of(tools) == ["node-1"]
    tools.run("taint", "node", "node-1", "gone=yes:NoSchedule")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberMisscheduled}=1", "--timeout=20s")
    tools.run("taint", "node", "node-1", "gone=yes:NoExecute")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberMisscheduled}=0", "--timeout=20s")
    assert nodes_of(tools) == []
    tools.run("taint", "node", "node-1", "gone-")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberReady}=1", "--timeout=20s")
    tools.run("uncordon", "node-1")
    tools.run("label", "node", "node-1", "disk-")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.desiredNumberScheduled}=0", "--timeout=20s")


def test_a_node_that_comes_gets_its_pod_and_failed_ones_are_replaced(tools: Tools, workloads: Cluster) -> None:
    tools.create(workload("DaemonSet", "agent"))
    tools.rolled_out("daemonset/agent")
    workloads.start("kubelet", "--node-name", "node-3")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberReady}=3", "--timeout=20s")
    assert nodes_of(tools) == ["node-1", "node-2", "node-3"]
    (victim,) = [pod for pod in tools.get("pods") if pod["spec"]["nodeName"] == "node-3"]
    name = victim["metadata"]["name"]
    failed = '{"status": {"phase": "Failed"}}'
    tools.run("patch", "pod", name, "--subresource=status", "--type=merge", "-p", failed)
    tools.run("wait", f"pod/{name}", "--for=delete", "--timeout=20s")
    tools.run("wait", "daemonset/agent", "--for=jsonpath={.status.numberReady}=3", "--timeout=20s")
    told = tools.run("get", "events", "--field-selector=reason=FailedDaemonPod")
    assert f"Found failed daemon pod {tools.namespace}/{name} on node node-3, will try to kill it" in told
