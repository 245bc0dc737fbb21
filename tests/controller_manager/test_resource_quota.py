"""Counting what quotas pay for, beside an API server that does not."""

from typing import Any

import pytest

from apimachinery.types.quota import ResourceQuotaStatus
from controller_manager.resource_quota import same
from tests.controller_manager.foreign import ForeignServer, JSONObject
from tests.live.waiting import eventually


def pod(name: str, *, cpu: str = "100m", phase: str = "Running", **spec: Any) -> JSONObject:
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}}
    metadata = {"name": name, "namespace": "a", "uid": name, "resourceVersion": "1"}
    return {"metadata": metadata, "spec": {"containers": [container], **spec}, "status": {"phase": phase}}


def quota(hard: dict[str, str], used: dict[str, str] | None = None, **spec: Any) -> JSONObject:
    metadata = {"name": "q", "namespace": "a", "uid": "q", "resourceVersion": "1"}
    status = {"hard": hard, "used": used} if used is not None else {}
    return {"metadata": metadata, "spec": {"hard": hard, **spec}, "status": status}


PODS = [pod("one"), pod("two", cpu="1"), pod("ended", phase="Succeeded"), pod("short", activeDeadlineSeconds=5)]


@pytest.mark.parametrize(
    ("held", "used"),
    [
        pytest.param(
            quota({"pods": "10", "requests.cpu": "4", "configmaps": "5", "count/widgets.example.com": "1"}),
            {"pods": "3", "requests.cpu": "1200m", "configmaps": "1", "count/widgets.example.com": "0"},
            id="never counted",
        ),
        pytest.param(quota({"pods": "10"}, {"pods": "7"}), {"pods": "3"}, id="counted wrong"),
        pytest.param(quota({"count/pods": "10"}, {"count/pods": "0"}), {"count/pods": "4"}, id="objects, ended or not"),
        pytest.param(quota({"pods": "10"}, {"pods": "3"}, scopes=["Terminating"]), {"pods": "1"}, id="in scope only"),
    ],
)
async def test_used_is_counted(held: JSONObject, used: dict[str, str]) -> None:
    server = ForeignServer()
    server.objects["/api/v1/resourcequotas"] = [held]
    server.objects["/api/v1/namespaces/a/pods"] = PODS
    server.objects["/api/v1/namespaces/a/configmaps"] = [{"metadata": {"name": "c", "namespace": "a"}}]
    async with server.controlled_by("resourcequota-controller") as clock:

        async def written() -> bool:
            await clock.advance(1)
            return bool(server.writes)

        await eventually(written, timeout=30)
    (method, path, body), *_ = server.writes
    assert (method, path) == ("PUT", "/api/v1/namespaces/a/resourcequotas/q/status")
    assert body["status"] == {"hard": held["spec"]["hard"], "used": used}


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        pytest.param({"cpu": "1000m", "pods": "2"}, True, id="written otherwise"),
        pytest.param({"cpu": "1", "pods": "3"}, False, id="another number"),
        pytest.param({"cpu": "1"}, False, id="one less"),
    ],
)
def test_what_says_the_same(used: dict[str, str], expected: bool) -> None:
    status = ResourceQuotaStatus(hard={"cpu": "2", "pods": "4"}, used={"cpu": "1", "pods": "2"})
    assert same(status, ResourceQuotaStatus(hard={"cpu": "2", "pods": "4"}, used=used)) == expected
