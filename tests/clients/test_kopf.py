"""A ``kopf`` operator, run as its documentation does, over a custom resource of its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.manifests import widget
from tests.live import eventually
from tests.live.processes import Process

JSONObject = dict[str, Any]

_MERGE = {"content-type": "application/merge-patch+json"}


@pytest.fixture
def operator(apiserver: str, namespace: str, widgets: str) -> Iterator[Process]:
    script = Path(__file__).parent / "operator.py"
    command = [sys.executable, "-m", "kopf", "run", "--standalone", "--namespace", namespace, str(script)]
    env = {**os.environ, "TEST_SERVER": apiserver, "TEST_GROUP": widgets, "NO_PROXY": "*"}
    process = Process(command, env=env)
    yield process
    process.stop()


async def test_children_come_change_and_go(
    http: httpx.AsyncClient, namespace: str, widgets: str, operator: Process
) -> None:
    path = f"/apis/{widgets}/v1/namespaces/{namespace}/widgets"
    child = f"/api/v1/namespaces/{namespace}/configmaps/one-child"
    created = await http.post(path, json=widget(widgets, size=2))
    assert created.status_code == 201, created.text

    async def handled() -> JSONObject:
        found: JSONObject = (await http.get(f"{path}/one")).json()
        assert found.get("status", {}).get("create") == {"child": "one-child"}, operator.output()
        return found

    found = await eventually(handled, timeout=40)
    assert "kopf.zalando.org/KopfFinalizerMarker" in found["metadata"]["finalizers"]
    made = (await http.get(child)).json()
    assert (made["data"], made["metadata"]["ownerReferences"][0]["name"]) == ({"size": "2"}, "one")

    await http.patch(f"{path}/one", json={"spec": {"size": 3}}, headers=_MERGE)

    async def resized() -> bool:
        return bool((await http.get(child)).json()["data"] == {"size": "3"})

    assert await eventually(resized, timeout=40)

    async def told() -> bool:
        events = (await http.get(f"/api/v1/namespaces/{namespace}/events")).json()["items"]
        assert [event for event in events if event["involvedObject"]["kind"] == "Widget"], operator.output()
        return True

    assert await eventually(told, timeout=40)

    await http.delete(f"{path}/one")

    async def gone() -> bool:
        return (await http.get(f"{path}/one")).status_code == 404 and (await http.get(child)).status_code == 404

    assert await eventually(gone, timeout=40)
