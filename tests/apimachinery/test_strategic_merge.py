"""Strategic merge patches on real kinds: upstream's tables, and a patch computed from two objects."""

import copy
from typing import Any

import pytest

from apimachinery.patch import PatchError
from apimachinery.schema.bundle import load_bundle
from apimachinery.strategic_merge import apply_strategic_merge_patch

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
        "patch",
        [
            pytest.param({"spec": {"containers": [{"image": "x"}]}}, id="no merge key"),
            pytest.param({"spec": {"containers": ["x"]}}, id="no object"),
            pytest.param({"$patch": "explode"}, id="unknown directive"),
            pytest.param({"spec": {"$retainKeys": ["a"], "b": 1}}, id="a key that is not retained"),
            pytest.param({"spec": {"$retainKeys": "a"}}, id="retained keys are no list"),
            pytest.param({"metadata": {"$deleteFromPrimitiveList/finalizers": "x"}}, id="deletions are no list"),
            pytest.param({"spec": {"$setElementOrder/containers": "x", "containers": []}}, id="the order is no list"),
            pytest.param({"spec": {"$setElementOrder/containers": "x"}}, id="the order alone is no list"),
        ],
    )
    def test_what_is_malformed(self, patch: JSONObject) -> None:
        with pytest.raises(PatchError):
            strategic("v1/Pod", pod(containers=named("a")), patch)
