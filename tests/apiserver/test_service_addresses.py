"""``IPAddress`` objects follow services, and ``ServiceCIDR`` objects add ranges."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.apiserver.conftest import Api, check_status
from tests.live import eventually

JSONObject = dict[str, Any]
NETWORKING = "/apis/networking.k8s.io/v1"
PORTS = {"ports": [{"port": 80}]}


def service(name: str, **spec: Any) -> JSONObject:
    return {"metadata": {"name": name}, "spec": {**PORTS, **spec}}


async def address_of(http: httpx.AsyncClient, address: str) -> JSONObject | None:
    response = await http.get(f"{NETWORKING}/ipaddresses/{address}")
    found: JSONObject | None = response.json() if response.status_code == 200 else None
    return found


async def test_a_services_address_is_an_object(api: Api) -> None:
    address = (await api.create("services", service("web")))["spec"]["clusterIP"]
    found = await eventually(lambda: address_of(api.http, address))
    assert found is not None
    assert found["metadata"]["labels"] == {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }
    reference = {"group": "", "resource": "services", "namespace": api.namespace, "name": "web"}
    assert {"group": "", **found["spec"]["parentRef"]} == reference
    # Whoever deletes it gets another one: the service has the address still.
    await api.request("DELETE", f"{NETWORKING}/ipaddresses/{address}")

    async def back() -> bool:
        again = await address_of(api.http, address)
        return again is not None and again["metadata"]["uid"] != found["metadata"]["uid"]

    assert await eventually(back)
    await api.delete("services", "web")

    async def gone() -> bool:
        return await address_of(api.http, address) is None

    assert await eventually(gone)


async def test_an_address_written_down_by_hand_is_nobodys_else(api: Api) -> None:
    address = "127.64.250.7"
    parent = {"group": "", "resource": "gateways", "namespace": api.namespace, "name": "own"}
    body = {"metadata": {"name": address}, "spec": {"parentRef": parent}}
    await api.request("POST", f"{NETWORKING}/ipaddresses", json=body, code=201)

    async def refused() -> bool:
        path = api.path("services")
        params = {"dryRun": "All"}
        return (await api.http.post(path, json=service("a", clusterIP=address), params=params)).status_code == 422

    assert await eventually(refused)
    await api.request("DELETE", f"{NETWORKING}/ipaddresses/{address}")

    async def free() -> bool:
        return (await api.http.post(api.path("services"), json=service("a", clusterIP=address))).status_code == 201

    assert await eventually(free)
    await api.delete("services", "a")


@pytest.fixture
async def extra(api: Api) -> AsyncIterator[str]:
    """A range beside the first; it is gone when the test ends."""
    body = {"metadata": {"name": api.namespace}, "spec": {"cidrs": ["127.65.9.0/29"]}}
    path = f"{NETWORKING}/servicecidrs"
    await api.request("POST", path, json=body, code=201)

    async def ready() -> bool:
        found = await api.request("GET", f"{path}/{api.namespace}")
        return any(entry["status"] == "True" for entry in found.get("status", {}).get("conditions", ()))

    assert await eventually(ready)
    yield f"{path}/{api.namespace}"
    await api.http.delete(f"{path}/{api.namespace}")


async def test_a_range_beside_the_first(api: Api, extra: str) -> None:
    given = await api.create("services", service("web", clusterIP="127.65.9.3"))
    assert given["spec"]["clusterIPs"] == ["127.65.9.3"]
    refused = await api.create("services", service("other", clusterIP="127.65.9.3"), code=422)
    check_status(refused, 422, "Invalid", ("spec.clusterIPs",), "provided IP is already allocated")
    await eventually(lambda: address_of(api.http, "127.65.9.3"))
    await api.request("DELETE", extra)

    async def terminating() -> bool:
        (condition,) = (await api.request("GET", extra))["status"]["conditions"]
        return bool(condition["reason"] == "Terminating")

    # It stays as long as a service has an address of it, and gives out no other.
    assert await eventually(terminating)
    refused = await api.create("services", service("other", clusterIP="127.65.9.4"), code=422)
    check_status(refused, 422, "Invalid", ("spec.clusterIPs",), "is not in the valid range")
    await api.delete("services", "web")

    async def gone() -> bool:
        return (await api.http.get(extra)).status_code == 404

    assert await eventually(gone)
