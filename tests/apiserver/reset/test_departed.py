"""What comes too late after a reset, and what does not."""

from typing import Any

import orjson
import pytest

from apimachinery.schema.bundle import load_bundle
from apiserver.registry.builtin import builtin_registry
from apiserver.registry.resource import ResourceInfo
from apiserver.reset import rules
from apiserver.reset.departed import Departed
from store.interface import Record

JSONObject = dict[str, Any]

REGISTRY = builtin_registry(load_bundle())
BY_CONTROLLERS = [{"manager": "kube-controller-manager"}]
CLAIMS = {"selector": {"matchLabels": {"app": "db"}}, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}


def obj(name: str, **metadata: Any) -> JSONObject:
    return {"metadata": {"namespace": "default", "name": name, **metadata}}


def info_of(resource: rules.Resource) -> ResourceInfo:
    info = REGISTRY.find(resource[0], "v1", resource[1])
    assert info is not None
    return info


def after_reset_of(*gone: tuple[rules.Resource, JSONObject]) -> Departed:
    departed = Departed()
    departed.begin()
    for resource, what in gone:
        departed.note([(info_of(resource), [Record("key", orjson.dumps(what), 2, 2)])])
    return departed


PODS, EVENTS, MAPS = ("", "pods"), ("", "events"), ("", "configmaps")
SERVICE = (rules.SERVICES, obj("web", uid="u-service"))
SET = (rules.STATEFUL_SETS, {**obj("db", uid="u-set"), "spec": CLAIMS})
POD = (PODS, obj("p", uid="u-pod"))

ENDPOINTS = obj("web", labels={"endpoints.kubernetes.io/managed-by": "endpoint-controller"})
OTHERS = obj("x", labels={"endpoints.kubernetes.io/managed-by": "endpoint-controller"})
CLAIM = obj("data-db-0", labels={"app": "db"}, managedFields=BY_CONTROLLERS)
ADDRESS = {
    "metadata": {"name": "127.64.0.9", "labels": {"ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}},
    "spec": {"parentRef": {"group": "", "resource": "services", "namespace": "default", "name": "web"}},
}
NEWS = {**obj("e"), "involvedObject": {"uid": "u-pod"}}


@pytest.mark.parametrize(
    ("resource", "new", "late"),
    [
        pytest.param(PODS, obj("x", ownerReferences=[{"uid": "u-set"}]), True, id="what it would own"),
        pytest.param(PODS, obj("x", ownerReferences=[{"uid": "u-other"}]), False, id="what another owns"),
        pytest.param(EVENTS, NEWS, True, id="news of it"),
        pytest.param(EVENTS, {**obj("e"), "involvedObject": {"uid": "u-other"}}, False, id="other news"),
        pytest.param(rules.ENDPOINTS, ENDPOINTS, True, id="where its pods are"),
        pytest.param(rules.ENDPOINTS, obj("web"), False, id="Endpoints that somebody makes"),
        pytest.param(rules.ENDPOINTS, OTHERS, False, id="another Service's"),
        pytest.param(rules.ADDRESSES, ADDRESS, True, id="its address"),
        pytest.param(rules.ADDRESSES, {**ADDRESS, "metadata": {"name": "127.64.0.9"}}, False, id="an address by hand"),
        pytest.param(rules.CLAIMS, CLAIM, True, id="its claim"),
        pytest.param(rules.CLAIMS, obj("data-db-0", labels={"app": "db"}), False, id="a claim made ahead"),
        pytest.param(MAPS, obj("web"), False, id="what is about nothing"),
    ],
)
def test_late(resource: rules.Resource, new: JSONObject, late: bool) -> None:
    assert after_reset_of(SERVICE, SET, POD).is_late(resource, new) is late


@pytest.mark.parametrize(
    ("resource", "name", "its", "late"),
    [
        pytest.param(rules.SERVICES, "web", rules.ENDPOINTS, ENDPOINTS, id="a Service"),
        pytest.param(rules.SERVICES, "web", rules.ADDRESSES, ADDRESS, id="a Service and its address"),
        pytest.param(rules.STATEFUL_SETS, "db", rules.CLAIMS, CLAIM, id="a StatefulSet"),
    ],
)
def test_what_has_come_again_gets_its_own(
    resource: rules.Resource, name: str, its: rules.Resource, late: JSONObject
) -> None:
    departed = after_reset_of(SERVICE, SET)
    assert not departed.is_late(resource, {"metadata": {"namespace": "other", "name": name}})
    assert departed.is_late(its, late)
    assert not departed.is_late(resource, obj(name))
    assert not departed.is_late(its, late)


def test_some_resets_are_remembered() -> None:
    departed = after_reset_of(POD)
    for _ in range(7):
        departed.begin()
        assert departed.is_late(EVENTS, NEWS)
    departed.begin()
    assert not departed.is_late(EVENTS, NEWS)
