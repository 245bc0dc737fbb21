"""One decision: which node, why not the others, and in which words."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apimachinery.clock import ManualClock
from kubeclient.client import Client
from scheduler.decision import Decision
from scheduler.framework.interface import Handle
from scheduler.framework.node_table import NodeTable
from scheduler.framework.queued_pod import QueuedPod
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile
from scheduler.scheduling import schedule_one
from tests.scheduler import reference, reference_topology, strategies
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table, term


def framework() -> Framework:
    return Framework(default_profile(), in_tree_registry(), Handle(Client("http://127.0.0.1:1")))


def decide(pod: PodBuilder, nodes: NodeTable, seed: int = 1) -> Decision:
    queued = QueuedPod(pod.info(), 0.0, attempts=1)
    return schedule_one(framework(), nodes, queued, rng=random.Random(seed), clock=ManualClock()).decision


def reasons(decision: Decision) -> dict[str, set[str]]:
    """Each node's reasons, nothing for those that passed."""
    return {node["name"]: set(node.get("reasons", ())) for node in decision.to_dict()["nodes"]}


class TestChoice:
    def test_the_least_loaded_node_wins(self) -> None:
        """S12: prefer the least loaded node."""
        nodes = table(
            make_node("busy"), make_node("idle"), pods=(make_pod("other").requests(cpu="2", memory="4Gi").node("busy"),)
        )
        assert decide(make_pod().requests(cpu="1", memory="2Gi"), nodes).winner == "idle"

    def test_replicas_of_one_controller_go_apart(self) -> None:
        """S12: spread the replicas of a ReplicaSet."""
        nodes = table(make_node("a"), make_node("b"), make_node("c"))
        winners = []
        for number in range(6):
            pod = make_pod(f"web-{number}").requests(cpu="100m", memory="100Mi").controller("web")
            winner = decide(pod, nodes, seed=number).winner
            nodes.add_pod(winner, pod.node(winner).info())
            winners.append(winner)
        assert sorted(winners[:3]) == ["a", "b", "c"]
        assert sorted(winners[3:]) == ["a", "b", "c"]

    def test_replicas_of_another_controller_do_not_count(self) -> None:
        nodes = table(make_node("a"), make_node("b"), pods=(make_pod("db").controller("db").node("a"),))
        decision = decide(make_pod().controller("web"), nodes)
        assert "ReplicaSpread" not in {entry.plugin for entry in decision.scores}

    def test_a_seed_gives_the_same_choice_among_equals(self) -> None:
        nodes = table(*(make_node(f"n{number}") for number in range(20)))
        chosen = {decide(make_pod(), nodes, seed=7).winner for _ in range(5)}
        others = {decide(make_pod(), nodes, seed=seed).winner for seed in range(20)}
        assert len(chosen) == 1
        assert len(others) > 5

    def test_ties_are_counted(self) -> None:
        decision = decide(make_pod(), table(make_node("a"), make_node("b"), make_node("c").cordoned()))
        assert decision.ties == 2

    def test_a_single_feasible_node_is_not_scored(self) -> None:
        decision = decide(make_pod(), table(make_node("a"), make_node("b").cordoned()))
        assert (decision.winner, decision.scores) == ("a", ())


def not_helpful(count: int) -> str:
    return f"preemption: 0/{count} nodes are available: {count} Preemption is not helpful for scheduling."


class TestMessage:
    """The words of upstream's FailedScheduling events (v1.36)."""

    def test_counts_nodes_by_reason(self) -> None:
        """S11: nodes that do not fit are excluded by resources and other rules."""
        nodes = table(
            make_node("a").taint("dedicated", "gpu"),
            make_node("b").capacity(cpu="1", memory="8Gi", pods="10"),
            make_node("c").capacity(cpu="1", memory="1Gi", pods="10"),
        )
        decision = decide(make_pod().requests(cpu="2", memory="2Gi"), nodes)
        assert decision.message == (
            "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
            + not_helpful(3)
        )
        assert decision.rejected_by == {"TaintToleration", "NodeResourcesFit"}

    def test_no_nodes(self) -> None:
        decision = decide(make_pod(), NodeTable())
        assert decision.message == "no nodes available to schedule pods"
        assert "NodeResourcesFit" in decision.rejected_by
        assert decision.winner == ""

    def test_conflicting_terms(self) -> None:
        one, other = ("metadata.name", "In", ["a"]), ("metadata.name", "In", ["b"])
        pod = make_pod().required(term(fields=(one, other)))
        decision = decide(pod, table(make_node("a"), make_node("b")))
        assert decision.message == f"0/2 nodes are available: pod affinity terms conflict. {not_helpful(2)}"
        assert decision.rejected_by == {"NodeAffinity"}

    def test_nodes_left_out_by_name(self) -> None:
        pod = make_pod().required(term(fields=(("metadata.name", "In", ["a"]),))).requests(cpu="100")
        decision = decide(pod, table(make_node("a"), make_node("b"), make_node("c")))
        assert decision.message == (
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
            + not_helpful(3)
        )

    def test_the_named_node_is_not_there(self) -> None:
        pod = make_pod().required(term(fields=(("metadata.name", "In", ["z"]),)))
        decision = decide(pod, table(make_node("a"), make_node("b")))
        assert decision.message == (
            f"0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. {not_helpful(2)}"
        )

    def test_a_winner_needs_no_message(self) -> None:
        decision = decide(make_pod(), table(make_node("a")))
        assert (decision.message, decision.rejected_by) == ("", frozenset())


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[NodeBuilder], dict[str, list[PodBuilder]]]:
    names = strategies.NODE_NAMES[: draw(st.integers(1, len(strategies.NODE_NAMES)))]
    nodes = [draw(strategies.nodes(name)) for name in names]
    on = {
        name: [draw(strategies.pods(f"{name}-{number}")).node(name) for number in range(draw(st.integers(0, 2)))]
        for name in names
    }
    return nodes, on


