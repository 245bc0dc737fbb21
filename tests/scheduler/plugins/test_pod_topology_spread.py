"""Spread constraints, case by case as the documentation of topology spread constraints tells them (v1.36)."""

from typing import Any

import pytest

from apimachinery.types.apps import ReplicaSet, ReplicationController, StatefulSet
from apimachinery.types.service import Service
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import REPLICASETS, REPLICATION_CONTROLLERS, SERVICES, STATEFULSETS
from scheduler.config.args import PodTopologySpreadArgs
from scheduler.framework.hints import QueueingHint
from scheduler.framework.informers import SharedInformers
from scheduler.framework.interface import Handle
from scheduler.framework.node_table import NodeTable
from scheduler.plugins.pod_topology_spread import PodTopologySpread, new
from tests.scheduler.builders import (
    EVERYTHING,
    HOST,
    ZONE,
    NodeBuilder,
    PodBuilder,
    labelled,
    make_node,
    make_pod,
    table,
    term,
)
from tests.scheduler.plugins.verdicts import HARD, SOFT, fits, rejected, scores

FULL = "node(s) didn't match pod topology spread constraints"
UNLABELLED = f"{FULL} (missing required label)"
WEB = labelled(app="web")


def handle() -> Handle:
    return Handle(Client("http://127.0.0.1:1"))


def plugin() -> PodTopologySpread:
    return new(None, handle())


def web(**labels: str) -> PodBuilder:
    return make_pod().labels(app="web", **labels)


def nodes() -> tuple[NodeBuilder, ...]:
    """Two zones of two nodes each."""
    return tuple(make_node(f"{zone}{number}").zone(zone) for zone in "ab" for number in (1, 2))


def pods(*places: str, **labels: str) -> tuple[PodBuilder, ...]:
    return tuple(
        make_pod(f"web-{number}").labels(**({"app": "web"} | labels)).node(place) for number, place in enumerate(places)
    )


