"""What the kubelet serves, reached through the API server: logs, proxied pages, killing containers."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from kubeclient.client import Client
from tests.live import Cluster, eventually
from tests.live.addresses import own_range
from tests.live.node import NodeRig, one_node
from tests.live.processes import Kubectl, require_kubectl

NODE = "node-1"
CIDR = own_range(28)
KILL = f"/api/v1/nodes/{NODE}/proxy/debug/kill/default"


def shell(name: str, script: str) -> dict[str, object]:
    return {"name": name, "image": "busybox", "command": ["sh", "-c", script]}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    yield from one_node(NODE)


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    async with Client(nodes.url) as client:
        rig = NodeRig(client, NODE)
        await rig.until_node_ready(CIDR)
        yield rig


@pytest.fixture
async def http(nodes: Cluster) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=nodes.url, verify=False, trust_env=False, timeout=20) as client:
        yield client


async def test_the_node_says_where_its_kubelet_is(rig: NodeRig, http: httpx.AsyncClient) -> None:
    node = await rig.until_node_ready(CIDR)
    assert node.status.daemon_endpoints is not None
    assert node.status.daemon_endpoints.kubelet_endpoint is not None
    assert node.status.daemon_endpoints.kubelet_endpoint.port == 10250
    assert f'kubelet_node_name{{node="{NODE}"}} 1.0' in (await http.get(f"/api/v1/nodes/{NODE}/proxy/metrics")).text
    assert (await http.get(f"/api/v1/nodes/{NODE}/proxy/healthz")).text == "ok"


async def test_a_killed_container_comes_back_alone(rig: NodeRig, http: httpx.AsyncClient) -> None:
    """S17: with the exit code that was asked for; its neighbour and the pod's address stay."""
    await rig.create("one", {"name": "web", "image": "nginx"}, {"name": "db", "image": "redis"})
    before = await rig.until_ready("one")
    assert (await http.post(f"{KILL}/one/web?signal=KILL&exitCode=3")).status_code == 200
    after = await rig.until_ready("one", restarts=1)
    assert after.status.pod_ip == before.status.pod_ip
    web, db = sorted(after.status.container_statuses, key=lambda entry: entry.name != "web")
    assert web.last_state.terminated is not None
    assert (web.last_state.terminated.exit_code, db.restart_count) == (3, 0)
    gone = await http.post(f"{KILL}/none/web")
    assert (gone.status_code, gone.json()["message"]) == (404, 'pods "none" not found')


async def test_the_pause_container_stands_for_the_pod(rig: NodeRig, http: httpx.AsyncClient) -> None:
    """S1, S2: without it the whole pod is started anew, on an address of its own."""
    await rig.create("all", {"name": "web", "image": "nginx"}, {"name": "db", "image": "redis"})
    before = await rig.until_ready("all")
    assert (await http.post(f"{KILL}/all/pause")).status_code == 200
    after = await rig.until_ready("all", restarts=1)
    assert [entry.restart_count for entry in after.status.container_statuses] == [1, 1]
    assert after.status.pod_ip != before.status.pod_ip
    assert after.metadata.uid == before.metadata.uid
    await rig.until_event("all", "SandboxChanged")


async def test_logs_and_what_is_refused(rig: NodeRig, http: httpx.AsyncClient) -> None:
    await rig.create("two", shell("a", "echo from a"), shell("b", "echo from b"), restartPolicy="Never")
    await rig.until_phase("two", "Succeeded")
    log = "/api/v1/namespaces/default/pods/two/log"
    assert (await http.get(log, params={"container": "b"})).text == "from b\n"
    for query, code, message in (
        ("", 400, "a container name must be specified for pod two, choose one of: [a b]"),
        ("?container=c", 400, "container c is not valid for pod two"),
        ("?container=a&previous=true", 400, 'previous terminated container "a" in pod "two" not found'),
        ("?container=a&tailLines=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        (
            "?container=a&tailLines=-1",
            422,
            'PodLogOptions "two" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
    ):
        answer = await http.get(f"{log}{query}")
        assert (answer.status_code, answer.json()["message"]) == (code, message)
    assert (await http.get("/api/v1/namespaces/default/pods/none/log")).json()["message"] == 'pods "none" not found'
    await rig.create("stuck", {"name": "web", "image": "nginx:non-existent"})
    await rig.until_waiting("stuck", "ImagePullBackOff")
    answer = await http.get("/api/v1/namespaces/default/pods/stuck/log")
    assert answer.json()["message"] == (
        'container "web" in pod "stuck" is waiting to start: trying and failing to pull image'
    )


async def test_kubectl_logs(rig: NodeRig, nodes: Cluster, tmp_path: Path) -> None:
    """S8: every way of ``kubectl logs`` of its documentation that is about one pod."""
    require_kubectl()
    kubectl = Kubectl(nodes.url, tmp_path)
    await rig.create(
        "logs",
        shell("a", "echo a1; echo a2; sleep 0.3; echo a3"),
        shell("b", "echo b1"),
        initContainers=[shell("first", "echo prepared")],
        restartPolicy="Never",
    )
    await rig.until_phase("logs", "Succeeded")

    async def logs(*args: str, status: int = 0) -> str:
        return await asyncio.to_thread(kubectl.run, "logs", "logs", *args, status=status)

    assert await logs() == 'Defaulted container "a" out of: a, b, first (init)\na1\na2\na3\n'
    assert await logs("-c", "b") == "b1\n"
    assert await logs("-c", "first") == "prepared\n"
    assert await logs("-c", "a", "--tail=1") == "a3\n"
    assert await logs("-c", "a", "--limit-bytes=4") == "a1\na"
    assert await logs("-c", "a", "-f", "--since=1h") == "a1\na2\na3\n"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z b1\n", await logs("-c", "b", "--timestamps"))
    assert sorted((await logs("--all-containers", "--prefix")).splitlines()) == [
        "[pod/logs/a] a1",
        "[pod/logs/a] a2",
        "[pod/logs/a] a3",
        "[pod/logs/b] b1",
        "[pod/logs/first] prepared",
    ]
    assert 'previous terminated container "b" in pod "logs" not found' in await logs("-c", "b", "-p", status=1)


async def test_following_a_log(rig: NodeRig, http: httpx.AsyncClient) -> None:
    """Lines come as they are written; the stream ends with the container."""
    await rig.create("loud", shell("sh", "for i in 1 2 3; do echo $i; sleep 0.3; done"), restartPolicy="Never")

    async def has_started() -> bool:
        return (await rig.get("loud")).status.phase in {"Running", "Succeeded"}

    await eventually(has_started)
    async with http.stream("GET", "/api/v1/namespaces/default/pods/loud/log?follow=true") as answer:
        assert [line async for line in answer.aiter_lines()] == ["1", "2", "3"]
