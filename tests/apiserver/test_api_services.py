"""The versions that the server serves, as objects."""

import asyncio

import httpx

from apiserver.api_services import PRIORITIES, api_service
from apiserver.registry.builtin import tables
from tests.live.processes import Kubectl


def test_all_that_is_served_has_one() -> None:
    assert set(PRIORITIES) == set(tables()) - {"apiregistration.k8s.io/v1"}


def test_names() -> None:
    assert api_service("v1")["metadata"]["name"] == "v1."
    assert api_service("apps/v1")["spec"] == {
        "group": "apps",
        "version": "v1",
        "groupPriorityMinimum": 17800,
        "versionPriority": 15,
    }


async def test_they_are_available(http: httpx.AsyncClient, kubectl: Kubectl) -> None:
    """What instructions for metrics-server wait for is there from the start."""
    listed = (await http.get("/apis/apiregistration.k8s.io/v1/apiservices")).json()["items"]
    names = {api_service(api_version)["metadata"]["name"] for api_version in PRIORITIES}
    assert names <= {item["metadata"]["name"] for item in listed}
    waited = ("wait", "--for=condition=Available", "apiservice/v1beta1.metrics.k8s.io", "--timeout=5s")
    assert "condition met" in await asyncio.to_thread(kubectl.run, *waited)
    shown = await asyncio.to_thread(kubectl.run, "get", "apiservice", "v1beta1.metrics.k8s.io", "--no-headers")
    assert shown.split()[:3] == ["v1beta1.metrics.k8s.io", "Local", "True"]
