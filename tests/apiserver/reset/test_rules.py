"""What a reset leaves alone, in which order it goes through the rest, and what it puts back."""

from typing import Any

import pytest

from apiserver.reset import rules
from kubelet.images.declared.objects import FAKE_IMAGES

CORE = ""


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "labels", "own"),
    [
        pytest.param((CORE, "namespaces"), "", "kube-system", {}, True, id="a system namespace"),
        pytest.param((CORE, "namespaces"), "", "test", {}, False, id="a namespace"),
        pytest.param((CORE, "serviceaccounts"), "default", "default", {}, True, id="what every namespace has"),
        pytest.param((CORE, "serviceaccounts"), "test", "default", {}, False, id="the same in one that goes"),
        pytest.param((CORE, "serviceaccounts"), "default", "mine", {}, False, id="an account"),
        pytest.param((CORE, "services"), "default", "kubernetes", {}, True, id="the API's Service"),
        pytest.param((CORE, "services"), "kube-system", "kube-scheduler", {}, True, id="the scheduler's Service"),
        pytest.param((CORE, "services"), "default", "kube-scheduler", {}, False, id="a Service of that name elsewhere"),
        pytest.param((CORE, "services"), "default", "web", {}, False, id="a Service"),
        pytest.param((CORE, "configmaps"), "default", "kubernetes", {}, False, id="called as a Service, but none"),
        pytest.param(
            ("discovery.k8s.io", "endpointslices"),
            "kube-system",
            "kube-dns-x7f",
            {"kubernetes.io/service-name": "kube-dns"},
            True,
            id="the name server's slice",
        ),
        pytest.param((CORE, "configmaps"), "kube-system", "mine", {}, False, id="a user's in a system namespace"),
        pytest.param(("coordination.k8s.io", "leases"), "kube-node-lease", "node-0", {}, True, id="a heartbeat"),
        pytest.param(("coordination.k8s.io", "leases"), "kube-system", "scheduler", {}, True, id="an election"),
        pytest.param(("coordination.k8s.io", "leases"), "default", "mine", {}, False, id="a user's lease"),
        pytest.param(("storage.k8s.io", "storageclasses"), "", "standard", {}, True, id="the storage class"),
        pytest.param(("storage.k8s.io", "storageclasses"), "", "fast", {}, False, id="a storage class"),
        pytest.param(
            ("apiextensions.k8s.io", "customresourcedefinitions"),
            "",
            f"{FAKE_IMAGES.plural}.{FAKE_IMAGES.group}",
            {},
            True,
            id="the kubelets' kind",
        ),
        pytest.param(("scheduling.k8s.io", "priorityclasses"), "", "system-node-critical", {}, True, id="a priority"),
        pytest.param(("apiregistration.k8s.io", "apiservices"), "", "v1.a.b", {}, False, id="an API somewhere else"),
        pytest.param((CORE, "nodes"), "", "node-7", {}, False, id="a node that was not there at the start"),
        pytest.param((CORE, "persistentvolumes"), "", "pvc-1", {}, False, id="a volume"),
    ],
)
def test_whose_an_object_is(
    resource: rules.Resource, namespace: str, name: str, labels: dict[str, str], own: bool
) -> None:
    assert rules.is_own(resource, namespace, name, labels) is own
    if own and namespace:
        assert rules.may_be_own(resource, namespace)


@pytest.mark.parametrize(
    ("resource", "namespace", "maybe"),
    [
        pytest.param((CORE, "configmaps"), "default", True, id="each namespace has one"),
        pytest.param((CORE, "configmaps"), "test", False, id="but goes itself"),
        pytest.param((CORE, "secrets"), "kube-system", False, id="no secrets"),
        pytest.param((CORE, "events"), "kube-node-lease", True, id="nobody's namespace"),
        pytest.param(("discovery.k8s.io", "endpointslices"), "kube-public", False, id="no Services there"),
        pytest.param(("coordination.k8s.io", "leases"), "default", False, id="no elections there"),
    ],
)
def test_where_there_may_be_some(resource: rules.Resource, namespace: str, maybe: bool) -> None:
    assert rules.may_be_own(resource, namespace) is maybe


@pytest.mark.parametrize(
    ("parent", "own"),
    [
        pytest.param({"namespace": "default", "name": "kubernetes"}, True, id="the API's"),
        pytest.param({"namespace": "kube-system", "name": "kube-dns"}, True, id="the name server's"),
        pytest.param({"namespace": "default", "name": "kube-dns"}, False, id="another of that name"),
        pytest.param({"name": "kubernetes"}, False, id="of no Service"),
    ],
)
def test_whose_an_address_is(parent: dict[str, str], own: bool) -> None:
    assert rules.is_of_own_service({"spec": {"parentRef": parent}}) is own