class TestHardConstraints:
    @pytest.mark.parametrize(
        ("pod", "places", "expected"),
        [
            pytest.param(web().spread(ZONE, WEB), (), ["a1", "a2", "b1", "b2"], id="the-first-goes-anywhere"),
            pytest.param(web().spread(ZONE, WEB), ("a1",), ["b1", "b2"], id="the-emptier-zone"),
            pytest.param(web().spread(ZONE, WEB), ("a1", "b1"), ["a1", "a2", "b1", "b2"], id="even"),
            pytest.param(web().spread(ZONE, WEB, skew=2), ("a1",), ["a1", "a2", "b1", "b2"], id="skew-of-two"),
            pytest.param(web().spread(HOST, WEB), ("a1", "a2", "b1"), ["b2"], id="by-host"),
            pytest.param(
                web().spread(ZONE, WEB).spread(HOST, WEB), ("a1", "b1", "b2"), ["a2"], id="both-constraints-hold"
            ),
            pytest.param(
                web().spread(ZONE, labelled(app="db")), ("a1", "a2"), ["a1", "a2", "b1", "b2"], id="others-do-not-count"
            ),
            pytest.param(
                make_pod().labels(app="db").spread(ZONE, WEB),
                ("a1",),
                ["a1", "a2", "b1", "b2"],
                id="a-pod-that-does-not-match-itself-adds-nothing",
            ),
            pytest.param(
                make_pod().labels(app="db").spread(ZONE, WEB), ("a1", "a2"), ["b1", "b2"], id="but-may-not-go-there"
            ),
            pytest.param(web().spread(ZONE, EVERYTHING), ("a1",), ["b1", "b2"], id="an-empty-selector-selects-all"),
            pytest.param(web().spread(ZONE), ("a1", "a1"), ["a1", "a2", "b1", "b2"], id="no-selector-selects-none"),
            pytest.param(
                web().spread(ZONE, {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]}),
                ("a1",),
                ["b1", "b2"],
                id="expressions",
            ),
        ],
    )
    def test_skew(self, pod: PodBuilder, places: tuple[str, ...], expected: list[str]) -> None:
        assert fits(plugin(), pod, table(*nodes(), pods=pods(*places))) == expected

    def test_other_namespaces_do_not_count(self) -> None:
        other = web().namespace("other").node("a1")
        assert len(fits(plugin(), web().spread(ZONE, WEB), table(*nodes(), pods=(other,)))) == 4

    def test_pods_that_are_going_do_not_count(self) -> None:
        going = web().deleting().node("a1")
        assert len(fits(plugin(), web().spread(ZONE, WEB), table(*nodes(), pods=(going,)))) == 4

    def test_reasons(self) -> None:
        cluster = table(*nodes(), make_node("bare"), pods=pods("a1"))
        assert rejected(plugin(), web().spread(ZONE, WEB), cluster) == {
            "a1": [(FULL, SOFT)],
            "a2": [(FULL, SOFT)],
            "bare": [(UNLABELLED, HARD)],
        }

    def test_the_first_constraint_that_fails_is_told(self) -> None:
        cluster = table(make_node("a").labels(**{ZONE: "a"}), make_node("b").zone("b"), pods=pods("a"))
        constrained = web().spread(ZONE, WEB).spread(HOST, WEB)
        # A node that lacks one of the labels does not count at all: its pod is nobody's.
        assert rejected(plugin(), constrained, cluster) == {"a": [(UNLABELLED, HARD)]}

    def test_nodes_without_all_labels_count_for_no_constraint(self) -> None:
        half = make_node("half").labels(**{ZONE: "c"})
        cluster = table(*nodes(), half, pods=pods("a1", "b1"))
        # Zone c would be the emptiest, were its only node to count.
        assert fits(plugin(), web().spread(ZONE, WEB).spread(HOST, WEB), cluster) == ["a2", "b2"]

    def test_match_label_keys_narrow_the_selector(self) -> None:
        constrained = web(hash="new").spread(ZONE, WEB, matchLabelKeys=["hash", "unknown"])
        assert len(fits(plugin(), constrained, table(*nodes(), pods=pods("a1", hash="old")))) == 4
        assert fits(plugin(), constrained, table(*nodes(), pods=pods("a1", hash="new"))) == ["b1", "b2"]

    def test_match_label_keys_that_were_merged_are_not_asked_for_again(self) -> None:
        merged = {**WEB, "matchExpressions": [{"key": "hash", "operator": "In", "values": ["first"]}]}
        relabelled = web(hash="second").spread(ZONE, merged, matchLabelKeys=["hash"])
        assert fits(plugin(), relabelled, table(*nodes(), pods=pods("a1", "a1", hash="first"))) == ["b1", "b2"]


