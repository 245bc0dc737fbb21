"""What a kubelet costs: its CPU for starting pods and for probing them, how late probes are, and its memory.

    python -m bench.kubelet [starts] [idle] [lateness] [memory]
                            [--pods 1000] [--probed 5000] [--late 10000] [--many 20000]

All four when none is named.

- ``starts``: pods bound to one kubelet until all are Ready; the kubelet's own CPU, and the PATCHes of statuses that the
  API server counted. The CPU is also given in requests that a bare FastAPI app answers with as much.
- ``idle``: pods with an HTTP readiness probe every ten seconds, all Ready; the kubelet's CPU while nothing else
  happens.
- ``lateness``: containers with such probes in one process, without an API server; how long after its moment each probe
  began.
- ``memory``: pods of one idle container; the kubelet's resident memory less what a process needs that only keeps the
  API objects, one decoded Pod each in an informer's cache. Everything else counts: the sandbox and the container, the
  pod's worker, its volume with its token, its status as it was sent.

The pods run nginx, those of ``memory`` pause. Thousands of them need as many descriptors (``ulimit -n``).
"""

import argparse
import asyncio
import random
import re
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
import uvloop

from apimachinery.clock import RealClock
from apimachinery.errors import NotFound
from apimachinery.types.pod import Pod
from bench.api import ECHO_APP, cpu_seconds, free_port, process, rate, request, resident_megabytes, wait_for
from componentbase.garbage import search_rarely
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubeclient.informer import Informer
from kubeclient.resources import NODES, PODS
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.prober.manager import ProbeManager
from kubelet.prober.prober import Prober
from kubelet.runtime import ContainerConfig, SandboxConfig

NODE = "node-1"
CIDR = "127.160.0.0/16"
PERIOD = 10
_CREATORS = 16
_STATUSES = re.compile(
    r'^apiserver_request_total\{(?=.*resource="pods")(?=.*subresource="status")(?=.*verb="PATCH").*\} (\S+)$', re.M
)
_EVENTS = re.compile(r'^apiserver_request_total\{(?=.*resource="events").*\} (\S+)$', re.M)

PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": PERIOD}


def pod(number: int, image: str, *, probed: bool) -> dict[str, object]:
    container = {"name": "web", "image": image, "ports": [{"containerPort": 80}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"bench-{number}", "labels": {"app": "bench"}},
        "spec": {"nodeName": NODE, "containers": [{**container, "readinessProbe": PROBE} if probed else container]},
    }


