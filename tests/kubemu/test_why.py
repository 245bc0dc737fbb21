"""The scheduler's decisions as a person reads them."""

import io
import random
from typing import Any

import orjson
import pytest
from rich.console import Console

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from kubemu.why import show
from scheduler.debug import woken_by
from scheduler.framework.interface import Handle
from scheduler.framework.node_table import NodeTable
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.queue import QueuedPodView
from scheduler.scheduling import schedule_one
from tests.scheduler.builders import PodBuilder, make_node, make_pod, table

UNSCHEDULABLE = QueuedPodView("unschedulable", 1, 290.0, "")


def page_of(pod: PodBuilder, nodes: NodeTable, waiting: QueuedPodView | None = None) -> dict[str, Any]:
    """What the scheduler's page says after one cycle."""
    framework = Framework(default_profile(), in_tree_registry(), Handle(Client("http://127.0.0.1:1")))
    queued = QueuedPod(pod.info(), 0.0, attempts=1)
    decision = schedule_one(framework, nodes, queued, rng=random.Random(1), clock=ManualClock()).decision
    by_plugin = woken_by(decision, framework.interests)
    shown = {
        "decisions": [decision.to_dict()],
        "kept": 1,
        "queue": None if waiting is None else waiting.to_dict(),
        "wakesOn": sorted({event for events in by_plugin.values() for event in events}),
        "interests": by_plugin,
    }
    read: dict[str, Any] = orjson.loads(orjson.dumps(shown))
    return read


def text(page: dict[str, Any], limit: int = 0) -> list[str]:
    out = io.StringIO()
    show(page, Console(file=out, width=200), limit=limit)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def three_nodes() -> NodeTable:
    return table(
        make_node("busy"),
        make_node("idle"),
        make_node("shut").cordoned(),
        pods=(make_pod("other").requests(cpu="2", memory="4Gi").node("busy"),),
    )


def test_a_pod_that_was_placed() -> None:
    """S12: the whole decision can be read."""
    lines = text(page_of(make_pod().requests(cpu="1", memory="2Gi"), three_nodes()))
    assert lines[0].startswith("Pod default/pod goes to node idle (attempt 1, ")
    assert lines[1].startswith("2 of 3 nodes fit; it has the best score, ")
    assert lines[2].split()[:3] == ["NODE", "VERDICT", "SCORE"]
    assert "NodeResourcesFit" in lines[2]
    assert lines[3].startswith("idle chosen ")
    assert lines[4].startswith("busy fits ")
    assert lines[5] == "shut excluded NodeUnschedulable: node(s) were unschedulable (preemption cannot help)"
    assert lines[6].startswith("Decided by default-scheduler in ")


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        pytest.param(("a",), "It is the only one that fits, of 1.", id="only one"),
        pytest.param(("a", "b"), "2 of 2 nodes fit; 2 of them have the best score, ", id="a tie"),
    ],
)
def test_how_it_was_chosen(nodes: tuple[str, ...], said: str) -> None:
    assert text(page_of(make_pod(), table(*(make_node(name) for name in nodes))))[1].startswith(said)


@pytest.mark.parametrize(
    ("ties", "said"),
    [
        pytest.param(1, "2 of 2 nodes fit; it had been promised this one.", id="a promise"),
        pytest.param(2, "2 of 2 nodes fit, and no plugin scored them: one was drawn at random.", id="no scores at all"),
    ],
)
def test_a_choice_without_scores(ties: int, said: str) -> None:
    page = page_of(make_pod(), table(make_node("a"), make_node("b")))
    page["decisions"][0]["ties"] = ties
    for node in page["decisions"][0]["nodes"]:
        del node["scores"], node["total"]
    assert text(page)[1] == said


def test_a_pod_that_plugins_hold() -> None:
    page = page_of(make_pod(), table(make_node("a")))
    page["decisions"][0]["binding"] = {"state": "waiting", "message": ""}
    assert text(page)[2] == "It is held until plugins permit its binding."


def test_a_pod_that_was_turned_back() -> None:
    page = page_of(make_pod(), table(make_node("a")), UNSCHEDULABLE)
    page["decisions"][0]["binding"] = {"state": "failed", "message": "0/1 nodes are available: 1 nothing to set aside."}
    page["interests"] = {"Custom": ["Node/UPDATE_NODE_LABEL"]}
    lines = text(page)
    assert lines[0].startswith("Pod default/pod was to go to node a (")
    assert lines[1] == "0/1 nodes are available: 1 nothing to set aside."
    assert lines[-2] == "Custom: Node/UPDATE_NODE_LABEL"


def test_a_pod_that_waits() -> None:
    """S11: each node's reasons; S10: and the events that would have it tried again."""
    nodes = table(make_node("small").capacity(cpu="1", memory="1Gi", pods="1"), make_node("full"))
    nodes.add_pod("full", make_pod("other").requests(cpu="4").node("full").info())
    lines = text(page_of(make_pod().requests(cpu="2"), nodes, UNSCHEDULABLE))
    assert lines[1].startswith("0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: ")
    assert "full excluded NodeResourcesFit: Insufficient cpu" in lines
    assert "small excluded NodeResourcesFit: Insufficient cpu (preemption cannot help)" in lines
    assert lines[-2].startswith("NodeResourcesFit: AssignedPod/DELETE")
    assert lines[-1] == "Nothing of that: it is tried again in 290 s."


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        pytest.param(None, "It is not waiting any more", id="gone"),
        pytest.param(
            QueuedPodView("backoff", 1, 1.25, ""),
            "Something has changed since: it is tried again in 1.2 s.",
            id="rest",
        ),
        pytest.param(QueuedPodView("active", 1, None, ""), "It is about to be tried.", id="active"),
        pytest.param(QueuedPodView("in flight", 2, None, ""), "It is being tried", id="in flight"),
    ],
)
def test_where_a_pod_waits(waiting: QueuedPodView | None, said: str) -> None:
    assert text(page_of(make_pod(), NodeTable(), waiting))[-1].startswith(said)


def test_a_pod_that_was_never_tried() -> None:
    gated = QueuedPodView("gated", 0, None, "waiting for scheduling gates: [g]")
    page = {"decisions": [], "kept": 0, "queue": gated.to_dict(), "wakesOn": [], "interests": {}}
    assert text(page) == ["It is not tried: waiting for scheduling gates: [g]."]


def test_many_nodes_are_cut_short_with_the_best_first() -> None:
    nodes = table(*(make_node(f"n{number}").cordoned() for number in range(30)), make_node("z"), make_node("y"))
    lines = text(page_of(make_pod(), nodes), limit=3)
    names = [line.split()[0] for line in lines[3:6]]
    assert set(names[:2]) == {"y", "z"}
    assert lines[6] == "29 more nodes: --limit 0 shows them all"
