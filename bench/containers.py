"""What fake containers cost: starting and ending them, their streams through the API server, and their web servers.

    python -m bench.containers [runs] [exec] [follow] [forward] [serving]
                               [--count 2000] [--calls 200] [--lines 100] [--megabytes 400] [--pods 5000]

All when none is named.

- ``runs``: containers of ``sh -c 'echo hi; sleep 1; exit 3'`` in one process, started together, until each has ended
  and is removed; the processor time of one.
- ``exec``: ``exec`` of ``true`` through API server and kubelet over a WebSocket, one after the other on connections of
  their own; from the request to the answer's end, the client's own work included.
- ``follow``: lines that a container writes, followed through the API server; from a line's time to its arrival.
- ``forward``: bytes from a port of a pod through ``kubectl port-forward``, over the WebSocket tunnel and over SPDY;
  the same without anything between for comparison. The API server's and the kubelet's own processor time beside it.
- ``serving``: GETs over kept connections of one of many listening nginx pods in one process, as a ratio to a bare
  asyncio responder, which parses requests and always says the same, in the same minute.
"""

import argparse
import asyncio
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import aiohttp
import uvloop

from apimachinery.clock import RealClock, parse_rfc3339
from apimachinery.errors import NotFound
from apimachinery.types.pod import Pod
from bench.api import cpu_seconds, free_port, process, rate, request, resident_megabytes, wait_for
from componentbase.garbage import search_rarely
from kubeclient.client import Client
from kubeclient.resources import NODES, PODS
from kubelet.fake.network import PodNetwork
from kubelet.fake.runtime import FakeRuntime
from kubelet.runtime import ContainerConfig, EventType, SandboxConfig

NODE = "node-1"
CIDR = "127.161.0.0/16"
SCRIPT = "echo hi; sleep 1; exit 3"
_PORT = 9000
_CONNECTIONS = 16
_ROUNDS = 4

SOURCE = """
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
piece = bytes(1 << 20)
while True:
    connection, _ = listener.accept()
    with connection:
        if connection.recv(1):
            for _ in range(int(sys.argv[3])):
                connection.sendall(piece)
"""
"""Sends that many megabytes to whoever connects and says something."""

RESPONDER = """
import asyncio, httptools, sys, uvloop
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nContent-Length: 615\\r\\n\\r\\n" + b"x" * 615
class Responder(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
    def data_received(self, data):
        self.parser.feed_data(data)
    def on_url(self, url):
        self.url = url
    def on_header(self, name, value):
        self.headers[name] = value
    def on_message_begin(self):
        self.headers = {}
    def on_message_complete(self):
        self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Responder, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
uvloop.run(main())
"""

SERVING = """
import asyncio, sys, uvloop
from bench.containers import serve_pods
uvloop.run(serve_pods(int(sys.argv[1])))
"""


@asynccontextmanager
async def open_runtime() -> AsyncIterator[FakeRuntime]:
    async with FakeRuntime(clock=RealClock(), network=PodNetwork(CIDR), rng=random.Random(1)) as runtime:
        yield runtime


async def runs(count: int) -> None:
    async with open_runtime() as runtime:
        await runtime.pull_image("busybox")
        sandbox = await runtime.run_pod_sandbox(SandboxConfig("bench", "default", "uid"))
        config = ContainerConfig("sh", "busybox", command=("sh", "-c", SCRIPT))

        async def one() -> None:
            container = await runtime.create_container(sandbox, config)
            await runtime.start_container(container)
            ended.append(container)

        ended: list[str] = []
        await one()
        async with runtime.events() as events:
            # The first one has not ended yet either.
            before, left = time.process_time(), count + 1
            for _ in range(count):
                await one()
            async for event in events:
                left -= event.type is EventType.STOPPED
                if not left:
                    break
        assert all(runtime.container_status(name).exit_code == 3 for name in ended)
        for name in ended:
            await runtime.remove_container(name)
        each = (time.process_time() - before) / count
        print(f"runs: {count} containers from start to reaped, {each * 1e3:.2f} ms CPU each")


