"""How long a replica set of many pods takes until every pod is Ready, with every component a process of its own.

    python -m bench.pods [--pods 1000] [--nodes 5]

Prints the seconds, pods per second, and each process's CPU seconds and resident memory; and, as a yardstick for the
machine at that minute, how many requests per second a bare FastAPI app answers.
"""

import argparse
import asyncio
import sys
import time

import orjson

from apimachinery.clock import RealClock
from apimachinery.types.core import Node
from apimachinery.types.pod import Pod
from bench.api import ECHO_APP, cpu_seconds, free_port, process, rate, request, resident_megabytes, wait_for
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import NODES, PODS, REPLICASETS
from kubemu.processes import Components, control_plane


def replica_set(pods: int) -> dict[str, object]:
    labels = {"app": "bench"}
    container = {"name": "web", "image": "nginx:1.29", "ports": [{"containerPort": 80}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "bench"},
        "spec": {
            "replicas": pods,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


class Readiness:
    """Counts ready pods and nodes as the watch tells of them."""

    def __init__(self) -> None:
        self.pods: set[str] = set()
        self.nodes: set[str] = set()
        self.changed = asyncio.Event()

    def see_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and new.ready:
            self.pods.add(new.key)
            self.changed.set()

    def see_node(self, old: Node | None, new: Node | None) -> None:
        if new is not None and any(entry.type == "Ready" and entry.status == "True" for entry in new.status.conditions):
            self.nodes.add(new.key)
            self.changed.set()

    async def wait(self, kind: str, count: int) -> None:
        while len(getattr(self, kind)) < count:
            self.changed.clear()
            await self.changed.wait()


async def measure(pods: int, nodes: int) -> None:
    clock = RealClock()
    async with (
        control_plane(clock, nodes, scheduler_port=0, max_pods=pods) as (server, components),
        Client(server) as client,
        asyncio.TaskGroup() as group,
    ):
        seen = Readiness()
        pod_informer, node_informer = Informer(client, PODS), Informer(client, NODES)
        pod_informer.on_change(seen.see_pod)
        node_informer.on_change(seen.see_node)
        watches = [group.create_task(informer.run()) for informer in (pod_informer, node_informer)]
        await seen.wait("nodes", nodes)
        before = {component.name: cpu_seconds(component.process.pid) for component in components.started}
        started = time.monotonic()
        await client.request("POST", REPLICASETS.path(namespace="default"), body=orjson.dumps(replica_set(pods)))
        async with asyncio.timeout(300):
            await seen.wait("pods", pods)
        elapsed = time.monotonic() - started
        print(f"{pods} pods on {nodes} nodes: {elapsed:.2f} s until all Ready, {pods / elapsed:.0f} pods/s")
        report(components, before)
        for watch in watches:
            watch.cancel()


def report(components: Components, before: dict[str, float]) -> None:
    total_cpu = total_memory = 0.0
    for component in components.started:
        cpu = cpu_seconds(component.process.pid) - before[component.name]
        memory = resident_megabytes(component.process.pid)
        total_cpu, total_memory = total_cpu + cpu, total_memory + memory
        print(f"  {component.name:20} {cpu:6.2f} s CPU {memory:7.0f} MB")
    print(f"  {'all':20} {total_cpu:6.2f} s CPU {total_memory:7.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=1000)
    parser.add_argument("--nodes", type=int, default=5)
    options = parser.parse_args()
    port = free_port()
    with process(sys.executable, "-c", ECHO_APP, str(port)):
        wait_for(f"http://127.0.0.1:{port}/echo")
        echo = rate(port, [[request("POST", "/echo", b"{}")]] * 16, 2.0)
        print(f"yardstick: a bare FastAPI app echoes {echo:.0f} requests/s")
    asyncio.run(measure(options.pods, options.nodes))


if __name__ == "__main__":
    main()
