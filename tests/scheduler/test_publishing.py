"""The objects that lead to the scheduler's pages."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from apimachinery.errors import NotFound
from apimachinery.types.base import Object
from kubeclient.client import Client
from kubeclient.resources import ENDPOINT_SLICES, SERVICES, Resource
from scheduler.publishing import endpoint_slice, publish, service
from scheduler.service import NAME, NAMESPACE, decisions_path
from tests.live import ServerProcess, eventually


@pytest.mark.parametrize(
    ("bound", "address", "kind"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", "IPv4", id="an address"),
        pytest.param("0.0.0.0", "127.0.0.1", "IPv4", id="all of them"),
        pytest.param("::", "::1", "IPv6", id="all of them, of version 6"),
    ],
)
def test_the_slice_leads_to_where_the_pages_are(bound: str, address: str, kind: str) -> None:
    found = endpoint_slice(bound, 10259)
    assert (found["endpoints"][0]["addresses"], found["addressType"]) == ([address], kind)
    assert found["ports"][0]["port"] == 10259
    assert found["metadata"]["labels"]["kubernetes.io/service-name"] == service(10259)["metadata"]["name"]


async def test_what_is_removed_is_put_back(start_server: Callable[..., ServerProcess]) -> None:
    """As after a reset of the cluster, or of an API server that keeps nothing."""
    async with Client(start_server().url) as client, asyncio.TaskGroup() as group:
        task = group.create_task(publish(client, "127.0.0.1", 10259))
        for resource in (SERVICES, ENDPOINT_SLICES, SERVICES):

            async def there(resource: Resource[Any] = resource) -> str:
                try:
                    found: Object = await client.get(resource, NAME, namespace=NAMESPACE)
                except NotFound:
                    return ""
                return found.metadata.uid

            uid = await eventually(there)
            await client.delete(resource, NAME, namespace=NAMESPACE)

            async def another(resource: Resource[Any] = resource, uid: str = uid) -> bool:
                return await there(resource) not in {"", uid}

            await eventually(another)
        task.cancel()


def test_a_path_through_the_api_server() -> None:
    assert decisions_path("prod", "web-0") == (
        "/api/v1/namespaces/kube-system/services/kube-scheduler:http/proxy/debug/decisions/prod/web-0"
    )