class TestDomains:
    @pytest.mark.parametrize(
        ("domains", "expected"), [(1, 4), (2, 4), (3, 0)], ids=["fewer-asked-for", "as-many", "more-asked-for"]
    )
    def test_too_few_domains_count_as_an_empty_one(self, domains: int, expected: int) -> None:
        constrained = web().spread(ZONE, WEB, minDomains=domains)
        assert len(fits(plugin(), constrained, table(*nodes(), pods=pods("a1", "b1")))) == expected

    def test_below_the_least_number_of_domains_the_first_pods_still_fit(self) -> None:
        assert len(fits(plugin(), web().spread(ZONE, WEB, minDomains=3), table(*nodes()))) == 4

    def test_nodes_that_the_pod_cannot_go_to_do_not_count(self) -> None:
        cluster = table(*nodes(), make_node("c1").zone("c").labels(disk="hdd"), pods=pods("a1", "b1"))
        picky = web().spread(ZONE, WEB).required(term(("disk", "NotIn", ["hdd"])))
        assert fits(plugin(), picky, cluster) == ["a1", "a2", "b1", "b2", "c1"]
        careless = web().spread(ZONE, WEB, nodeAffinityPolicy="Ignore").required(term(("disk", "NotIn", ["hdd"])))
        assert fits(plugin(), careless, cluster) == ["c1"]

    def test_node_selectors_are_affinity_too(self) -> None:
        cluster = table(
            *(node.labels(disk="ssd") for node in nodes()), make_node("c1").zone("c"), pods=pods("a1", "b1")
        )
        assert "a1" in fits(plugin(), web().spread(ZONE, WEB).selector(disk="ssd"), cluster)

    def test_tainted_nodes_count_unless_the_constraint_says_otherwise(self) -> None:
        cluster = table(*nodes(), make_node("c1").zone("c").taint("dedicated"), pods=pods("a1", "b1"))
        assert fits(plugin(), web().spread(ZONE, WEB), cluster) == ["c1"]
        honouring = web().spread(ZONE, WEB, nodeTaintsPolicy="Honor")
        assert len(fits(plugin(), honouring, cluster)) == 5
        tolerant = web().spread(ZONE, WEB, nodeTaintsPolicy="Honor").tolerates("dedicated", "Exists")
        assert fits(plugin(), tolerant, cluster) == ["c1"]

    def test_taints_that_only_advise_do_not_take_a_node_out(self) -> None:
        cluster = table(
            *nodes(), make_node("c1").zone("c").taint("spot", effect="PreferNoSchedule"), pods=pods("a1", "b1")
        )
        assert fits(plugin(), web().spread(ZONE, WEB, nodeTaintsPolicy="Honor"), cluster) == ["c1"]

    def test_counts_follow_nodes_and_pods(self) -> None:
        cluster, constrained = table(*nodes(), pods=pods("a1")), web().spread(ZONE, WEB)
        assert fits(plugin(), constrained, cluster) == ["b1", "b2"]
        cluster.update_node(make_node("b2").zone("c").info())
        cluster.add_pod("b1", web().node("b1").info())
        assert fits(plugin(), constrained, cluster) == ["b2"]
        cluster.update_node(make_node("b2").zone("c").taint("dedicated").info())
        cluster.remove_pod("a1", pods("a1")[0].info())
        assert fits(plugin(), constrained, cluster) == ["a1", "a2", "b2"]
        cluster.remove_node("a2")
        cluster.add_node(make_node("d").zone("d").info())
        cluster.add_pod("d", web().node("d").info())
        assert fits(plugin(), constrained, cluster) == ["a1", "b2"]


class TestSoftConstraints:
    def test_emptier_domains_are_better(self) -> None:
        """S12: replicas are spread over zones."""
        found = scores(plugin(), web().spread(ZONE, WEB, hard=False), table(*nodes(), pods=pods("a1", "a1", "b1")))
        # A pod costs ln(2 + 2): 3 against 1, rounded, of which 100 * (3 + 1 - 3) / 3 is left.
        assert found == {"a1": 33, "a2": 33, "b1": 100, "b2": 100}

    def test_nodes_without_a_label_are_worst(self) -> None:
        cluster = table(*nodes(), make_node("bare"), pods=pods("a1"))
        found = scores(plugin(), web().spread(ZONE, WEB, hard=False), cluster)
        assert found == {"a1": 0, "a2": 0, "b1": 100, "b2": 100, "bare": 0}

    def test_when_nothing_is_there_all_are_equal(self) -> None:
        found = scores(plugin(), web().spread(ZONE, WEB, hard=False), table(*nodes()))
        assert found == dict.fromkeys(("a1", "a2", "b1", "b2"), 100)

    def test_a_larger_skew_waters_differences_down(self) -> None:
        cluster = table(*nodes(), pods=pods("a1"))
        found = scores(plugin(), web().spread(ZONE, WEB, skew=5, hard=False), cluster)
        # ln(2 + 2) for the pod, and 4 for the skew on all nodes: 5 against 4, rounded.
        assert found == {"a1": 80, "a2": 80, "b1": 100, "b2": 100}

    def test_hard_constraints_do_not_score(self) -> None:
        assert scores(plugin(), web().spread(ZONE, WEB), table(*nodes(), pods=pods("a1"))) is None