class Rig:
    """An API server and one kubelet as processes, with a client."""

    def __init__(self, server: str, client: Client, api: int, kubelet: int) -> None:
        self.server = server
        self.client = client
        self.pids = {"API server": api, "kubelet": kubelet}

    async def until(self, check: Callable[[], Awaitable[bool]]) -> None:
        while True:
            if await check():
                return
            await asyncio.sleep(0.05)

    async def run(self, name: str, *command: str) -> Pod:
        """Start a pod of one container, and return it once it is ready."""
        containers = [{"name": "c", "image": "busybox", "command": list(command)}]
        pod = {"metadata": {"name": name}, "spec": {"nodeName": NODE, "containers": containers}}
        await self.client.create(PODS, pod, namespace="default")

        async def ready() -> bool:
            return (await self.client.get(PODS, name, namespace="default")).ready

        await self.until(ready)
        return await self.client.get(PODS, name, namespace="default")

    def cpu(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}


@asynccontextmanager
async def open_rig() -> AsyncIterator[Rig]:
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    with (
        process(sys.executable, "-m", "apiserver", "--port", str(port)) as api,
        process(sys.executable, "-m", "kubelet", "--server", server, "--node-name", NODE) as kubelet,
    ):
        wait_for(f"{server}/readyz")
        async with Client(server) as client:
            rig = Rig(server, client, api.pid, kubelet.pid)

            async def node_ready() -> bool:
                try:
                    node = await client.get(NODES, NODE)
                except NotFound:
                    return False
                if not node.spec.pod_cidr:
                    await client.patch(NODES, NODE, {"spec": {"podCIDR": CIDR, "podCIDRs": [CIDR]}})
                return any(entry.type == "Ready" and entry.status == "True" for entry in node.status.conditions)

            await rig.until(node_ready)
            yield rig


async def exec_calls(count: int) -> None:
    async with open_rig() as rig, aiohttp.ClientSession(rig.server) as session:
        await rig.run("idle", "sleep", "100000")
        url = "/api/v1/namespaces/default/pods/idle/exec?command=true&stdout=1&stderr=1"

        async def once() -> float:
            began = time.perf_counter()
            async with session.ws_connect(url, protocols=("v5.channel.k8s.io",)) as opened:
                messages = [message.data async for message in opened]
            assert b'"Success"' in messages[-1], messages
            return time.perf_counter() - began

        for _ in range(10):
            await once()
        before = rig.cpu()
        took = [await once() for _ in range(count)]
        used = {name: (now - before[name]) / count for name, now in rig.cpu().items()}
        print(f"exec: {_spread(took)}; CPU {_each(used)}")


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    worst = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered) * 1e3:.1f} ms, p99 {worst * 1e3:.1f} ms"


def _each(used: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds * 1e3:.2f} ms" for name, seconds in used.items())


async def follow(count: int) -> None:
    async with open_rig() as rig, aiohttp.ClientSession(rig.server) as session:
        await rig.run("loud", "sh", "-c", "while true; do echo line; sleep 0.05; done")
        url = "/api/v1/namespaces/default/pods/loud/log?follow=1&timestamps=1&tailLines=0"
        late: list[float] = []
        async with session.get(url) as answer:
            async for line in answer.content:
                written = parse_rfc3339(re.sub(rb"(\.\d{6})\d+Z", rb"\1Z", line.split()[0]).decode())
                late.append((datetime.now(UTC) - written).total_seconds())
                if len(late) == count:
                    break
        print(f"follow: {count} lines arrive after {_spread(late)}")


@contextmanager
def forwarding(server: str, protocol: str) -> Iterator[int]:
    """Forward a port of the pod ``idle`` with kubectl; yield the local port."""
    env = {**os.environ, "KUBECTL_PORT_FORWARD_WEBSOCKETS": "true" if protocol == "WebSocket" else "false"}
    command = ["kubectl", "--server", server, "port-forward", "pod/idle", f":{_PORT}"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True)
    try:
        assert running.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", running.stdout.readline())
        assert found is not None
        yield int(found[1])
    finally:
        running.terminate()
        running.wait()


