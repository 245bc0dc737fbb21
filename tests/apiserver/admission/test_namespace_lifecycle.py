"""NamespaceLifecycle: where there is no namespace, or one that is going away."""

import pytest

from tests.apiserver.admission.server import Server
from tests.apiserver.objects import pod


async def test_nothing_is_created_without_its_namespace(server: Server) -> None:
    status = await server.create("configmaps", {"metadata": {"name": "c"}}, namespace="nowhere", code=404)
    assert (status["reason"], status["message"]) == ("NotFound", 'namespaces "nowhere" not found')
    assert status["details"] == {"name": "nowhere", "kind": "namespaces"}


async def test_nothing_is_created_in_a_namespace_that_is_going_away(server: Server) -> None:
    await server.create("namespaces", {"metadata": {"name": "gone"}})
    await server.create("pods", pod("old"), namespace="gone")
    await server.request("DELETE", "/api/v1/namespaces/gone")
    message = await server.refused("pods", pod("p"), namespace="gone")
    assert message == (
        'pods "p" is forbidden: unable to create new content in namespace gone because it is being terminated'
    )
    status = await server.create("pods", pod("p"), namespace="gone", code=403)
    assert status["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace gone is being terminated",
            "field": "metadata.namespace",
        }
    ]


async def test_what_is_there_can_still_be_changed_and_deleted(server: Server) -> None:
    await server.create("namespaces", {"metadata": {"name": "gone"}})
    await server.create("pods", pod("old"), namespace="gone")
    await server.request("DELETE", "/api/v1/namespaces/gone")
    path = server.path("pods", "old", namespace="gone")
    headers = {"content-type": "application/merge-patch+json"}
    await server.request("PATCH", path, json={"metadata": {"labels": {"a": "b"}}}, headers=headers)
    await server.request("DELETE", path)


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
async def test_some_namespaces_stay(server: Server, name: str) -> None:
    status = await server.request("DELETE", f"/api/v1/namespaces/{name}", code=403)
    assert status["message"] == f'namespaces "{name}" is forbidden: this namespace may not be deleted'
    assert status["details"] == {"name": name, "kind": "namespaces"}


async def test_a_generated_name_is_told_by_its_beginning(server: Server) -> None:
    await server.create("namespaces", {"metadata": {"name": "gone"}})
    await server.create("pods", pod("old"), namespace="gone")
    await server.request("DELETE", "/api/v1/namespaces/gone")
    unnamed = pod()
    unnamed["metadata"] = {"generateName": "web-"}
    assert (await server.refused("pods", unnamed, namespace="gone")).startswith('pods "web-" is forbidden: unable to')