class Bench:
    """An API server and one kubelet as processes."""

    def __init__(
        self, server: str, client: Client, kubelet: "subprocess.Popen[bytes]", group: asyncio.TaskGroup
    ) -> None:
        self.server = server
        self.client = client
        self.kubelet = kubelet
        self._ready: set[str] = set()
        self._changed = asyncio.Event()
        pods = Informer(client, PODS)
        pods.on_change(self._see)
        self.watch = group.create_task(pods.run())

    def _see(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and new.ready:
            self._ready.add(new.key)
            self._changed.set()

    async def create(self, count: int, image: str, *, probed: bool = False) -> None:
        """Create pods on the node, and wait until all of them are Ready."""
        numbers = iter(range(count))

        async def work() -> None:
            for number in numbers:
                body = orjson.dumps(pod(number, image, probed=probed))
                await self.client.request("POST", PODS.path(namespace="default"), body=body)

        async with asyncio.TaskGroup() as group:
            for _ in range(_CREATORS):
                group.create_task(work())
        while len(self._ready) < count:
            self._changed.clear()
            await self._changed.wait()

    def patches(self) -> int:
        """Return how many statuses of pods have been written."""
        return self._count(_STATUSES)

    async def all_told(self) -> None:
        """Wait until no more events are written, which a kubelet keeps until then."""
        before, now = -1, 0
        while now > before:
            await asyncio.sleep(3)
            before, now = now, self._count(_EVENTS)

    def _count(self, counter: re.Pattern[str]) -> int:
        with urllib.request.urlopen(f"{self.server}/metrics") as answer:
            return int(sum(float(count) for count in counter.findall(answer.read().decode())))


async def _give_range(client: Client) -> None:
    while True:
        try:
            node = await client.get(NODES, NODE)
        except NotFound:
            await asyncio.sleep(0.05)
            continue
        if not node.spec.pod_cidr:
            await client.patch(NODES, NODE, {"spec": {"podCIDR": CIDR, "podCIDRs": [CIDR]}})
        if any(entry.type == "Ready" and entry.status == "True" for entry in node.status.conditions):
            return
        await asyncio.sleep(0.05)


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    # So many idle containers have their share of memory: a node with too little would turn pods away, and evict others.
    room = ["--max-pods", "100000", "--memory", "1Ti", "--ephemeral-storage", "10Ti"]
    kubelet = ["-m", "kubelet", "--server", server, "--node-name", NODE, *room, "--healthz-port", "0"]
    with (
        process(sys.executable, "-m", "apiserver", "--port", str(port)),
        process(sys.executable, *kubelet) as running,
    ):
        wait_for(f"{server}/readyz")
        async with Client(server) as client, asyncio.TaskGroup() as group:
            await _give_range(client)
            bench = Bench(server, client, running, group)
            yield bench
            bench.watch.cancel()


def echo_cpu() -> float:
    """Return the CPU seconds that a bare FastAPI app spends on one request."""
    port = free_port()
    with process(sys.executable, "-c", ECHO_APP, str(port)) as echo:
        wait_for(f"http://127.0.0.1:{port}/echo")
        before, seconds = cpu_seconds(echo.pid), 2.0
        answered = rate(port, [[request("POST", "/echo", b"{}")]] * 16, seconds) * seconds
        return (cpu_seconds(echo.pid) - before) / answered


async def starts(count: int) -> None:
    each = echo_cpu()
    async with open_bench() as bench:
        before, patched, began = cpu_seconds(bench.kubelet.pid), bench.patches(), time.monotonic()
        await bench.create(count, "nginx")
        elapsed, cpu = time.monotonic() - began, cpu_seconds(bench.kubelet.pid) - before
        await asyncio.sleep(1)
        whole = cpu_seconds(bench.kubelet.pid) - before
        print(
            f"starts: {count} pods Ready in {elapsed:.2f} s; kubelet {cpu:.2f} s CPU ({whole:.2f} s with the events "
            f"that were still to be written), {cpu / count / each:.1f} echoed requests a pod; "
            f"{(bench.patches() - patched) / count:.2f} status PATCHes a pod"
        )


async def idle(count: int) -> None:
    async with open_bench() as bench:
        await bench.create(count, "nginx", probed=True)
        await asyncio.sleep(PERIOD / 2)
        before, began = cpu_seconds(bench.kubelet.pid), time.monotonic()
        await asyncio.sleep(2 * PERIOD)
        share = (cpu_seconds(bench.kubelet.pid) - before) / (time.monotonic() - began)
        print(
            f"idle: {count} pods probed every {PERIOD} s; kubelet {share * 100:.1f} % of a core, "
            f"{share * PERIOD / count * 1e6:.0f} us a probe"
        )


async def lateness(count: int) -> None:
    search_rarely()
    clock, rng = RealClock(), random.Random(1)
    network = PodNetwork(CIDR)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client("http://127.0.0.1:1"))
        runtime = await stack.enter_async_context(FakeRuntime(clock=clock, network=network, rng=rng))
        prober = await stack.enter_async_context(Prober(runtime, network.endpoint, clock))
        recorder = EventRecorder(client, "kubelet", NODE)
        manager = ProbeManager(prober, clock, recorder, rng, wake=lambda uid: None)
        await runtime.pull_image("nginx")
        for number in range(count):
            # As after a restart: a node's worth of probes that would all begin together.
            status = {"startTime": "2026-01-01T00:00:00Z"}
            one = Pod.model_validate({**pod(number, "nginx", probed=True), "status": status})
            sandbox = await runtime.run_pod_sandbox(SandboxConfig(f"bench-{number}", "default", str(number)))
            container_id = await runtime.create_container(sandbox, ContainerConfig("web", "nginx"))
            await runtime.start_container(container_id)
            manager.start(one, one.spec.containers[0], container_id, runtime.pod_sandbox_status(sandbox).ip)
        await asyncio.sleep(2 * PERIOD)
        before, used = prober.timetable.statistics(), time.process_time()
        await asyncio.sleep(3 * PERIOD)
        share = (time.process_time() - used) / (3 * PERIOD)
        late = {most: number - before[most] for most, number in prober.timetable.statistics().items()}
        made = sum(late.values())
        within = ", ".join(f"p{part * 100:g} at most {_quantile(late, part) * 1e3:g} ms" for part in (0.5, 0.99, 1.0))
        print(
            f"lateness: {made} probes of {count} containers in {3 * PERIOD} s: {within}; "
            f"{share * 100:.0f} % of a core, {share * 3 * PERIOD / made * 1e6:.0f} us a probe"
        )


def _quantile(late: Mapping[float, int], share: float) -> float:
    """Return the bucket's end within which that share is."""
    left = share * sum(late.values())
    for most, number in late.items():
        left -= number
        if left <= 0:
            return most
    return float("inf")


KEEPER = """
import asyncio, sys, uvloop
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubeclient.informer import Informer
from kubeclient.resources import PODS
async def main():
    async with Client(sys.argv[1]) as client:
        await Informer(client, PODS).run()
uvloop.run(main())
"""


async def memory(count: int) -> None:
    async with open_bench() as bench:
        with process(sys.executable, "-c", KEEPER, bench.server) as keeper:
            await asyncio.sleep(2)
            before = {one.pid: resident_megabytes(one.pid) for one in (bench.kubelet, keeper)}
            await bench.create(count, "registry.k8s.io/pause:3.10")
            await bench.all_told()
            whole, objects = (resident_megabytes(one.pid) - before[one.pid] for one in (bench.kubelet, keeper))
            print(
                f"memory: {count} idle containers: {(whole - objects) / count * 1024:.1f} KB each beyond the "
                f"API object ({objects / count * 1024:.1f} KB); kubelet {resident_megabytes(bench.kubelet.pid):.0f} MB"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {
        "starts": (starts, "pods", 1000),
        "idle": (idle, "probed", 5000),
        "lateness": (lateness, "late", 10_000),
        "memory": (memory, "many", 20_000),
    }
    parser.add_argument("parts", nargs="*", choices=[*parts, []], default=[])
    for _, option, default in parts.values():
        parser.add_argument(f"--{option}", type=int, default=default)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for name in options.parts or parts:
        measure, option, _ = parts[name]
        uvloop.run(measure(getattr(options, option)))


if __name__ == "__main__":
    main()
