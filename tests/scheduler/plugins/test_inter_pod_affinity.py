"""Affinity and anti-affinity to pods, case by case as the API reference tells them (v1.36)."""

from typing import Any

import pytest

from kubeclient.client import Client
from scheduler.config.args import InterPodAffinityArgs
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.hints import QueueingHint
from scheduler.framework.interface import Handle
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import Code
from scheduler.plugins.inter_pod_affinity import InterPodAffinity, new
from tests.scheduler.builders import (
    EVERYTHING,
    HOST,
    ZONE,
    NodeBuilder,
    PodBuilder,
    labelled,
    make_node,
    make_pod,
    near,
    table,
)
from tests.scheduler.plugins.verdicts import HARD, SOFT, fits, rejected, scores

FAR = "node(s) didn't match pod affinity rules"
CLOSE = "node(s) didn't match pod anti-affinity rules"
UNWANTED = "node(s) didn't satisfy existing pods anti-affinity rules"

WEB, DB = labelled(app="web"), labelled(app="db")
ALL = ["a1", "a2", "b1", "b2"]


def plugin(**args: Any) -> InterPodAffinity:
    return InterPodAffinity(InterPodAffinityArgs(**args))


def pod(app: str = "web", name: str = "pod") -> PodBuilder:
    return make_pod(name).labels(app=app)


def nodes() -> tuple[NodeBuilder, ...]:
    """Two zones of two nodes each."""
    return tuple(make_node(f"{zone}{number}").zone(zone) for zone in "ab" for number in (1, 2))


def cluster(*pods: PodBuilder) -> NodeTable:
    found = table(*nodes(), pods=pods)
    found.pods.set_namespace("default", {"team": "one"})
    found.pods.set_namespace("other", {"team": "two"})
    return found


class TestAffinity:
    @pytest.mark.parametrize(
        ("wanting", "expected"),
        [
            pytest.param(pod().affinity(near(ZONE, DB)), ["a1", "a2"], id="same-zone"),
            pytest.param(pod().affinity(near(HOST, DB)), ["a1"], id="same-host"),
            pytest.param(pod().affinity(near(ZONE, EVERYTHING)), ["a1", "a2"], id="empty-selector-is-any-pod"),
            pytest.param(pod().affinity(near(ZONE)), [], id="no-selector-is-no-pod"),
            pytest.param(pod().affinity(near(ZONE, labelled(app="none"))), [], id="nobody-there"),
            pytest.param(pod().affinity(near("rack", DB)), [], id="no-node-has-the-label"),
            pytest.param(pod().affinity(near(ZONE, DB), near(HOST, DB)), ["a1"], id="all-terms-hold"),
            pytest.param(
                pod().affinity(near(ZONE, DB), near(ZONE, labelled(tier="back"))), [], id="one-pod-must-match-all-terms"
            ),
            pytest.param(pod().affinity(near(ZONE, DB, namespaces=["other"])), [], id="other-namespace"),
            pytest.param(
                pod().affinity(near(ZONE, DB, namespaces=["other", "default"])), ["a1", "a2"], id="named-namespaces"
            ),
            pytest.param(
                pod().affinity(near(ZONE, DB, namespaceSelector=labelled(team="one"))), ["a1", "a2"], id="by-its-labels"
            ),
            pytest.param(
                pod().affinity(near(ZONE, DB, namespaceSelector=labelled(team="two"))), [], id="not-by-its-labels"
            ),
            pytest.param(
                pod().namespace("other").affinity(near(ZONE, DB, namespaceSelector=EVERYTHING)),
                ["a1", "a2"],
                id="empty-namespace-selector-is-all",
            ),
            pytest.param(pod().namespace("other").affinity(near(ZONE, DB)), [], id="without-either-its-own-namespace"),
            pytest.param(
                pod()
                .namespace("other")
                .affinity(near(ZONE, DB, namespaces=["default"], namespaceSelector=labelled(team="none"))),
                ["a1", "a2"],
                id="named-or-selected",
            ),
        ],
    )
    def test_where_the_others_are(self, wanting: PodBuilder, expected: list[str]) -> None:
        assert fits(plugin(), wanting, cluster(pod("db", "db").node("a1"))) == expected

    def test_the_first_of_a_group_may_go_anywhere(self) -> None:
        assert fits(plugin(), pod().affinity(near(ZONE, WEB)), cluster()) == ALL

    def test_but_not_where_a_label_is_missing(self) -> None:
        found = table(*nodes(), make_node("bare"))
        assert fits(plugin(), pod().affinity(near(ZONE, WEB)), found) == ALL

    def test_the_second_goes_to_the_first(self) -> None:
        group = pod().affinity(near(ZONE, WEB))
        assert fits(plugin(), group, cluster(pod(name="first").affinity(near(ZONE, WEB)).node("b1"))) == ["b1", "b2"]

    def test_a_member_on_a_node_without_the_label_is_nowhere(self) -> None:
        found = table(*nodes(), make_node("bare"), pods=(pod(name="first").node("bare"),))
        assert fits(plugin(), pod().affinity(near(ZONE, WEB)), found) == ALL

    def test_a_pod_that_does_not_match_itself_is_not_the_first(self) -> None:
        assert fits(plugin(), pod("db").affinity(near(ZONE, WEB)), cluster()) == []

    def test_pods_that_are_going_still_count(self) -> None:
        going = pod("db", "db").deleting().node("a1")
        assert fits(plugin(), pod().affinity(near(ZONE, DB)), cluster(going)) == ["a1", "a2"]

    def test_reasons(self) -> None:
        found = rejected(plugin(), pod().affinity(near(HOST, DB)), cluster(pod("db", "db").node("a1")))
        assert found == {name: [(FAR, HARD)] for name in ("a2", "b1", "b2")}


