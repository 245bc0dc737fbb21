"""One server for the nodes of a process, and its pages."""

import asyncio

import httpx
import pytest

from apimachinery.errors import FatalError
from kubelet.server.server import KubeletServer
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig
from tests.kubelet.server.conftest import served
from tests.live.processes import free_port


async def test_pods_and_what_runs_of_them(rig: Rig, http: httpx.AsyncClient) -> None:
    await rig.add(make_pod(container("web", image="idle"), container("job", image="ends"), name="p"))
    listed = (await http.get("/pods")).json()
    assert (listed["kind"], [pod["metadata"]["name"] for pod in listed["items"]]) == ("PodList", ["p"])
    assert listed["items"][0]["status"]["phase"] == "Running"
    running = (await http.get("/runningpods/")).json()["items"][0]
    assert [entry["name"] for entry in running["spec"]["containers"]] == ["web"]


async def test_metrics(rig: Rig, http: httpx.AsyncClient) -> None:
    await rig.add(make_pod(container("web", image="idle"), container("job", image="ends"), name="p", policy="Never"))
    lines = (await http.get("/metrics")).text.splitlines()
    for line in (
        'kubelet_node_name{node="node-1"} 1.0',
        "kubelet_running_pods 1.0",
        'kubelet_running_containers{container_state="running"} 1.0',
        'kubelet_running_containers{container_state="exited"} 1.0',
        "kubelet_started_pods_total 1.0",
        'kubelet_started_containers_total{container_type="container"} 2.0',
        "kubelet_pod_start_duration_seconds_count 1.0",
    ):
        assert line in lines


async def test_health_and_configuration(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).text == "ok"
    shown = (await http.get("/configz")).json()["kubeletconfig"]
    assert (shown["port"], shown["maxPods"], shown["nodeStatusUpdateFrequency"]) == (10250, 110, "10s")


@pytest.mark.parametrize("address", ["", "0.0.0.0"], ids=["a listener for each", "one listener"])
async def test_the_address_tells_the_node(rig: Rig, address: str) -> None:
    """Several nodes of one process, on one port."""
    port = free_port()
    addresses = {f"127.128.78.{last}": f"node-{last}" for last in (1, 2)}
    async with KubeletServer(port, address) as server, asyncio.TaskGroup() as group:
        serving = [group.create_task(server.serve(served(rig, name, ip)), name=name) for ip, name in addresses.items()]
        await rig.settle()
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            for ip, name in addresses.items():
                assert f'node="{name}"' in (await client.get(f"http://{ip}:{port}/metrics")).text
            if address:
                answer = await client.get(f"http://127.0.0.1:{port}/pods")
                assert (answer.status_code, answer.json()["message"]) == (404, "no node has the address 127.0.0.1")
        for task in serving:
            task.cancel()


async def test_a_taken_port_is_a_clear_error(rig: Rig) -> None:
    port = free_port()
    async with KubeletServer(port, "127.0.0.1"):
        with pytest.raises(FatalError, match=f"port {port} on 127.0.0.1 is taken"):
            async with KubeletServer(port, "127.0.0.1"):
                raise AssertionError("two servers on one port")
