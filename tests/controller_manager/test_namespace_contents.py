"""What namespaces are given, beside an API server that gives them nothing."""

from typing import Any

import pytest

from tests.controller_manager.foreign import ForeignServer, JSONObject
from tests.live.waiting import eventually

ROOT_CA = "kube-root-ca.crt"


def named(name: str, **more: Any) -> JSONObject:
    return {"metadata": {"name": name, "namespace": "a", "uid": f"uid-{name}", "resourceVersion": "1"}, **more}


async def writes(server: ForeignServer, controller: str, count: int) -> list[tuple[str, str, JSONObject]]:
    async with server.controlled_by(controller) as clock:

        async def written() -> bool:
            await clock.advance(1)
            return len(server.writes) >= count

        await eventually(written, timeout=30)
        await clock.advance(10)
    return sorted(server.writes, key=lambda write: write[1])


@pytest.fixture
def server() -> ForeignServer:
    """It has the namespaces ``a`` and ``b``, and one that is going."""
    server = ForeignServer()
    going = {"metadata": {"name": "c", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["x"]}}
    server.objects["/api/v1/namespaces"] = [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, going]
    return server


async def test_namespaces_get_a_service_account(server: ForeignServer) -> None:
    server.objects["/api/v1/serviceaccounts"] = [named("default"), named("other")]
    assert await writes(server, "serviceaccount-controller", 1) == [
        ("POST", "/api/v1/namespaces/b/serviceaccounts", {"metadata": {"name": "default"}})
    ]


async def test_namespaces_get_the_root_certificates(server: ForeignServer) -> None:
    server.objects["/api/v1/configmaps"] = [named(ROOT_CA, data={"ca.crt": "forged", "more": "x"}), named("other")]
    (_, path, patch), (_, other_path, body) = await writes(server, "root-ca-certificate-publisher-controller", 2)
    assert (path, patch["data"]) == ("/api/v1/namespaces/a/configmaps/kube-root-ca.crt", {"ca.crt": "", "more": None})
    assert (other_path, body["data"]) == ("/api/v1/namespaces/b/configmaps", {"ca.crt": ""})
    assert body["metadata"]["name"] == ROOT_CA


async def test_what_is_right_is_left_alone(server: ForeignServer) -> None:
    server.objects["/api/v1/namespaces"] = [{"metadata": {"name": "a"}}]
    server.objects["/api/v1/configmaps"] = [named(ROOT_CA, data={"ca.crt": ""})]
    assert await writes(server, "root-ca-certificate-publisher-controller", 0) == []