@pytest.mark.parametrize(
    ("obj", "uids"),
    [
        pytest.param({"metadata": {}}, [], id="nothing else"),
        pytest.param({"metadata": {"ownerReferences": [{"uid": "1"}, {"uid": "2"}]}}, ["1", "2"], id="owners"),
        pytest.param({"metadata": {}, "involvedObject": {"uid": "3"}}, ["3"], id="an event"),
        pytest.param({"metadata": {}, "regarding": {"uid": "3"}}, ["3"], id="an event of the newer kind"),
        pytest.param({"metadata": {}, "spec": {"claimRef": {"uid": "4"}}}, ["4"], id="a volume"),
    ],
)
def test_what_an_object_is_about(obj: dict[str, Any], uids: list[str]) -> None:
    assert list(rules.uids_it_is_about((CORE, "persistentvolumes"), obj)) == uids


def test_owners_go_before_what_they_own() -> None:
    rows = [("", "namespaces"), ("apps", "deployments"), ("apps", "replicasets"), ("", "configmaps"), ("", "pods")]
    assert sorted(reversed(rows), key=rules.order) == rows


@pytest.mark.parametrize(
    ("resource", "owners", "restored"),
    [
        ((CORE, "configmaps"), [], True),
        ((CORE, "pods"), [], True),
        ((CORE, "pods"), [{"kind": "ReplicaSet", "controller": True}], False),
        ((CORE, "configmaps"), [{"kind": "Node"}], True),
        ((CORE, "events"), [], False),
        (("coordination.k8s.io", "leases"), [], False),
    ],
)
def test_what_is_put_back(resource: rules.Resource, owners: list[dict[str, Any]], restored: bool) -> None:
    assert rules.is_restored(resource, {"metadata": {"ownerReferences": owners}}) is restored


def test_a_pod_is_made_anew_for_any_node() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": "b", "uid": "c", "labels": {"d": "e"}, "managedFields": []},
        "spec": {"nodeName": "node-0", "containers": []},
        "status": {"phase": "Running"},
    }
    assert rules.anew(pod) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": "b", "labels": {"d": "e"}},
        "spec": {"containers": []},
    }


def test_a_node_gets_its_labels_back_and_keeps_its_state() -> None:
    cidr = {"podCIDR": "127.2.0.0/24"}
    mine, pressed = {"key": "mine", "effect": "NoSchedule"}, {"key": "node.kubernetes.io/memory-pressure"}
    cordoned = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    starting = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    saved = {
        "kind": "Node",
        "metadata": {"name": "n", "uid": "1", "labels": {"a": "b"}, "resourceVersion": "3"},
        "spec": {**cidr, "taints": [mine, starting]},
        "status": {"conditions": []},
    }
    now = {
        "kind": "Node",
        "metadata": {"name": "n", "uid": "1", "labels": {"x": "y"}, "annotations": {"x": "y"}, "resourceVersion": "9"},
        "spec": {**cidr, "unschedulable": True, "taints": [pressed, cordoned]},
        "status": {"conditions": ["new"]},
    }
    assert rules.put_back(saved, now) == {
        "kind": "Node",
        "metadata": {"name": "n", "uid": "1", "labels": {"a": "b"}, "resourceVersion": "9"},
        "spec": {**cidr, "taints": [pressed, mine]},
        "status": {"conditions": ["new"]},
    }


def test_taints_that_have_come_off_are_no_change() -> None:
    starting = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    saved = {"kind": "Node", "metadata": {"name": "n"}, "spec": {"taints": [starting]}}
    now = {"kind": "Node", "metadata": {"name": "n"}, "spec": {"taints": []}}
    assert rules.put_back(saved, now) == now


def test_what_is_as_it_was_stays() -> None:
    obj = {"kind": "ConfigMap", "metadata": {"name": "a", "labels": {"b": "c"}}, "data": {"d": "e"}}
    assert rules.put_back(obj, obj) == obj


STATEFUL_SET = {
    "metadata": {"namespace": "a", "name": "db"},
    "spec": {
        "selector": {"matchLabels": {"app": "db"}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}, {"metadata": {"name": "log"}}],
    },
}


@pytest.mark.parametrize(
    ("namespace", "name", "labels", "its"),
    [
        pytest.param("a", "data-db-0", {"app": "db"}, True, id="of the first pod"),
        pytest.param("a", "log-db-12", {"app": "db", "more": "labels"}, True, id="of another"),
        pytest.param("b", "data-db-0", {"app": "db"}, False, id="elsewhere"),
        pytest.param("a", "data-db-0", {}, False, id="without its labels"),
        pytest.param("a", "data-db-x", {"app": "db"}, False, id="of no pod"),
        pytest.param("a", "data-web-db-0", {"app": "db"}, False, id="of another set"),
        pytest.param("a", "other-db-0", {"app": "db"}, False, id="of no template"),
    ],
)
def test_claims_of_a_set(namespace: str, name: str, labels: dict[str, str], its: bool) -> None:
    claim = {"metadata": {"namespace": namespace, "name": name, "labels": labels}}
    assert rules.is_claim_of(STATEFUL_SET, claim) is its