class TestAntiAffinity:
    @pytest.mark.parametrize(
        ("shy", "expected"),
        [
            pytest.param(pod().affinity(near(ZONE, DB), anti=True), ["b1", "b2"], id="zone"),
            pytest.param(pod().affinity(near(HOST, DB), anti=True), ["a2", "b1", "b2"], id="host"),
            pytest.param(pod().affinity(near("rack", DB), anti=True), ALL, id="no-node-has-the-label"),
            pytest.param(pod().affinity(near(ZONE), anti=True), ALL, id="no-selector-is-no-pod"),
            pytest.param(
                pod().affinity(near(HOST, DB), near(ZONE, labelled(app="x")), anti=True),
                ["a2", "b1", "b2"],
                id="each-term-by-itself",
            ),
            pytest.param(pod().namespace("other").affinity(near(ZONE, DB), anti=True), ALL, id="other-namespace"),
        ],
    )
    def test_away_from_others(self, shy: PodBuilder, expected: list[str]) -> None:
        assert fits(plugin(), shy, cluster(pod("db", "db").node("a1"))) == expected

    def test_reasons(self) -> None:
        found = cluster(pod("db", "db").node("a1"), pod("x", "shy").affinity(near(ZONE, WEB), anti=True).node("b1"))
        shy = pod().affinity(near(HOST, DB), anti=True)
        assert rejected(plugin(), shy, found) == {
            "a1": [(CLOSE, SOFT)],
            "b1": [(UNWANTED, SOFT)],
            "b2": [(UNWANTED, SOFT)],
        }

    def test_one_reason_for_each_node(self) -> None:
        shy = pod().affinity(near(HOST, WEB), anti=True)
        found = rejected(plugin(), shy, cluster(pod(name="first").affinity(near(HOST, WEB), anti=True).node("a1")))
        assert found == {"a1": [(CLOSE, SOFT)]}

    @pytest.mark.parametrize(
        ("term", "expected"),
        [
            pytest.param(near(ZONE, WEB), ["b1", "b2"], id="zone"),
            pytest.param(near(HOST, WEB), ["a2", "b1", "b2"], id="host"),
            pytest.param(near(ZONE, DB), ALL, id="does-not-mean-the-pod"),
            pytest.param(near(ZONE, WEB, namespaces=["other"]), ALL, id="means-another-namespace"),
            pytest.param(near(ZONE, WEB, namespaceSelector=labelled(team="one")), ["b1", "b2"], id="by-its-labels"),
        ],
    )
    def test_pods_that_are_there_keep_others_away(self, term: dict[str, Any], expected: list[str]) -> None:
        shy = pod("db", "shy").affinity(term, anti=True).node("a1")
        assert fits(plugin(), pod(), cluster(shy)) == expected

    def test_they_do_no_longer_when_gone(self) -> None:
        shy, found = pod("db", "shy").affinity(near(ZONE, WEB), anti=True).node("a1"), cluster()
        assert fits(plugin(), pod(), found) == ALL
        found.add_pod("a1", shy.info())
        found.add_pod("a2", shy.info())
        assert fits(plugin(), pod(), found) == ["b1", "b2"]
        found.remove_pod("a1", shy.info())
        assert fits(plugin(), pod(), found) == ["b1", "b2"]
        found.remove_pod("a2", shy.info())
        assert fits(plugin(), pod(), found) == ALL
        found.add_pod("b1", shy.info())
        assert fits(plugin(), pod(), found) == ["a1", "a2"]

    def test_a_namespace_whose_labels_change(self) -> None:
        found = cluster(pod("db", "db").node("a1"))
        shy = pod().affinity(near(ZONE, DB, namespaceSelector=labelled(team="two")), anti=True)
        existing = pod("db", "shy").affinity(near(ZONE, WEB, namespaceSelector=labelled(team="two")), anti=True)
        found.add_pod("b1", existing.info())
        assert fits(plugin(), shy, found) == ALL
        found.pods.set_namespace("default", {"team": "two"})
        assert rejected(plugin(), shy, found) == {
            "a1": [(CLOSE, SOFT)], "a2": [(CLOSE, SOFT)], "b1": [(CLOSE, SOFT)], "b2": [(CLOSE, SOFT)]
        }  # fmt: skip
        assert fits(plugin(), pod(), found) == ["a1", "a2"]
        found.pods.remove_namespace("default")
        assert fits(plugin(), shy, found) == ALL


