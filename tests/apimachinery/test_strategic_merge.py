"""Strategic merge patches on real kinds: upstream's tables, and a patch computed from two objects."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimachinery.patch import PatchError, PatchMismatch
from apimachinery.schema.bundle import load_bundle
from apimachinery.strategic_merge import apply_strategic_merge_patch
from tests.apimachinery.strategic_diff import Diff

JSONObject = dict[str, Any]


def strategic(kind: str, target: JSONObject, patch: JSONObject) -> JSONObject:
    bundle = load_bundle()
    before, asked = copy.deepcopy(target), copy.deepcopy(patch)
    patched = apply_strategic_merge_patch(target, patch, bundle.kind(*kind.rsplit("/", 1)), bundle)
    assert (target, patch) == (before, asked), "an argument was changed"
    return patched


def pod(**spec: Any) -> JSONObject:
    return {"metadata": {"name": "p"}, "spec": spec}


def named(*names: str) -> list[JSONObject]:
    return [{"name": name, "image": name} for name in names]


def names_of(items: list[JSONObject]) -> str:
    return "".join(item["name"] for item in items)


class TestStrategicMergePatch:
    @pytest.mark.parametrize(
        ("kind", "target", "patch", "patched"),
        [
            pytest.param(
                "v1/Pod",
                pod(containers=named("a", "b")),
                {"spec": {"containers": [{"name": "b", "image": "new"}]}},
                pod(containers=[{"name": "a", "image": "a"}, {"name": "b", "image": "new"}]),
                id="containers merge by name",
            ),
            pytest.param(
                "v1/Pod",
                pod(containers=[{"name": "a", "env": [{"name": "X", "value": "1"}], "args": ["1", "2"]}]),
                {"spec": {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}], "args": ["3"]}]}},
                pod(
                    containers=[
                        {
                            "name": "a",
                            "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}],
                            "args": ["3"],
                        }
                    ]
                ),
                id="variables merge, arguments are replaced",
            ),
            pytest.param(
                "v1/Pod",
                pod(containers=named("a", "b")),
                {"spec": {"containers": [{"name": "a", "$patch": "delete"}]}},
                pod(containers=named("b")),
                id="delete an item",
            ),
            pytest.param(
                "v1/Pod",
                pod(containers=named("a", "b")),
                {"spec": {"containers": [{"name": "c", "image": "c"}, {"$patch": "replace"}]}},
                pod(containers=named("c")),
                id="replace a list",
            ),
            pytest.param(
                "v1/Pod",
                pod(nodeSelector={"a": "1", "b": "2"}),
                {"spec": {"nodeSelector": {"c": "3", "$patch": "replace"}}},
                pod(nodeSelector={"c": "3"}),
                id="replace a map",
            ),
            pytest.param(
                "v1/Pod",
                pod(affinity={"nodeAffinity": {}}, hostNetwork=True),
                {"spec": {"affinity": {"$patch": "delete"}, "hostNetwork": None}},
                pod(affinity={}),
                id="delete a map and a field",
            ),
            pytest.param(
                "v1/Pod",
                pod(volumes=[{"name": "v", "emptyDir": {}}]),
                {"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}]}},
                pod(volumes=[{"name": "v", "hostPath": {"path": "/x"}}]),
                id="retain keys: one volume source takes the place of another",
            ),
            pytest.param(
                "v1/Pod",
                {"metadata": {"name": "p", "finalizers": ["x/a", "x/b"]}},
                {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x/a"], "finalizers": ["x/c"]}},
                {"metadata": {"name": "p", "finalizers": ["x/c", "x/b"]}},
                id="finalizers merge; one is deleted",
            ),
            pytest.param(
                "v1/Pod",
                {"metadata": {"name": "p", "labels": {"a": "1", "b": "2"}}},
                {"metadata": {"labels": {"a": None, "c": "3"}}},
                {"metadata": {"name": "p", "labels": {"b": "2", "c": "3"}}},
                id="labels merge; null deletes",
            ),
            pytest.param(
                "v1/Pod",
                {"metadata": {"ownerReferences": [{"uid": "u1", "name": "a"}, {"uid": "u2", "name": "b"}]}},
                {"metadata": {"ownerReferences": [{"uid": "u1", "$patch": "delete"}]}},
                {"metadata": {"ownerReferences": [{"uid": "u2", "name": "b"}]}},
                id="owner references merge by uid: a controller lets go of a pod",
            ),
            pytest.param(
                "v1/Pod",
                {"status": {"conditions": [{"type": "Ready", "status": "False"}, {"type": "PodScheduled"}]}},
                {"status": {"conditions": [{"type": "Ready", "status": "True"}]}},
                {"status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "PodScheduled"}]}},
                id="conditions merge by type: a kubelet's status write",
            ),
            pytest.param(
                "v1/Pod",
                {"status": {"containerStatuses": [{"name": "a"}], "podIPs": [{"ip": "10.0.0.1"}]}},
                {"status": {"containerStatuses": [{"name": "b"}], "podIPs": [{"ip": "10.0.0.2"}]}},
                {"status": {"containerStatuses": [{"name": "b"}], "podIPs": [{"ip": "10.0.0.2"}, {"ip": "10.0.0.1"}]}},
                id="container statuses are replaced, addresses merge by ip",
            ),
            pytest.param(
                "apps/v1/ReplicaSet",
                {
                    "spec": {
                        "replicas": 1,
                        "template": pod(containers=[{"name": "a", "ports": [{"containerPort": 80}]}]),
                    }
                },
                {"spec": {"template": {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 81}]}]}}}},
                {
                    "spec": {
                        "replicas": 1,
                        "template": pod(
                            containers=[{"name": "a", "ports": [{"containerPort": 81}, {"containerPort": 80}]}]
                        ),
                    }
                },
                id="a template's ports merge by number",
            ),
            pytest.param(
                "apps/v1/ReplicaSet",
                {"spec": {"selector": {"matchLabels": {"a": "1"}}}},
                {"spec": {"selector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}},
                {
                    "spec": {
                        "selector": {
                            "matchLabels": {"a": "1"},
                            "matchExpressions": [{"key": "a", "operator": "Exists"}],
                        }
                    }
                },
                id="selectors merge",
            ),
            pytest.param(
                "v1/Node",
                {"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}},
                {"spec": {"taints": [{"key": "b", "effect": "NoExecute"}]}},
                {"spec": {"taints": [{"key": "b", "effect": "NoExecute"}]}},
                id="taints are replaced",
            ),
            pytest.param(
                "v1/Node",
                {
                    "spec": {"podCIDRs": ["10.0.0.0/24"]},
                    "status": {"addresses": [{"type": "Hostname", "address": "a"}]},
                },
                {"spec": {"unschedulable": True}, "status": {"addresses": [{"type": "InternalIP", "address": "b"}]}},
                {
                    "spec": {"podCIDRs": ["10.0.0.0/24"], "unschedulable": True},
                    "status": {
                        "addresses": [{"type": "InternalIP", "address": "b"}, {"type": "Hostname", "address": "a"}]
                    },
                },
                id="a node's addresses merge by type",
            ),
            pytest.param(
                "v1/Pod",
                pod(containers=named("a")),
                {"spec": {"unheardOf": {"x": [1]}, "containers": [{"name": "a", "unheardOf": None}]}},
                pod(containers=named("a"), unheardOf={"x": [1]}),
                id="unknown fields go through",
            ),
        ],
    )
    def test_patches(self, kind: str, target: JSONObject, patch: JSONObject, patched: JSONObject) -> None:
        assert strategic(kind, target, patch) == patched

    @pytest.mark.parametrize(
        ("server", "patch", "order", "result"),
        [
            pytest.param("ab", "c", None, "cab", id="what is new comes first"),
            pytest.param("abc", "cb", None, "acb", id="the patch's order counts by itself"),
            pytest.param("ab", "", "ba", "ba", id="an order alone"),
            pytest.param("ab", "c", "abc", "abc", id="appended, as kubectl apply asks for it"),
            pytest.param("axb", "", "ba", "xba", id="what only the server has stays before what stood behind it"),
            pytest.param("xab", "", "ba", "xba", id="before all"),
            pytest.param("ax", "n", "na", "nax", id="new before old"),
            pytest.param("axb", "n", "anb", "anxb", id="new in between comes before the server's own"),
        ],
    )
    def test_order(self, server: str, patch: str, order: str | None, result: str) -> None:
        """Upstream's ``mergeSortedSlice``: server-only items go first only where they stood before on the server."""
        spec: JSONObject = {"containers": named(*patch)} if patch else {}
        if order is not None:
            spec["$setElementOrder/containers"] = [{"name": name} for name in order]
        patched = strategic("v1/Pod", pod(containers=named(*server)), {"spec": spec})
        assert names_of(patched["spec"]["containers"]) == result

    def test_the_order_of_plain_values(self) -> None:
        target = {"metadata": {"finalizers": ["x/a", "x/b"]}}
        patch = {"metadata": {"finalizers": ["x/c"], "$setElementOrder/finalizers": ["x/b", "x/c", "x/a"]}}
        assert strategic("v1/Pod", target, patch) == {"metadata": {"finalizers": ["x/b", "x/c", "x/a"]}}

    @pytest.mark.parametrize(
        ("patch", "text"),
        [
            pytest.param(
                {"spec": {"containers": [{"image": "x"}]}},
                "map: map[image:x] does not contain declared merge key: name",
                id="no merge key",
            ),
            pytest.param(
                {"spec": {"containers": [{"$patch": "delete"}]}},
                "map: map[$patch:delete] does not contain declared merge key: name",
                id="no merge key in a deletion",
            ),
            pytest.param(
                {"spec": {"containers": ["x"]}}, "list element types are not identical: ", id="items of another sort"
            ),
            pytest.param({"$patch": "explode"}, "unknown patch type: explode in map: map[$patch:explode]", id="map"),
            pytest.param(
                {"spec": {"$patch": "merge", "nodeName": "n"}},
                "unknown patch type: merge in map: map[$patch:merge nodeName:n]",
                id="maps merge without being told",
            ),
            pytest.param(
                {"spec": {"containers": [{"name": "a", "$patch": "explode"}]}},
                "unknown patch type: explode in map: map[$patch:explode name:a]",
                id="unknown directive in a list",
            ),
            pytest.param(
                {"spec": {"containers": [{"name": "a", "$patch": "merge"}]}},
                "merging lists cannot yet be specified in the patch",
                id="merge in a list",
            ),
            pytest.param(
                {"spec": {"$retainKeys": ["a"], "b": 1}},
                "invalid patch format of retainKeys",
                id="a key that is not retained",
            ),
            pytest.param(
                {"spec": {"$retainKeys": "a"}}, "invalid patch format of retainKeys", id="retained keys are no list"
            ),
            pytest.param(
                {"metadata": {"$deleteFromPrimitiveList/finalizers": "x"}},
                "invalid patch format of primitive list",
                id="deletions are no list",
            ),
            pytest.param(
                {"spec": {"$setElementOrder/containers": "x"}},
                "expected a []interface {}, but received a string",
                id="the order is no list",
            ),
            pytest.param(
                {"spec": {"$setElementOrder/containers": "x", "containers": [{"name": "a"}]}},
                "expected a []interface {}, but received a string",
                id="the order of a change is no list",
            ),
            pytest.param(
                {"spec": {"$setElementOrder/containers": [{"name": "b"}], "containers": [{"name": "a"}]}},
                "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
                id="a change that is not in the order",
            ),
            pytest.param(
                {
                    "spec": {
                        "$setElementOrder/containers": [{"name": "a"}, {"name": "b"}],
                        "containers": [{"name": "b"}, {"name": "a"}],
                    }
                },
                "The order in patch list:",
                id="changes in another order",
            ),
            pytest.param(
                {"spec": {"$setElementOrder/containers": [{"image": "a"}]}},
                "map: map[image:a] does not contain declared merge key: name",
                id="an order without keys",
            ),
            pytest.param(
                {"spec": {"$setElementOrder/unheardOf": []}},
                'unable to find api field in struct PodSpec for the json field "unheardOf"',
                id="the order of nothing",
            ),
        ],
    )
    def test_what_is_malformed(self, patch: JSONObject, text: str) -> None:
        with pytest.raises(PatchError) as caught:
            strategic("v1/Pod", pod(containers=named("a")), patch)
        assert str(caught.value).startswith(text)
        assert not isinstance(caught.value, PatchMismatch)

    def test_lists_of_lists(self) -> None:
        with pytest.raises(PatchMismatch, match="lists of lists are not supported"):
            strategic("v1/Pod", {"metadata": {"finalizers": ["x"]}}, {"metadata": {"finalizers": [["y"]]}})

    @pytest.mark.parametrize(
        ("target", "patch", "patched"),
        [
            pytest.param(
                {},
                {"spec": {"containers": [{"name": "a", "env": [{"name": "X", "$patch": "delete"}, {"name": "Y"}]}]}},
                {"spec": {"containers": [{"name": "a", "env": [{"name": "Y"}]}]}},
                id="a deletion where there is nothing",
            ),
            pytest.param(
                {},
                {"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "emptyDir"], "emptyDir": {}}]}},
                {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}},
                id="retained keys of something new",
            ),
            pytest.param(
                {},
                {"metadata": {"labels": {"a": None, "b": "1"}, "$setElementOrder/finalizers": ["x"]}},
                {"metadata": {"labels": {"b": "1"}}},
                id="nulls and orders of something new",
            ),
            pytest.param(
                {"metadata": {}},
                {"metadata": {"finalizers": ["b", "a"], "$setElementOrder/finalizers": ["b", "a"]}},
                {"metadata": {"finalizers": ["b", "a"]}},
                id="a list that is new, in order",
            ),
            pytest.param(
                {"metadata": {"finalizers": ["a", "b"]}},
                {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a", "b"]}},
                {"metadata": {"finalizers": []}},
                id="all values deleted",
            ),
            pytest.param(
                {"metadata": {"finalizers": ["a"]}},
                {"metadata": {"finalizers": ["b", "a", "b"]}},
                {"metadata": {"finalizers": ["b", "a"]}},
                id="values are not doubled",
            ),
            pytest.param(
                {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}},
                {"spec": {"containers": [{"$patch": "replace"}]}},
                {"spec": {"containers": []}},
                id="a list replaced by nothing",
            ),
            pytest.param(
                {"spec": {"containers": [{"name": "a", "image": "1"}]}},
                {"spec": {"containers": [{"name": "a", "$patch": "delete"}, {"name": "a", "image": "2"}]}},
                {"spec": {"containers": [{"name": "a", "image": "2"}]}},
                id="an item deleted and made anew",
            ),
            pytest.param(
                {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}},
                {"spec": {"containers": None}},
                {"spec": {}},
                id="a list deleted",
            ),
            pytest.param(
                {"spec": {"hostNetwork": True}},
                {"spec": {"hostNetwork": {"x": 1}, "nodeName": ["a"]}},
                {"spec": {"hostNetwork": {"x": 1}, "nodeName": ["a"]}},
                id="other types go through, to be refused by the decoder",
            ),
            pytest.param(
                {"spec": {"$unknown": 1}},
                {"spec": {"$other": 2}},
                {"spec": {"$unknown": 1, "$other": 2}},
                id="what only looks like a directive",
            ),
        ],
    )
    def test_corners(self, target: JSONObject, patch: JSONObject, patched: JSONObject) -> None:
        assert strategic("v1/Pod", target, patch) == patched

    def test_a_selector_that_is_replaced(self) -> None:
        """The one field with the strategy ``replace``."""
        target = {"spec": {"selector": {"matchLabels": {"a": "1"}}}}
        patch = {"spec": {"selector": {"matchLabels": {"b": "2"}}}}
        assert strategic("policy/v1/PodDisruptionBudget", target, patch) == patch

    def test_a_strategy_changes_with_its_parameters(self) -> None:
        target = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
        patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
        assert strategic("apps/v1/Deployment", target, patch) == {"spec": {"strategy": {"type": "Recreate"}}}

    def test_ports_merge_by_number(self) -> None:
        target = {"spec": {"ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]}}
        patch = {"spec": {"ports": [{"port": 81, "name": "c"}, {"port": 80, "$patch": "delete"}]}}
        assert strategic("v1/Service", target, patch) == {"spec": {"ports": [{"port": 81, "name": "c"}]}}


# A patch that is computed from two objects leads from the one to the other.

NAMES = st.sampled_from("abcd")
LABELS = st.dictionaries(NAMES, NAMES, max_size=3)


def lists(key: str, values: st.SearchStrategy[Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = st.fixed_dictionaries({key: values}, optional=optional)
    return st.lists(items, max_size=4, unique_by=lambda item: item[key])


CONTAINERS = lists(
    "name",
    NAMES,
    image=NAMES,
    args=st.lists(NAMES, max_size=2),
    ports=lists("containerPort", st.integers(1, 4), name=NAMES),
    env=lists("name", NAMES, value=NAMES),
    resources=st.fixed_dictionaries({}, optional={"limits": LABELS}),
)
VOLUMES = lists(
    "name",
    NAMES,
    emptyDir=st.fixed_dictionaries({}, optional={"medium": NAMES}),
    hostPath=st.fixed_dictionaries({"path": NAMES}, optional={"type": NAMES}),
)
PODS = st.fixed_dictionaries({
    "metadata": st.fixed_dictionaries(
        {}, optional={"labels": LABELS, "finalizers": st.lists(NAMES, max_size=4, unique=True)}
    ),
    "spec": st.fixed_dictionaries(
        {},
        optional={
            "containers": CONTAINERS,
            "volumes": VOLUMES,
            "nodeSelector": LABELS,
            "hostNetwork": st.booleans(),
            "tolerations": st.lists(st.fixed_dictionaries({"key": NAMES}), max_size=2),
        },
    ),
})


@given(PODS, PODS)
def test_a_computed_patch_gives_the_target(old: JSONObject, new: JSONObject) -> None:
    bundle = load_bundle()
    kind = bundle.kind("v1", "Pod")
    patch = Diff(bundle).of_maps(old, new, f"#{kind.name}")
    patched = strategic("v1/Pod", old, patch)
    assert patched == new
    assert strategic("v1/Pod", patched, patch) == new, "applied again, it changes nothing"
    assert strategic("v1/Pod", old, {}) == old


@given(PODS, PODS)
def test_any_object_is_a_patch(old: JSONObject, patch: JSONObject) -> None:
    once = strategic("v1/Pod", old, patch)
    assert strategic("v1/Pod", once, patch) == once


@pytest.mark.parametrize(
    ("patch", "shared"),
    [
        pytest.param({"name": "p"}, True, id="what is there"),
        pytest.param({}, True, id="nothing"),
        pytest.param({"name": "q"}, False, id="another value"),
        pytest.param({"name": "p", "generateName": "p-"}, False, id="one more"),
        pytest.param({"generation": True}, False, id="a value of another type"),
        pytest.param({"name": None}, False, id="null"),
    ],
)
def test_what_a_patch_only_repeats_is_shared(patch: JSONObject, shared: bool) -> None:
    target = {"metadata": {"name": "p", "generation": 1}}
    patched = strategic("v1/Pod", target, {"metadata": patch})
    assert (patched["metadata"] is target["metadata"]) is shared
    assert shared or repr(patched["metadata"]) != repr(target["metadata"])
