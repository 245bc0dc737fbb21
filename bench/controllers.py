"""What the controller manager takes for much at once: collecting garbage, emptying a namespace, knowing many pods.

    python -m bench.controllers [owner] [namespace] [pods] [--dependents 5000] [--objects 2000] [--pods 10000]

All when none is named. There are an API server and a controller manager, each a process of its own, and no nodes.

- ``owner``: from the deletion of an object until the last of its dependents is gone.
- ``namespace``: from the deletion of a namespace with that many objects, a tenth of them pods, until it is gone.
- ``pods``: until a ReplicaSet has made its pods; memory with all of them, running as far as their status says; and what
  the controller manager uses of a processor while nothing happens.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from apimachinery.clock import RealClock
from apimachinery.errors import NotFound
from bench.api import cpu_seconds, resident_megabytes
from bench.pods import replica_set, report
from kubeclient.client import Client
from kubeclient.resources import CONFIGMAPS, NAMESPACES, PODS, REPLICASETS
from kubemu.processes import Components

AT_ONCE = 32
IDLE_SECONDS = 20.0
AT = "2026-01-01T00:00:00Z"


async def at_once(count: int, send: Callable[[int], Awaitable[object]]) -> None:
    """Call ``send`` with each number below ``count``, some at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with slots:
            await send(number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    clock = RealClock()
    while not await done():
        await clock.sleep(0.05)


class Bench:
    """The two processes, and how long a stage took them."""

    def __init__(self, client: Client, components: Components) -> None:
        self._client = client
        self._components = components

    async def owner(self, dependents: int) -> None:
        made = await self._client.create(CONFIGMAPS, {"metadata": {"name": "owner"}}, namespace="default")
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": made.metadata.uid}

        async def create(number: int) -> None:
            metadata = {"name": f"owned-{number}", "ownerReferences": [reference], "labels": {"owned": "yes"}}
            await self._client.create(CONFIGMAPS, {"metadata": metadata}, namespace="default")

        async def gone() -> bool:
            found = await self._client.list(CONFIGMAPS, namespace="default", label_selector="owned=yes", limit=1)
            return not found.items

        await at_once(dependents, create)
        await self._time(
            f"an owner of {dependents} gone with all of them",
            self._client.delete(CONFIGMAPS, "owner", namespace="default", propagation_policy="Background"),
            gone,
        )

    async def namespace(self, objects: int) -> None:
        await self._client.create(NAMESPACES, {"metadata": {"name": "full"}})

        async def create(number: int) -> None:
            name = {"metadata": {"name": f"object-{number}"}}
            if number % 10:
                await self._client.create(CONFIGMAPS, {**name, "data": {"key": "value"}}, namespace="full")
            else:
                pod = {**name, "spec": {"containers": [{"name": "c", "image": "pause"}]}}
                await self._client.create(PODS, pod, namespace="full")

        async def gone() -> bool:
            try:
                await self._client.get(NAMESPACES, "full")
            except NotFound:
                return True
            return False

        await at_once(objects, create)
        await self._time(f"a namespace of {objects} objects gone", self._client.delete(NAMESPACES, "full"), gone)

    async def pods(self, count: int) -> None:
        async def made() -> bool:
            found = await self._client.get(REPLICASETS, "bench", namespace="default")
            return found.status.replicas == count

        create: Any = self._client.create(REPLICASETS, replica_set(count), namespace="default")
        await self._time(f"{count} pods made", create, made)
        names = [pod.metadata.name for pod in (await self._client.list(PODS, namespace="default")).items]

        async def run(number: int) -> None:
            body = {"status": running_status(number)}
            await self._client.patch(PODS, names[number], body, namespace="default", subresource="status")

        async def ready() -> bool:
            found = await self._client.get(REPLICASETS, "bench", namespace="default")
            return found.status.ready_replicas == count

        await self._time(f"{count} pods said to run", at_once(count, run), ready)
        manager = self._components.started[-1].process.pid
        await asyncio.sleep(5)
        before = cpu_seconds(manager)
        await asyncio.sleep(IDLE_SECONDS)
        share = (cpu_seconds(manager) - before) / IDLE_SECONDS
        print(f"with {count} pods and nothing to do: {resident_megabytes(manager):.0f} MB, {share:.1%} of a processor")

    async def _time(self, what: str, begin: Awaitable[object], done: Callable[[], Awaitable[bool]]) -> None:
        before = {entry.name: cpu_seconds(entry.process.pid) for entry in self._components.started}
        started = time.monotonic()
        await begin
        await until(done)
        print(f"{what}: {time.monotonic() - started:.2f} s")
        report(self._components, before)


def running_status(number: int) -> dict[str, Any]:
    """Return what a kubelet would say of a pod that is ready."""
    address = f"127.{160 + number // 65536}.{number // 256 % 256}.{number % 256}"
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    state = {"running": {"startedAt": AT}}
    container = {"name": "web", "image": "nginx:1.29", "imageID": "docker.io/library/nginx@sha256:0123"}
    return {
        "phase": "Running",
        "hostIP": "127.160.0.1",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": AT,
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": AT} for kind in kinds],
        "containerStatuses": [
            {**container, "containerID": f"fake://{number:064}", "ready": True, "restartCount": 0, "state": state}
        ],
    }


async def measure(options: argparse.Namespace) -> None:
    async with Components(RealClock()) as components:
        server = await components.start_apiserver()
        await components.start("controller_manager", "controller_manager", "--server", server, "--secure-port", "0")
        async with Client(server, connections=AT_ONCE) as client:
            bench = Bench(client, components)
            for stage in options.stages or ("owner", "namespace", "pods"):
                count = {"owner": options.dependents, "namespace": options.objects, "pods": options.pods}[stage]
                await getattr(bench, stage)(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", choices=["owner", "namespace", "pods", []], metavar="STAGE")
    parser.add_argument("--dependents", type=int, default=5000)
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--pods", type=int, default=10_000)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