def test_pods_without_wishes_are_not_filtered() -> None:
    found = cluster(pod("db", "shy").affinity(near(ZONE, DB), anti=True).node("a1"))
    assert plugin().pre_filter(CycleState(), pod().info(), found).status.code is Code.SKIP


class TestScores:
    @pytest.mark.parametrize(
        ("wishing", "expected"),
        [
            pytest.param(pod().likes((10, near(ZONE, DB))), {"a1": 100, "a2": 100, "b1": 0, "b2": 0}, id="near"),
            pytest.param(
                pod().likes((10, near(ZONE, DB)), anti=True), {"a1": 0, "a2": 0, "b1": 100, "b2": 100}, id="far"
            ),
            pytest.param(
                pod().likes((30, near(ZONE, DB)), (10, near(HOST, DB))),
                {"a1": 100, "a2": 75, "b1": 0, "b2": 0},
                id="weights",
            ),
            pytest.param(
                pod().likes((1, near(HOST, DB))).likes((1, near(ZONE, DB)), anti=True),
                {"a1": 100, "a2": 0, "b1": 100, "b2": 100},
                id="both",
            ),
            pytest.param(pod().likes((10, near(ZONE, labelled(app="none")))), None, id="nobody-there"),
            pytest.param(pod().likes((10, near(ZONE))), None, id="no-selector"),
            pytest.param(pod(), None, id="no-wishes"),
            pytest.param(pod().affinity(near(ZONE, DB)), None, id="required-terms-do-not-score"),
        ],
    )
    def test_own_wishes(self, wishing: PodBuilder, expected: dict[str, int] | None) -> None:
        assert scores(plugin(), wishing, cluster(pod("db", "db").node("a1"))) == expected

    @pytest.mark.parametrize(
        ("existing", "expected"),
        [
            pytest.param(pod("db", "x").likes((5, near(ZONE, WEB))), (100, 0), id="likes-it"),
            pytest.param(pod("db", "x").likes((5, near(ZONE, WEB)), anti=True), (0, 100), id="does-not"),
            pytest.param(pod("db", "x").affinity(near(ZONE, WEB)), (100, 0), id="needs-it"),
            pytest.param(pod("db", "x").likes((5, near(ZONE, DB))), None, id="means-another"),
        ],
    )
    def test_wishes_of_pods_that_are_there(self, existing: PodBuilder, expected: tuple[int, int] | None) -> None:
        found = scores(plugin(), pod(), cluster(existing.node("a1")))
        assert (found and (found["a2"], found["b1"])) == expected

    def test_what_a_required_affinity_counts(self) -> None:
        there = (
            pod("db", "x").affinity(near(ZONE, WEB)).node("a1"),
            pod("db", "y").likes((10, near(ZONE, WEB))).node("b1"),
        )
        found = scores(plugin(hard_pod_affinity_weight=1), pod(), cluster(*there))
        assert found == {"a1": 0, "a2": 0, "b1": 100, "b2": 100}
        found = scores(plugin(hard_pod_affinity_weight=100), pod(), cluster(*there))
        assert found == {"a1": 100, "a2": 100, "b1": 0, "b2": 0}
        assert scores(plugin(hard_pod_affinity_weight=0), pod(), cluster(there[0])) is None

    def test_pods_that_are_there_can_be_ignored(self) -> None:
        there = pod("db", "x").likes((10, near(ZONE, WEB))).node("a1")
        choosy = plugin(ignore_preferred_terms_of_existing_pods=True)
        assert scores(choosy, pod(), cluster(there)) is None
        assert scores(choosy, pod().likes((1, near(ZONE, DB))), cluster(there)) is not None


