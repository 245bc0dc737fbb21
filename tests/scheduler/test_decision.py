"""A decision as it is read: S12, the whole decision can be read afterwards."""

import random

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from scheduler.debug import woken_by
from scheduler.framework.interface import Handle
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.scheduling import schedule_one
from tests.scheduler.builders import make_node, make_pod, table

FRAMEWORK = Framework(default_profile(), in_tree_registry(), Handle(Client("http://127.0.0.1:1")))


def test_every_node_is_accounted_for() -> None:
    """S12."""
    nodes = table(
        make_node("idle"),
        make_node("busy"),
        make_node("small").capacity(cpu="1", memory="1Gi", pods="10"),
        make_node("cordoned").cordoned(),
        pods=(make_pod("other").requests(cpu="2", memory="4Gi").controller("web").node("busy"),),
    )
    pod = make_pod().requests(cpu="2", memory="4Gi").controller("web").info()
    found = schedule_one(
        FRAMEWORK, nodes, QueuedPod(pod, 0.0, attempts=3), rng=random.Random(1), clock=ManualClock()
    ).decision.to_dict()
    assert found | {"durations": None} == {
        "namespace": "default",
        "pod": "pod",
        "uid": "uid-pod",
        "schedulerName": "default-scheduler",
        "attempt": 3,
        "time": "2026-01-01T00:00:00.000000Z",
        "node": "idle",
        "ties": 1,
        "message": "",
        "error": False,
        "preemption": "",
        "nominatedNode": None,
        "binding": {"state": "", "message": ""},
        "rejectedBy": [],
        "durations": None,
        "nodes": [
            {
                "name": "idle",
                "scores": {
                    "NodeResourcesFit": {"raw": 50, "normalized": 50, "weighted": 50},
                    "NodeResourcesBalancedAllocation": {"raw": 100, "normalized": 100, "weighted": 100},
                    "ReplicaSpread": {"raw": 0, "normalized": 100, "weighted": 100},
                },
                "total": 250,
            },
            {
                "name": "busy",
                "scores": {
                    "NodeResourcesFit": {"raw": 0, "normalized": 0, "weighted": 0},
                    "NodeResourcesBalancedAllocation": {"raw": 100, "normalized": 100, "weighted": 100},
                    "ReplicaSpread": {"raw": 1, "normalized": 0, "weighted": 0},
                },
                "total": 100,
            },
            {
                "name": "small",
                "rejectedBy": ["NodeResourcesFit"],
                "reasons": ["Insufficient cpu", "Insufficient memory"],
                "code": "UnschedulableAndUnresolvable",
            },
            {
                "name": "cordoned",
                "rejectedBy": ["NodeUnschedulable"],
                "reasons": ["node(s) were unschedulable"],
                "code": "UnschedulableAndUnresolvable",
            },
        ],
    }


def test_a_decision_outlives_the_nodes_it_was_about() -> None:
    nodes = table(make_node("a"), make_node("b").cordoned())
    decision = schedule_one(
        FRAMEWORK, nodes, QueuedPod(make_pod().info(), 0.0), rng=random.Random(1), clock=ManualClock()
    ).decision
    before = decision.to_dict()
    nodes.remove_node("a")
    nodes.update_node(make_node("b").info())
    assert decision.to_dict() == before


def test_tells_what_would_wake_the_pod() -> None:
    decision = schedule_one(
        FRAMEWORK,
        table(make_node("a")),
        QueuedPod(make_pod().selector(disk="ssd").info(), 0.0),
        rng=random.Random(1),
        clock=ManualClock(),
    ).decision
    assert woken_by(decision, FRAMEWORK.interests) == {"NodeAffinity": ["Node/ADD", "Node/UPDATE_NODE_LABEL"]}