def service(namespace: str = "default", **selector: str) -> Service:
    return Service.model_validate({"metadata": {"name": "s", "namespace": namespace}, "spec": {"selector": selector}})


def controller(model: Any, name: str, selector: dict[str, Any]) -> Any:
    return model.model_validate({"metadata": {"name": name, "namespace": "default"}, "spec": {"selector": selector}})


class TestDefaultConstraints:
    """Pods without constraints of their own are spread by host and by zone with those of their Services and owner."""

    @staticmethod
    def of(*known: tuple[Any, Any]) -> PodTopologySpread:
        """The plugin with what informers of these resources have seen."""
        found = handle()
        made = new(None, found)
        for resource, obj in known:
            informer: Informer[Any] = found.informers.of(resource)
            informer._apply(obj.key, obj)
        return made

    @pytest.mark.parametrize(
        ("pod", "known"),
        [
            pytest.param(web(), (SERVICES, service(app="web")), id="service"),
            pytest.param(web().controller("rs"), (REPLICASETS, controller(ReplicaSet, "rs", WEB)), id="replica-set"),
            pytest.param(
                web().controller("ss", "StatefulSet"),
                (STATEFULSETS, controller(StatefulSet, "ss", WEB)),
                id="stateful-set",
            ),
        ],
    )
    def test_whose_pods_count(self, pod: PodBuilder, known: tuple[Any, Any]) -> None:
        found = scores(self.of(known), pod, table(*nodes(), pods=pods("a1")))
        assert found is not None
        assert found["a1"] < found["a2"] < found["b1"] == found["b2"] == 100

    def test_replication_controllers(self) -> None:
        pod = web()
        owner = {"apiVersion": "v1", "kind": "ReplicationController", "name": "rc", "uid": "rc", "controller": True}
        pod._metadata["ownerReferences"] = [owner]
        made = self.of((REPLICATION_CONTROLLERS, controller(ReplicationController, "rc", {"app": "web"})))
        found = scores(made, pod, table(*nodes(), pods=pods("a1")))
        assert found is not None
        assert found["a1"] < found["b1"]

    @pytest.mark.parametrize(
        ("pod", "known"),
        [
            pytest.param(web(), (SERVICES, service(app="db")), id="another-service"),
            pytest.param(web(), (SERVICES, service("other", app="web")), id="another-namespace"),
            pytest.param(web(), (SERVICES, service()), id="a-service-without-selector"),
            pytest.param(web().controller("unknown"), (SERVICES, service(app="db")), id="an-unknown-owner"),
            pytest.param(
                web().spread(ZONE, WEB), (SERVICES, service(app="web")), id="a-pod-with-constraints-of-its-own"
            ),
        ],
    )
    def test_who_has_none(self, pod: PodBuilder, known: tuple[Any, Any]) -> None:
        assert scores(self.of(known), pod, table(*nodes(), pods=pods("a1"))) is None

    def test_requirements_of_service_and_owner_add_up(self) -> None:
        made = self.of(
            (SERVICES, service(app="web")), (REPLICASETS, controller(ReplicaSet, "rs", labelled(app="web", hash="new")))
        )
        pod, cluster = web(hash="new").controller("rs"), table(*nodes(), pods=pods("a1", hash="old"))
        found = scores(made, pod, cluster)
        assert found is not None
        assert set(found.values()) == {100}

    def test_nodes_without_a_zone_are_spread_over_by_host(self) -> None:
        cluster = table(make_node("a").labels(**{HOST: "a"}), make_node("b").labels(**{HOST: "b"}), pods=pods("a"))
        found = scores(self.of((SERVICES, service(app="web"))), web(), cluster)
        assert found is not None
        assert found["a"] < found["b"]

    def test_what_changes_about_services_is_seen(self) -> None:
        found = handle()
        made = new(None, found)
        informer: Informer[Any] = found.informers.of(SERVICES)
        cluster = table(*nodes(), pods=pods("a1"))
        informer._apply("default/s", service(app="web"))
        assert scores(made, web(), cluster) is not None
        informer._apply("default/s", None)
        assert scores(made, web(), cluster) is None

    def test_other_defaults(self) -> None:
        """With a list in the profile instead, nodes need all labels, and a default may be hard."""
        found = handle()
        constraint = {"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule"}
        args = {"defaultingType": "List", "defaultConstraints": (constraint,)}
        made = new(PodTopologySpreadArgs.model_validate(args), found)
        informer: Informer[Any] = found.informers.of(SERVICES)
        informer._apply("default/s", service(app="web"))
        cluster = table(*nodes(), make_node("bare"), pods=pods("a1"))
        assert fits(made, web(), cluster) == ["b1", "b2"]
        assert scores(made, web(), cluster) is None