class TestEvents:
    NEAR, SHY = pod().affinity(near(ZONE, DB)), pod().affinity(near(ZONE, DB), anti=True)

    @pytest.mark.parametrize(
        ("waiting", "old", "new", "wakes"),
        [
            pytest.param(NEAR, None, pod("db"), True, id="wanted-comes"),
            pytest.param(NEAR, None, pod("x"), False, id="another-comes"),
            pytest.param(NEAR, pod("db"), None, False, id="wanted-goes"),
            pytest.param(NEAR, pod("x"), pod("db"), True, id="becomes-wanted"),
            pytest.param(SHY, pod("db"), None, True, id="avoided-goes"),
            pytest.param(SHY, pod("db"), pod("x"), True, id="is-no-longer-avoided"),
            pytest.param(SHY, None, pod("db"), False, id="avoided-comes"),
            pytest.param(pod(), pod("x").affinity(near(ZONE, WEB), anti=True), None, True, id="who-kept-it-away-goes"),
            pytest.param(pod(), pod("x"), None, False, id="nobody-goes"),
            pytest.param(pod().affinity(near(ZONE, WEB)), pod(), None, True, id="the-last-of-its-group-goes"),
            pytest.param(NEAR, None, None, True, id="who-knows"),
        ],
    )
    def test_pods(self, waiting: PodBuilder, old: PodBuilder | None, new: PodBuilder | None, wakes: bool) -> None:
        hint = plugin()._after_pod_change(waiting.info(), old and old.info(), new and new.info())
        assert hint is (QueueingHint.QUEUE if wakes else QueueingHint.SKIP)

    @pytest.mark.parametrize(
        ("waiting", "old", "new", "wakes"),
        [
            pytest.param(NEAR, None, make_node().zone("a"), True, id="new"),
            pytest.param(NEAR, None, make_node(), False, id="without-the-label"),
            pytest.param(NEAR, make_node().zone("a"), make_node().zone("b"), True, id="moved"),
            pytest.param(NEAR, make_node().zone("a"), make_node().zone("a").labels(x="y"), False, id="another-label"),
            pytest.param(SHY, None, make_node(), True, id="without-the-label-is-fine-for-anti-affinity"),
            pytest.param(pod(), make_node().zone("a"), make_node().zone("b"), True, id="kept-away-by-others"),
        ],
    )
    def test_nodes(self, waiting: PodBuilder, old: NodeBuilder | None, new: NodeBuilder, wakes: bool) -> None:
        hint = plugin()._after_node_change(waiting.info(), old and old.info(), new.info())
        assert hint is (QueueingHint.QUEUE if wakes else QueueingHint.SKIP)


def test_namespaces_are_watched() -> None:
    handle = Handle(Client("http://127.0.0.1:1"))
    new(None, handle)
    assert ("", "namespaces") in handle.informers._informers