def receive(host: str, port: int) -> tuple[int, float]:
    """Return how many bytes come over a connection, and in how many seconds."""
    buffer, received = bytearray(1 << 20), 0
    with socket.create_connection((host, port)) as connection:
        connection.sendall(b"x")
        began = time.perf_counter()
        while size := connection.recv_into(buffer):
            received += size
    return received, time.perf_counter() - began


async def forward(megabytes: int) -> None:
    async with open_rig() as rig:
        ip = (await rig.run("idle", "sleep", "100000")).status.pod_ip
        with process(sys.executable, "-c", SOURCE, ip, str(_PORT), str(megabytes)):
            await asyncio.sleep(0.5)
            size, seconds = await asyncio.to_thread(receive, ip, _PORT)
            print(f"forward: {size / seconds / 1e6:.0f} MB/s with nothing between")
            for protocol in ("WebSocket", "SPDY"):
                with forwarding(rig.server, protocol) as port:
                    before = rig.cpu()
                    size, seconds = await asyncio.to_thread(receive, "127.0.0.1", port)
                    assert size == megabytes << 20, size
                    used = {name: (now - before[name]) / size * 1e8 for name, now in rig.cpu().items()}
                print(f"forward: {size / seconds / 1e6:.0f} MB/s over {protocol}; CPU for 100 MB: {_each(used)}")


async def serve_pods(count: int) -> None:
    """Have pods listen, print the address of the last, and go on until cancelled."""
    # As the kubelet does.
    search_rarely()
    async with open_runtime() as runtime:
        await runtime.pull_image("nginx")
        ip = ""
        for number in range(count):
            sandbox = await runtime.run_pod_sandbox(SandboxConfig(f"p{number}", "default", str(number)))
            await runtime.start_container(await runtime.create_container(sandbox, ContainerConfig("c", "nginx")))
            ip = runtime.pod_sandbox_status(sandbox).ip
        await asyncio.sleep(1)
        print(*runtime.network.endpoint(ip, 80), flush=True)
        await asyncio.Event().wait()


def _served(pid: int, host: str, port: int) -> tuple[float, float]:
    """Return how many GETs a second a process answers, and its CPU seconds for each."""
    seconds, before = 2.0, cpu_seconds(pid)
    answered = rate(port, [[request("GET", "/")]] * _CONNECTIONS, seconds, host)
    return answered, (cpu_seconds(pid) - before) / (answered * seconds)


def serving(count: int) -> None:
    port = free_port()
    with (
        process(sys.executable, "-c", RESPONDER, str(port)) as responder,
        subprocess.Popen([sys.executable, "-c", SERVING, str(count)], stdout=subprocess.PIPE, text=True) as pods,
    ):
        try:
            assert pods.stdout is not None
            host, real_port = pods.stdout.readline().split()
            for _ in range(_ROUNDS):
                bare, bare_cpu = _served(responder.pid, "127.0.0.1", port)
                ours, our_cpu = _served(pods.pid, host, int(real_port))
                print(
                    f"serving: {count} pods listen ({resident_megabytes(pods.pid):.0f} MB); {ours:.0f} GETs/s of one, "
                    f"{ours / bare:.2f} of a bare responder ({bare:.0f}/s); CPU of one {our_cpu * 1e6:.0f} us, "
                    f"of a bare one {bare_cpu * 1e6:.0f} us: {bare_cpu / our_cpu:.2f}"
                )
        finally:
            pods.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {
        "runs": ("count", 2000, lambda count: uvloop.run(runs(count))),
        "exec": ("calls", 200, lambda count: uvloop.run(exec_calls(count))),
        "follow": ("lines", 100, lambda count: uvloop.run(follow(count))),
        "forward": ("megabytes", 400, lambda count: uvloop.run(forward(count))),
        "serving": ("pods", 5000, serving),
    }
    parser.add_argument("parts", nargs="*", choices=[*parts, []], default=[])
    for option, default, _ in parts.values():
        parser.add_argument(f"--{option}", type=int, default=default)
    options = parser.parse_args()
    for name in options.parts or parts:
        option, _, measure = parts[name]
        measure(getattr(options, option))


if __name__ == "__main__":
    main()
