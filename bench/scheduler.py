"""How fast pods get their nodes: the scheduler as a process, against the API server as another.

    python -m bench.scheduler [requests] [affinity] [spread] [anti-affinity] [preemption] [memory] [rollout]
                              [--nodes 5000] [--pods 3000]

All cases when none is named. Nodes are bare objects: no kubelet is there, and nothing else uses the processor.

- ``requests``: pods that only ask for cpu and memory; ``affinity``: with node affinity and tolerations, on nodes with
  taints; ``spread``: spread over three zones, DoNotSchedule; ``anti-affinity``: no two of a hundred on one node;
  ``preemption``: 500 pods, each of which has to push another pod off its node. The pods wait before the scheduler
  starts; the rate is that from the first thing that the scheduler does to the last binding that the API server shows.
- ``memory``: the scheduler's resident memory once it knows 5,000 nodes and 50,000 pods on them.
- ``rollout``: 1,000 pods created one after another, 800 a second, for 5 nodes; how long each waited for its binding.

Prints pods per second, the scheduler's and the API server's processor time for each pod, the 99th percentile of a
cycle, and what a bare FastAPI app answers in the same minute.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import orjson

from bench.api import ECHO_APP, cpu_seconds, free_port, process, rate, request, resident_megabytes, wait_for
from bench.scheduler_objects import (
    HIGH_PRIORITY,
    JSONObject,
    affine_pod,
    lonely_pod,
    node,
    plain_pod,
    pushing_pod,
    spread_pod,
    tainted_node,
)
from kubeclient.client import Client

_CREATORS = 32


class Bench:
    """An API server as a process, with a client of it; a scheduler once it is started."""

    def __init__(
        self, server: str, apiserver: "subprocess.Popen[bytes]", client: Client, stack: AsyncExitStack
    ) -> None:
        self.server = server
        self.client = client
        self.apiserver = apiserver
        self._stack = stack
        self._port = free_port()

    async def create(self, path: str, objects: Sequence[JSONObject]) -> None:
        """Create objects, so many at a time."""
        waiting = iter(objects)

        async def creator() -> None:
            for obj in waiting:
                await self.client.request("POST", path, body=orjson.dumps(obj))

        async with asyncio.TaskGroup() as group:
            for _ in range(_CREATORS):
                group.create_task(creator())

    def start_scheduler(self) -> "subprocess.Popen[bytes]":
        command = (sys.executable, "-m", "scheduler", "--server", self.server, "--secure-port", str(self._port))
        return self._stack.enter_context(process(*command, "--seed", "1", "--leader-elect=false"))

    async def cycle_seconds(self, names: Sequence[str]) -> list[float]:
        """Return how long the cycles took that the scheduler still remembers, of these pods."""
        found: list[float] = []
        async with aiohttp.ClientSession() as session:
            for name in names:
                async with session.get(f"http://127.0.0.1:{self._port}/debug/decisions/default/{name}") as answer:
                    if answer.status == 200:
                        decisions = orjson.loads(await answer.read())["decisions"]
                        found += [entry["durations"]["totalSeconds"] for entry in decisions]
        return sorted(found)


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        # Nobody is there to say that the nodes are ready.
        command = (sys.executable, "-m", "apiserver", "--port", str(port))
        apiserver = stack.enter_context(process(*command, "--disable-admission-plugins", "TaintNodesByCondition"))
        wait_for(f"{server}/readyz")
        client = await stack.enter_async_context(Client(server, connections=_CREATORS))
        yield Bench(server, apiserver, client, stack)


class Bindings:
    """Follows pods on nodes: when each was first seen there, and when the scheduler's first doing was seen.

    That is a change of a pod of ``placed`` ones, which has to go, or another pod's binding.
    """

    def __init__(self, server: str, placed: Sequence[str] = ()) -> None:
        self._server = server
        self._placed = frozenset(placed)
        self.began_at: float | None = None
        self.seen_at: dict[str, float] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        url = f"{self._server}/api/v1/pods?watch=1&fieldSelector=spec.nodeName!="
        async with aiohttp.ClientSession(timeout=timeout, read_bufsize=2**22) as session, session.get(url) as answer:
            async for line in answer.content:
                event = orjson.loads(line)
                name = event["object"]["metadata"]["name"]
                if self.began_at is None and (event["type"] != "ADDED" or name not in self._placed):
                    self.began_at = time.monotonic()
                    self._changed.set()
                if event["type"] != "DELETED" and name not in self.seen_at:
                    self.seen_at[name] = time.monotonic()
                    self._changed.set()

    async def wait(self, wanted: Callable[[dict[str, float]], bool]) -> None:
        async with asyncio.timeout(600):
            while not wanted(self.seen_at):
                self._changed.clear()
                await self._changed.wait()


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


async def waiting_pods(
    title: str, nodes: Sequence[JSONObject], pods: Sequence[JSONObject], placed: Sequence[JSONObject] = ()
) -> None:
    """Bind pods that wait when the scheduler starts; ``placed`` have nodes already."""
    async with running() as bench:
        await bench.create("/api/v1/nodes", nodes)
        await bench.create("/apis/scheduling.k8s.io/v1/priorityclasses", [HIGH_PRIORITY])
        await bench.create("/api/v1/namespaces/default/pods", placed)
        await bench.create("/api/v1/namespaces/default/pods", pods)
        names = [pod["metadata"]["name"] for pod in pods]
        bindings = Bindings(bench.server, [pod["metadata"]["name"] for pod in placed])
        follower = asyncio.create_task(bindings.run())
        scheduler = bench.start_scheduler()
        wanted = frozenset(names)
        await bindings.wait(lambda seen: bindings.began_at is not None)
        before = [cpu_seconds(entry.pid) for entry in (scheduler, bench.apiserver)]
        await bindings.wait(lambda seen: len(seen) >= len(wanted) and wanted <= seen.keys())
        after = [cpu_seconds(entry.pid) for entry in (scheduler, bench.apiserver)]
        follower.cancel()
        assert bindings.began_at is not None
        took = max(bindings.seen_at[name] for name in names) - bindings.began_at
        cycles = await bench.cycle_seconds(sorted(names)[-300:])
        own, server = ((b - a) / len(names) * 1e6 for a, b in zip(before, after, strict=True))
        print(
            f"{title:42} {len(names) / took:6.0f} pods/s   CPU/pod: scheduler {own:5.0f} us, apiserver {server:5.0f} us"
            f"   cycle p50 {percentile(cycles, 0.5) * 1e3:.2f} ms, p99 {percentile(cycles, 0.99) * 1e3:.2f} ms"
            f"   {resident_megabytes(scheduler.pid):.0f} MB"
        )


async def memory(nodes: int, pods: int) -> None:
    async with running() as bench:
        await bench.create("/api/v1/nodes", [node(number) for number in range(nodes)])
        placed = []
        for number in range(pods):
            pod = plain_pod(number)
            pod["spec"]["nodeName"] = f"node-{number % nodes}"
            placed.append(pod)
        await bench.create("/api/v1/namespaces/default/pods", placed)
        scheduler = bench.start_scheduler()
        waiting = plain_pod(pods)
        bindings = Bindings(bench.server)
        follower = asyncio.create_task(bindings.run())
        await bench.create("/api/v1/namespaces/default/pods", [waiting])
        await bindings.wait(lambda seen: waiting["metadata"]["name"] in seen)
        follower.cancel()
        print(f"{nodes} nodes, {pods} pods on them: {resident_megabytes(scheduler.pid):.0f} MB resident")


async def rollout(nodes: int, pods: int, per_second: float) -> None:
    async with running() as bench:
        await bench.create("/api/v1/nodes", [node(number) for number in range(nodes)])
        bindings = Bindings(bench.server)
        follower = asyncio.create_task(bindings.run())
        scheduler = bench.start_scheduler()
        await bench.create("/api/v1/namespaces/default/pods", [plain_pod(pods)])
        await bindings.wait(lambda seen: len(seen) == 1)
        created: dict[str, float] = {}
        before = cpu_seconds(scheduler.pid)
        async with asyncio.TaskGroup() as group:
            started = time.monotonic()
            for number in range(pods):
                await asyncio.sleep(max(0.0, started + number / per_second - time.monotonic()))
                pod = plain_pod(number)
                group.create_task(_create(bench, pod, created))
        await bindings.wait(lambda seen: len(seen) == pods + 1)
        own = (cpu_seconds(scheduler.pid) - before) / pods * 1e6
        follower.cancel()
        waits = [bindings.seen_at[name] - moment for name, moment in created.items()]
        ends = max(created.values()) - min(created.values())
        print(
            f"{pods} pods on {nodes} nodes, created at {pods / ends:.0f}/s: bound after p50 "
            f"{percentile(waits, 0.5) * 1e3:.0f} ms, p99 {percentile(waits, 0.99) * 1e3:.0f} ms"
            f"   CPU/pod: scheduler {own:.0f} us"
        )


async def _create(bench: Bench, pod: JSONObject, created: dict[str, float]) -> None:
    await bench.client.request("POST", "/api/v1/namespaces/default/pods", body=orjson.dumps(pod))
    created[pod["metadata"]["name"]] = time.monotonic()


def many(make: Callable[[int], JSONObject], count: int) -> list[JSONObject]:
    return [make(number) for number in range(count)]


async def measure(cases: Sequence[str], nodes: int, pods: int) -> None:
    bare = many(node, nodes)
    for case in cases:
        match case:
            case "requests":
                await waiting_pods(f"{nodes} nodes, requests only", bare, many(plain_pod, pods))
            case "affinity":
                tainted = many(tainted_node, nodes)
                await waiting_pods(f"{nodes} nodes, node affinity and taints", tainted, many(affine_pod, pods))
            case "spread":
                await waiting_pods(f"{nodes} nodes, spread over 3 zones", bare, many(spread_pod, pods))
            case "anti-affinity":
                await waiting_pods(f"{nodes} nodes, required anti-affinity", bare, many(lonely_pod, pods))
            case "preemption":
                placed = []
                for number in range(500):
                    pod = pushing_pod(number, important=False)
                    pod["spec"]["nodeName"] = f"node-{number}"
                    placed.append(pod)
                pushing = [pushing_pod(500 + number, important=True) for number in range(500)]
                await waiting_pods("500 full nodes, preemption", many(node, 500), pushing, placed)
            case "memory":
                await memory(5000, 50_000)
            case "rollout":
                await rollout(5, 1000, 800.0)


CASES = ("requests", "affinity", "spread", "anti-affinity", "preemption", "memory", "rollout")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="which cases (all)")
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=3000)
    options = parser.parse_args()
    port = free_port()
    with process(sys.executable, "-c", ECHO_APP, str(port)):
        wait_for(f"http://127.0.0.1:{port}/echo")
        echo = rate(port, [[request("POST", "/echo", b"{}")]] * 16, 2.0)
        print(f"yardstick: a bare FastAPI app echoes {echo:.0f} requests/s; load {os.getloadavg()[0]:.1f}")
    asyncio.run(measure(options.cases or CASES, options.nodes, options.pods))


if __name__ == "__main__":
    main()