def total_above_least(decision: Decision) -> Mapping[str, int]:
    found: dict[str, Any] = {node["name"]: node["total"] for node in decision.to_dict()["nodes"] if "total" in node}
    least = min(found.values())
    return {name: total - least for name, total in found.items()}


@settings(max_examples=100, deadline=None)
@given(clusters(), strategies.pods("new"))
def test_vectors_agree_with_plain_rules(
    cluster: tuple[list[NodeBuilder], dict[str, list[PodBuilder]]], pod: PodBuilder
) -> None:
    """S11, S12: verdicts and scores are those of the rules applied node by node."""
    builders, on = cluster
    nodes = table(*builders, pods=tuple(pod for pods in on.values() for pod in pods))
    decision = decide(pod, nodes)
    wire = [
        (builder.obj().model_dump(by_alias=True), [other.dict() for other in on[builder.info().name]])
        for builder in builders
    ]
    expected = {node["metadata"]["name"]: reference.rejection(pod.dict(), node, others) for node, others in wire}
    assert reasons(decision) == expected
    feasible = [entry for entry in wire if not expected[entry[0]["metadata"]["name"]]]
    assert bool(decision.winner) == bool(feasible)
    if len(feasible) > 1:
        wanted = reference.totals(pod.dict(), feasible)
        assert total_above_least(decision) == wanted
        assert wanted[decision.winner] == max(wanted.values())


@st.composite
def social_clusters(draw: st.DrawFn) -> tuple[list[NodeBuilder], dict[str, list[PodBuilder]]]:
    """Clusters of nodes that reject little by themselves, with more pods that look at one another."""
    names = strategies.NODE_NAMES[: draw(st.integers(1, len(strategies.NODE_NAMES)))]
    nodes = [draw(strategies.nodes(name)).capacity(cpu="8", memory="8Gi", pods="10", gpu="9") for name in names]
    on = {
        name: [draw(strategies.social_pods(f"{name}-{number}")).node(name) for number in range(draw(st.integers(0, 3)))]
        for name in names
    }
    return nodes, on


@settings(max_examples=50, deadline=None)
@given(social_clusters(), strategies.social_pods("new"))
def test_counts_agree_with_plain_rules(
    cluster: tuple[list[NodeBuilder], dict[str, list[PodBuilder]]], pod: PodBuilder
) -> None:
    """S11, S12: topology spread and affinity to pods are those of the rules applied pod by pod."""
    builders, on = cluster
    nodes = table(*builders, pods=tuple(pod for pods in on.values() for pod in pods))
    for name, labels in strategies.NAMESPACES.items():
        nodes.pods.set_namespace(name, labels)
    decision = decide(pod, nodes)
    wire = [
        (builder.obj().model_dump(by_alias=True), [other.dict() for other in on[builder.info().name]])
        for builder in builders
    ]
    expected = {
        node["metadata"]["name"]: reference.rejection(pod.dict(), node, others)
        or reference_topology.spread_rejection(pod.dict(), node, wire)
        or reference_topology.affinity_rejection(pod.dict(), node, wire, strategies.NAMESPACES)
        for node, others in wire
    }
    assert reasons(decision) == expected
    feasible = [entry for entry in wire if not expected[entry[0]["metadata"]["name"]]]
    if len(feasible) > 1:
        more = [(reference_topology.affinity_scores(pod.dict(), feasible, wire, strategies.NAMESPACES), 2)]
        spread = reference_topology.spread_scores(pod.dict(), feasible, wire)
        if spread is not None:
            more.append((spread, 2))
        assert total_above_least(decision) == reference.totals(pod.dict(), feasible, more)


@pytest.mark.parametrize("nodes", [1, 17, 300])
def test_feasible_marks_the_nodes_that_passed(nodes: int) -> None:
    builders = [make_node(f"n{number}") for number in range(nodes)]
    for builder in builders[::3]:
        builder.cordoned()
    decision = decide(make_pod(), table(*builders))
    assert np.flatnonzero(~decision.mask(decision.feasible)).tolist() == list(range(0, nodes, 3))
