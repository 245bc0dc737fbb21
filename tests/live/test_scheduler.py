"""The scheduler as a process, against the API server as a process."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from apimachinery.errors import StatusError
from kubeclient.client import Client
from kubeclient.resources import NODES, PODS
from scheduler.service import decisions_path
from tests.live import Cluster, Process, component, eventually, free_port, start_apiserver
from tests.live.scheduling import NAMESPACE, Rig
from tests.scheduler.builders import make_node, make_pod


@pytest.fixture
async def rig(bare_cluster: Cluster) -> AsyncIterator[Rig]:
    async with Client(bare_cluster.url) as client:
        yield Rig(bare_cluster, client)


async def test_a_pod_is_bound_to_a_node(rig: Rig) -> None:
    """S10, S13: an unbound pod is learned of through watch, the best node is bound and the binding stored."""
    await rig.create_node(make_node("busy").taint("slow", effect="PreferNoSchedule"))
    await rig.create_node(make_node("idle"))
    await rig.create_pod(make_pod("web").requests(cpu="1"))
    pod = await rig.until_on("web", "idle")
    condition = pod.condition("PodScheduled")
    assert condition is not None
    assert condition.status == "True"
    event = await rig.until_event("web", "Scheduled")
    assert (event.type, event.message) == ("Normal", "Successfully assigned default/web to idle")
    assert event.source.component == "default-scheduler"
    assert event.involved_object.uid == pod.metadata.uid


async def test_why_a_pod_waits_and_that_it_stops_waiting(rig: Rig) -> None:
    """S11: nodes that do not fit are excluded, and the pod says why; a node that fits ends its wait."""
    await rig.create_node(make_node("gpu").taint("dedicated", "gpu"))
    await rig.create_node(make_node("small").capacity(cpu="1", memory="8Gi", pods="10"))
    await rig.create_pod(make_pod("big").requests(cpu="2"))
    message = (
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). preemption: 0/2 nodes are "
        "available: 2 Preemption is not helpful for scheduling."
    )
    await rig.until_refused("big", message)
    event = await rig.until_event("big", "FailedScheduling")
    assert (event.type, event.message) == ("Warning", message)
    await rig.create_node(make_node("large"))
    await rig.until_on("big", "large")


async def test_uncordoning_lets_a_pod_in(rig: Rig) -> None:
    await rig.create_node(make_node("only").cordoned())
    await rig.create_pod(make_pod("web"))
    await rig.until_said("web", "0/1 nodes are available: 1 node(s) were unschedulable.")
    await rig.client.patch(NODES, "only", {"spec": {"unschedulable": None}})
    await rig.until_on("web", "only")


async def test_a_deleted_pod_makes_room(rig: Rig) -> None:
    await rig.create_node(make_node("only").capacity(cpu="2", memory="2Gi", pods="1"))
    await rig.create_pod(make_pod("first"))
    await rig.until_on("first", "only")
    await rig.create_pod(make_pod("second"))
    await rig.until_said("second", "0/1 nodes are available: 1 Too many pods.")
    await rig.client.delete(PODS, "first", namespace=NAMESPACE, grace_period_seconds=0)
    await rig.until_on("second", "only")


async def test_a_crowd_of_pods_fills_the_nodes_and_no_more(rig: Rig) -> None:
    """S11, S12: many bindings under way at once exceed no node."""
    for number in range(5):
        await rig.create_node(make_node(f"n{number}").capacity(cpu="2", memory="8Gi", pods="110"))
    pods = [make_pod(f"p{number}").requests(cpu="100m").controller("web") for number in range(110)]
    await asyncio.gather(*(rig.create_pod(pod) for pod in pods))

    async def placed() -> Counter[str]:
        found = await rig.client.list(PODS, namespace=NAMESPACE)
        nodes = Counter(pod.spec.node_name for pod in found.items)
        assert sum(nodes.values()) - nodes[""] == 100, nodes
        return nodes

    nodes = await eventually(placed)
    assert nodes == {"": 10, **{f"n{number}": 20 for number in range(5)}}


async def test_survives_a_restart_of_the_api_server(rig: Rig) -> None:
    """An API server that comes back with nothing: what was there is forgotten, what comes is scheduled."""
    await rig.create_node(make_node("old"))
    await rig.create_pod(make_pod("before"))
    await rig.until_on("before", "old")
    rig.cluster.restart_apiserver()
    # Connections of before the restart are gone, which only the first request over each finds out.
    await rig.client.wait_for_server()
    # The scheduler may learn of the new pod before it lists the nodes anew, so the first pod fits only the new node;
    # once that pod is bound the nodes have been listed, and the old one is gone for a pod that fits anywhere.
    await rig.create_node(make_node("new").labels(generation="second"))
    await rig.create_pod(make_pod("after").selector(generation="second"))
    await rig.until_on("after", "new")
    for name in ("later", "last"):
        await rig.create_pod(make_pod(name))
        await rig.until_on(name, "new")


async def test_pods_of_other_schedulers_are_left_alone_but_counted(rig: Rig) -> None:
    await rig.create_node(make_node("only").capacity(cpu="2", memory="2Gi", pods="2"))
    await rig.create_pod(make_pod("other").scheduler("mine"))
    await rig.create_pod(make_pod("there").scheduler("mine").node("only"))
    await rig.create_pod(make_pod("ours"))
    await rig.create_pod(make_pod("late"))

    async def decided() -> bool:
        nodes = {name: (await rig.pod(name)).spec.node_name for name in ("ours", "late", "other")}
        return sorted([nodes["ours"], nodes["late"]]) == ["", "only"] and nodes["other"] == ""

    assert await eventually(decided)


async def test_decisions_can_be_read_afterwards(rig: Rig) -> None:
    """S12: the whole decision can be read."""
    await rig.create_node(make_node("a"))
    await rig.create_node(make_node("b").cordoned())
    await rig.create_pod(make_pod("web"))
    await rig.until_on("web", "a")
    async with httpx.AsyncClient(base_url=rig.pages) as http:
        page = (await http.get("/debug/decisions/default/web")).json()
        missing = await http.get("/debug/decisions/default/nobody")
        assert (await http.get("/readyz")).text == "ok"
        assert (await http.get("/livez")).text == "ok"
        metrics = (await http.get("/metrics")).text
    assert 'scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"} 1.0' in metrics
    assert page["decisions"][-1]["node"] == "a"
    assert page["decisions"][-1]["nodes"][1]["reasons"] == ["node(s) were unschedulable"]
    assert (missing.status_code, missing.json()["reason"]) == (404, "NotFound")


async def test_decisions_are_read_through_the_api_server(rig: Rig) -> None:
    """S12: whoever reaches the API server reads decisions, as JSON or by ``kubemu why``."""
    await rig.create_node(make_node("a").capacity(cpu="1", memory="1Gi", pods="5"))
    await rig.create_pod(make_pod("big").requests(cpu="2"))
    await rig.until_said("big", "0/1 nodes are available: 1 Insufficient cpu.")

    async def page() -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = orjson.loads(await rig.client.request("GET", decisions_path(NAMESPACE, "big")))
        except StatusError:
            # The Service before the scheduler's pages comes a moment later.
            return None
        return found

    found = await eventually(page)
    assert found is not None
    assert found["decisions"][-1]["nodes"][0]["reasons"] == ["Insufficient cpu"]
    assert "Node/ADD" in found["wakesOn"]
    assert found["queue"]["queue"] == "unschedulable"
    command = [sys.executable, "-m", "kubemu", "why", "big", "--server", rig.cluster.url]
    ended = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=True)
    assert "0/1 nodes are available: 1 Insufficient cpu." in ended.stdout
    assert "NodeResourcesFit: Insufficient cpu (preemption cannot help)" in ended.stdout
    missing = [*command[:4], "nobody", *command[5:]]
    ended = await asyncio.to_thread(subprocess.run, missing, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (1, 'Error: pods "nobody" not found\n')


async def test_ends_cleanly_at_sigterm_with_watches_open(rig: Rig) -> None:
    rig.scheduler.wait_for_line("scheduling:")
    rig.scheduler.send_signal(signal.SIGTERM)
    assert rig.scheduler.wait() == 0


async def test_waits_for_an_api_server_that_is_not_there_yet() -> None:
    port = free_port()
    scheduler = component("scheduler", "--server", f"http://127.0.0.1:{port}", "--secure-port", "0")
    try:
        scheduler.wait_for_line("waiting for the API server")
        server = start_apiserver(port=port)
        try:
            scheduler.wait_for_line("scheduling:")
        finally:
            server.process.stop()
    finally:
        assert scheduler.stop() == 0


def ended(process: Process) -> tuple[int, str]:
    status = process.wait(20)
    return status, process.stderr[-1]


def test_a_server_that_is_none_is_one_clear_line(cluster: Cluster) -> None:
    scheduler = cluster.start("scheduler")
    scheduler.wait_for_line("scheduling:")
    port = scheduler.argv[scheduler.argv.index("--secure-port") + 1]
    status, said = ended(component("scheduler", "--server", f"http://127.0.0.1:{port}", "--secure-port", "0"))
    assert status == 1
    assert said == (
        f"scheduler: error: http://127.0.0.1:{port} is not a Kubernetes API server: GET /version answered 404"
    )


def test_a_taken_port_is_one_clear_line(cluster: Cluster) -> None:
    port = cluster.server.port
    status, said = ended(component("scheduler", "--server", cluster.url, "--secure-port", str(port)))
    assert status == 1
    assert said == (f"scheduler: error: port {port} on 127.0.0.1 is taken: choose another with --secure-port")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["--server", "ftp://x"], "'--server'", id="server is no URL"),
        pytest.param(["--secure-port", "70000"], "'--secure-port'", id="port out of range"),
        pytest.param(["--seed", "often"], "'--seed'", id="seed is no number"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(args: list[str], said: str) -> None:
    status, line = ended(component("scheduler", *args))
    assert status == 2
    assert said in line
