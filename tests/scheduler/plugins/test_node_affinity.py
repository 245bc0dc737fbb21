from typing import Any

import orjson
import pytest

from scheduler.config.args import NodeAffinityArgs
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.hints import QueueingHint
from scheduler.framework.node_table import NodeTable
from scheduler.framework.status import Code
from scheduler.plugins.node_affinity import NodeAffinity
from tests.scheduler.builders import NodeBuilder, PodBuilder, make_node, make_pod, table, term
from tests.scheduler.plugins.verdicts import HARD, fits, rejected, scores

NODES = (
    make_node("a").labels(disk="ssd", size="5", zone="z1"),
    make_node("b").labels(disk="hdd", size="20", zone=""),
    make_node("c").labels(size="big"),
)


def required(*expressions: tuple[str, str, list[str]]) -> PodBuilder:
    return make_pod().required(term(*expressions))


def by_name(*fields: tuple[str, str, list[str]]) -> PodBuilder:
    return make_pod().required(term(fields=fields))


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(make_pod(), "abc", id="no wishes"),
        pytest.param(make_pod().selector(disk="ssd"), "a", id="node selector"),
        pytest.param(make_pod().selector(zone=""), "b", id="node selector with an empty value"),
        pytest.param(make_pod().selector(disk="ssd", size="20"), "", id="all of the node selector must hold"),
        pytest.param(make_pod().selector(absent="x"), "", id="node selector on an unknown label"),
        pytest.param(required(("disk", "In", ["ssd", "nvme"])), "a", id="In"),
        pytest.param(required(("disk", "In", [])), "", id="In without values matches nothing"),
        pytest.param(required(("disk", "NotIn", ["ssd"])), "bc", id="NotIn holds where the label is absent"),
        pytest.param(required(("disk", "NotIn", [])), "", id="NotIn without values matches nothing"),
        pytest.param(required(("disk", "Exists", [])), "ab", id="Exists"),
        pytest.param(required(("zone", "Exists", [])), "ab", id="Exists with an empty value"),
        pytest.param(required(("disk", "Exists", ["ssd"])), "", id="Exists with values matches nothing"),
        pytest.param(required(("disk", "DoesNotExist", [])), "c", id="DoesNotExist"),
        pytest.param(required(("none", "DoesNotExist", [])), "abc", id="DoesNotExist of an unknown label"),
        pytest.param(required(("size", "Gt", ["5"])), "b", id="Gt"),
        pytest.param(required(("size", "Gt", ["4"])), "ab", id="Gt compares as numbers"),
        pytest.param(required(("size", "Lt", ["20"])), "a", id="Lt is strict; what is no number does not match"),
        pytest.param(required(("size", "Gt", ["many"])), "", id="Gt with a bound that is no number"),
        pytest.param(required(("size", "Gt", ["1", "2"])), "", id="Gt with two bounds"),
        pytest.param(required(("size", "Gt", ["1_0"])), "", id="Gt with a number as Python, not Go, writes it"),
        pytest.param(required(("size", "Lt", ["9223372036854775808"])), "", id="Lt past 64 bits"),
        pytest.param(required(("none", "Gt", ["0"])), "", id="Gt of an unknown label"),
        pytest.param(required(("disk", "Like", ["ssd"])), "", id="unknown operator"),
        pytest.param(required(("disk", "In", ["ssd"]), ("size", "In", ["5"])), "a", id="a term's parts must all hold"),
        pytest.param(required(("disk", "In", ["ssd"]), ("size", "In", ["20"])), "", id="… and not only one"),
        pytest.param(make_pod().required(term()), "", id="an empty term matches nothing"),
        pytest.param(make_pod().required(), "", id="no terms match nothing"),
        pytest.param(
            make_pod().required(term(("disk", "In", ["ssd"])), term(("size", "In", ["big"]))), "ac", id="terms are ORed"
        ),
        pytest.param(
            make_pod().required(term(("size", "Gt", ["x"])), term(("size", "In", ["big"]))),
            "c",
            id="a term that does not parse leaves the others",
        ),
        pytest.param(
            make_pod().selector(disk="hdd").required(term(("size", "Exists", []))), "b", id="selector and affinity"
        ),
        pytest.param(by_name(("metadata.name", "In", ["b"])), "b", id="by name"),
        pytest.param(by_name(("metadata.name", "NotIn", ["b"])), "ac", id="by name, negated"),
        pytest.param(by_name(("metadata.name", "In", ["a", "b"])), "", id="by name takes one value"),
        pytest.param(by_name(("metadata.name", "Exists", [])), "", id="by name takes In and NotIn only"),
        pytest.param(by_name(("metadata.uid", "In", ["b"])), "", id="no other field"),
        pytest.param(
            make_pod().required(term(("disk", "In", ["hdd"]), fields=(("metadata.name", "In", ["a"]),))),
            "",
            id="labels and name must both hold",
        ),
    ],
)
def test_filter(pod: PodBuilder, expected: str) -> None:
    assert fits(NodeAffinity(), pod, table(*NODES)) == list(expected)


def test_reason() -> None:
    verdict = rejected(NodeAffinity(), make_pod().selector(x="y"), table(make_node("a")))
    assert verdict == {"a": [("node(s) didn't match Pod's node affinity/selector", HARD)]}


