"""What is told of a cluster."""

from typing import Any

import pytest

from apimachinery.types.core import Event, Node
from apimachinery.types.pod import Pod
from kubemu.up.picture import Picture, PodLine, pod_status


def pod(name: str = "web", *, status: dict[str, Any] | None = None, **metadata: Any) -> Pod:
    return Pod.model_validate({
        "metadata": {"name": name, "namespace": "shop", **metadata},
        "spec": {"nodeName": "node-0", "containers": [{"name": "a", "image": "b"}]},
        "status": status
        or {"phase": "Running", "podIP": "127.2.0.2", "containerStatuses": [container({"running": {}})]},
    })


def container(state: dict[str, Any], **rest: Any) -> dict[str, Any]:
    ready = "running" in state
    return {"name": "a", "image": "b", "imageID": "", "ready": ready, "restartCount": 0, "state": state, **rest}


def node(ready: str) -> Node:
    return Node.model_validate({
        "metadata": {"name": "node-0"},
        "status": {"conditions": [{"type": "Ready", "status": ready}]},
    })


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        pytest.param(pod(), "Running", id="running"),
        pytest.param(pod(status={"phase": ""}), "Pending", id="nothing known"),
        pytest.param(
            pod(
                status={
                    "phase": "Running",
                    "containerStatuses": [container({"waiting": {"reason": "CrashLoopBackOff"}})],
                }
            ),
            "CrashLoopBackOff",
            id="waiting",
        ),
        pytest.param(
            pod(status={"phase": "Failed", "containerStatuses": [container({"terminated": {"exitCode": 3}})]}),
            "Error",
            id="ended badly",
        ),
        pytest.param(pod(status={"phase": "Failed", "reason": "Evicted"}), "Evicted", id="with a reason"),
        pytest.param(pod(deletionTimestamp="2026-01-01T00:00:00Z"), "Terminating", id="on its way out"),
    ],
)
def test_a_pods_status_in_a_word(shown: Pod, status: str) -> None:
    assert pod_status(shown) == status


def test_a_pods_changes_are_told_once() -> None:
    picture = Picture()
    assert picture.see_pod(None, pod()) == "pod shop/web: Running, 1/1 ready on node-0 (127.2.0.2)"
    assert picture.see_pod(pod(), pod()) == ""
    assert picture.summary() == "0 of 0 nodes ready, 1 of 1 pods running"
    assert picture.see_pod(pod(), None) == "pod shop/web: gone"
    assert picture.summary() == "0 of 0 nodes ready, 0 of 0 pods running"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(PodLine("a/b", "0/1", "Pending", 0, "", ""), "pod a/b: Pending, 0/1 ready", id="nowhere"),
        pytest.param(
            PodLine("a/b", "1/1", "Running", 1, "n", "127.2.0.2"),
            "pod a/b: Running, 1/1 ready, 1 restart on n (127.2.0.2)",
            id="once more",
        ),
        pytest.param(
            PodLine("a/b", "0/1", "Error", 2, "n", ""),
            "pod a/b: Error, 0/1 ready, 2 restarts on n",
            id="again and again",
        ),
    ],
)
def test_a_pods_line(line: PodLine, told: str) -> None:
    assert str(line) == told


def test_a_nodes_changes_are_told_once() -> None:
    picture = Picture()
    told = [picture.see_node(None, node(ready)) for ready in ("False", "False", "True", "True")]
    assert told == ["node node-0: NotReady", "", "node node-0: Ready", ""]
    assert picture.see_node(node("True"), None) == "node node-0: gone"
    assert picture.changes == 3


@pytest.mark.parametrize(("reason", "told"), [("Pulled", ""), ("BackOff", "pod shop/web: BackOff: again")])
def test_events_that_say_something_new_are_told(reason: str, told: str) -> None:
    event = Event.model_validate({
        "metadata": {"name": "e", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web"},
        "reason": reason,
        "message": "again",
    })
    assert Picture().hear_event(None, event) == told


def test_a_short_table_has_what_is_wrong() -> None:
    picture = Picture()
    for name in ("a", "b", "c"):
        picture.see_pod(None, pod(name))
    picture.see_pod(None, pod("z", status={"phase": "Pending"}))
    assert [line.name for line in picture.shown_pods(2)] == ["shop/z", "shop/a"]