class TestEvents:
    @pytest.mark.parametrize(
        ("old", "new", "wakes"),
        [
            pytest.param(None, web().node("a1"), True, id="one-of-them-comes"),
            pytest.param(web().node("a1"), None, True, id="one-of-them-goes"),
            pytest.param(web().node("a1"), web().deleting().node("a1"), True, id="one-of-them-is-going"),
            pytest.param(None, make_pod().labels(app="db").node("a1"), False, id="another-comes"),
            pytest.param(None, web().namespace("other").node("a1"), False, id="in-another-namespace"),
            pytest.param(web().node("a1"), make_pod().labels(app="db").node("a1"), True, id="relabelled"),
            pytest.param(web().node("a1"), web(more="x").node("a1"), False, id="relabelled-in-vain"),
            pytest.param(None, None, True, id="who-knows"),
        ],
    )
    def test_pods(self, old: PodBuilder | None, new: PodBuilder | None, wakes: bool) -> None:
        hint = plugin()._after_pod_change(web().spread(ZONE, WEB).info(), old and old.info(), new and new.info())
        assert hint is (QueueingHint.QUEUE if wakes else QueueingHint.SKIP)

    @pytest.mark.parametrize(
        ("old", "new", "wakes"),
        [
            pytest.param(None, make_node().zone("c"), True, id="new-domain"),
            pytest.param(None, make_node(), False, id="without-the-label"),
            pytest.param(make_node(), make_node().zone("c"), True, id="labelled"),
            pytest.param(make_node().zone("a"), make_node().zone("b"), True, id="moved"),
            pytest.param(make_node().zone("a"), make_node().zone("a").labels(x="y"), False, id="another-label"),
            pytest.param(make_node().zone("a"), make_node().zone("a").taint("t"), False, id="taints-do-not-matter"),
            pytest.param(make_node().zone("a"), None, True, id="gone"),
        ],
    )
    def test_nodes(self, old: NodeBuilder | None, new: NodeBuilder | None, wakes: bool) -> None:
        hint = plugin()._after_node_change(web().spread(ZONE, WEB).info(), old and old.info(), new and new.info())
        assert hint is (QueueingHint.QUEUE if wakes else QueueingHint.SKIP)

    def test_taints_matter_to_a_constraint_that_honours_them(self) -> None:
        pod = web().spread(ZONE, WEB, nodeTaintsPolicy="Honor").info()
        old, tainted = make_node().zone("a").info(), make_node().zone("a").taint("t").info()
        assert plugin()._after_node_change(pod, old, tainted) is QueueingHint.QUEUE


def test_informers_that_defaults_need_are_asked_for() -> None:
    informers = SharedInformers(Client("http://127.0.0.1:1"))
    new(None, Handle(Client("http://127.0.0.1:1"), informers))
    assert {plural for _, plural in informers._informers} == {
        "services", "replicationcontrollers", "replicasets", "statefulsets"
    }  # fmt: skip


def test_an_empty_table() -> None:
    assert rejected(plugin(), web().spread(ZONE, WEB), NodeTable()) == {}