@pytest.mark.parametrize(
    ("pod", "names"),
    [
        pytest.param(make_pod(), None, id="no affinity"),
        pytest.param(by_name(("metadata.name", "In", ["b"])), {"b"}, id="one name"),
        pytest.param(
            make_pod().required(
                term(fields=(("metadata.name", "In", ["a"]),)), term(fields=(("metadata.name", "In", ["b"]),))
            ),
            {"a", "b"},
            id="terms are alternatives",
        ),
        pytest.param(
            make_pod().required(term(fields=(("metadata.name", "In", ["a"]),)), term(("disk", "Exists", []))),
            None,
            id="a term without a name leaves all nodes",
        ),
        pytest.param(by_name(("metadata.name", "NotIn", ["b"])), None, id="NotIn leaves the others"),
    ],
)
def test_pre_filter_leaves_the_named_nodes(pod: PodBuilder, names: set[str] | None) -> None:
    result = NodeAffinity().pre_filter(CycleState(), pod.info(), NodeTable())
    assert result.status.success
    assert result.node_names == names


def test_pre_filter_refuses_contradictions() -> None:
    pod = by_name(("metadata.name", "In", ["a"]), ("metadata.name", "In", ["b"]))
    status = NodeAffinity().pre_filter(CycleState(), pod.info(), NodeTable()).status
    assert (status.code, status.message) == (Code.UNSCHEDULABLE_AND_UNRESOLVABLE, "pod affinity terms conflict")


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(make_pod(), None, id="no preference"),
        pytest.param(make_pod().preferred((10, term())), None, id="an empty preference is none"),
        pytest.param(make_pod().preferred((0, term(("disk", "Exists", [])))), None, id="a weight of zero is none"),
        pytest.param(
            make_pod().preferred((10, term(("disk", "In", ["ssd"]))), (30, term(("size", "Gt", ["1"])))),
            {"a": 100, "b": 75, "c": 0},
            id="weights add up, and the best has 100",
        ),
        pytest.param(make_pod().preferred((10, term(("none", "Exists", [])))), {"a": 0, "b": 0, "c": 0}, id="no match"),
        pytest.param(
            make_pod().preferred((10, term(fields=(("metadata.name", "In", ["c"]),)))),
            {"a": 0, "b": 0, "c": 100},
            id="by name",
        ),
    ],
)
def test_score(pod: PodBuilder, expected: dict[str, int] | None) -> None:
    assert scores(NodeAffinity(), pod, table(*NODES)) == expected


def test_changed_labels_count_at_once() -> None:
    plugin, pod, nodes = NodeAffinity(), make_pod().selector(disk="ssd"), table(*NODES)
    assert fits(plugin, pod, nodes) == ["a"]
    nodes.update_node(make_node("c").labels(disk="ssd").info())
    nodes.update_node(make_node("a").info())
    assert fits(plugin, pod, nodes) == ["c"]
    nodes.remove_node("a")
    nodes.add_node(make_node("d").labels(disk="ssd").info())
    assert sorted(fits(plugin, pod, nodes)) == ["c", "d"]


def added(**affinity: Any) -> NodeAffinity:
    wire = {"addedAffinity": affinity}
    return NodeAffinity(NodeAffinityArgs.model_validate_json(orjson.dumps(wire)))


def required_disk(value: str) -> dict[str, Any]:
    return {"nodeSelectorTerms": [term(("disk", "In", [value]))]}


TWO = (make_node("ssd").labels(disk="ssd", zone="a"), make_node("hdd").labels(disk="hdd", zone="a"))


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(
            make_pod(),
            {"hdd": [("node(s) didn't match scheduler-enforced node affinity", HARD)]},
            id="holds for pods without one",
        ),
        pytest.param(
            make_pod().selector(zone="b"),
            {
                "ssd": [("node(s) didn't match Pod's node affinity/selector", HARD)],
                "hdd": [("node(s) didn't match scheduler-enforced node affinity", HARD)],
            },
            id="comes before the pod's own",
        ),
    ],
)
def test_added_affinity_filters(pod: PodBuilder, expected: dict[str, Any]) -> None:
    plugin = added(requiredDuringSchedulingIgnoredDuringExecution=required_disk("ssd"))
    assert rejected(plugin, pod, table(*TWO)) == expected


def test_added_affinity_scores_with_the_pods_own() -> None:
    preferred = [{"weight": 10, "preference": term(("disk", "In", ["hdd"]))}]
    plugin = added(preferredDuringSchedulingIgnoredDuringExecution=preferred)
    assert scores(plugin, make_pod(), table(*TWO)) == {"ssd": 0, "hdd": 100}
    own = make_pod().preferred((20, term(("disk", "In", ["ssd"]))))
    assert scores(plugin, own, table(*TWO)) == {"ssd": 100, "hdd": 50}


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        pytest.param(None, make_node().labels(disk="ssd"), "QUEUE", id="a new node that matches"),
        pytest.param(None, make_node().labels(disk="hdd"), "SKIP", id="a new node that does not"),
        pytest.param(make_node().labels(disk="hdd"), make_node().labels(disk="ssd"), "QUEUE", id="matches by now"),
        pytest.param(
            make_node().labels(disk="ssd"), make_node().labels(disk="ssd", zone="a"), "SKIP", id="matched before"
        ),
    ],
)
def test_which_nodes_wake_a_pod(old: NodeBuilder | None, new: NodeBuilder, hint: str) -> None:
    pod = make_pod().selector(disk="ssd").info()
    assert NodeAffinity().node_matches(pod, old.info() if old else None, new.info()) is QueueingHint[hint]
