"""How long a Deployment of many pods takes until all are available, and an update of it at 25 % and 25 %.

    python -m bench.rollout [--pods 1000] [--updated 200] [--nodes 5]

Every component is a process of its own. Prints the seconds, and each process's CPU seconds and resident memory.
"""

import argparse
import asyncio
import time
from typing import Any

from apimachinery.clock import RealClock
from apimachinery.types.apps import Deployment
from bench.api import cpu_seconds
from bench.pods import Readiness, report
from controller_manager.deployment.status import complete
from kubeclient.client import Client
from kubeclient.informer import Informer
from kubeclient.resources import DEPLOYMENTS, NODES
from kubemu.processes import Components, control_plane

NAMESPACE = "default"
LONGEST_SECONDS = 300


def deployment(name: str, pods: int) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "web", "image": "nginx:1.28", "ports": [{"containerPort": 80}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": pods, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


class Completion:
    """Tells when a Deployment is complete at its present generation."""

    def __init__(self) -> None:
        self._found: dict[str, Deployment] = {}
        self._changed = asyncio.Event()

    def see(self, old: Deployment | None, new: Deployment | None) -> None:
        if new is not None:
            self._found[new.metadata.name] = new
            self._changed.set()

    async def wait(self, name: str, generation: int) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                found = self._found.get(name)
                if found is not None and found.metadata.generation == generation and complete(found, found.status):
                    return
                self._changed.clear()
                await self._changed.wait()


class Stopwatch:
    """Says how long a stage took, and what each process spent on it."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._before = {entry.name: cpu_seconds(entry.process.pid) for entry in components.started}
        self._started = time.monotonic()

    def stop(self, what: str) -> None:
        print(f"{what}: {time.monotonic() - self._started:.2f} s")
        report(self._components, self._before)


async def measure(pods: int, updated: int, nodes: int) -> None:
    async with (
        control_plane(RealClock(), nodes, scheduler_port=0, max_pods=pods + 2 * updated) as (server, components),
        Client(server) as client,
        asyncio.TaskGroup() as group,
    ):
        completion, readiness = Completion(), Readiness()
        deployments, node_informer = Informer(client, DEPLOYMENTS), Informer(client, NODES)
        deployments.on_change(completion.see)
        node_informer.on_change(readiness.see_node)
        watches = [group.create_task(informer.run()) for informer in (deployments, node_informer)]
        await readiness.wait("nodes", nodes)

        watch = Stopwatch(components)
        await client.create(DEPLOYMENTS, deployment("large", pods), namespace=NAMESPACE)
        await completion.wait("large", 1)
        watch.stop(f"{pods} pods on {nodes} nodes until all are available")

        await client.create(DEPLOYMENTS, deployment("updated", updated), namespace=NAMESPACE)
        await completion.wait("updated", 1)
        watch = Stopwatch(components)
        patch = {"spec": {"template": {"metadata": {"annotations": {"version": "2"}}}}}
        await client.patch(DEPLOYMENTS, "updated", patch, namespace=NAMESPACE)
        await completion.wait("updated", 2)
        watch.stop(f"update of {updated} pods at 25 % and 25 %")
        for task in watches:
            task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=1000)
    parser.add_argument("--updated", type=int, default=200)
    parser.add_argument("--nodes", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(measure(options.pods, options.updated, options.nodes))


if __name__ == "__main__":
    main()
