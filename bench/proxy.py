"""What it costs to reach a pod through its Service: the proxy's TCP against a plain asyncio relay in ten lines.

    python -m bench.proxy [flips] [stream] [open] [churn]
                          [--megabytes 600] [--rounds 3] [--connections 2000] [--count 100000]

All when none is named. The proxy is the real process with an API server beside it; endpoints are slices made by hand.

- ``flips``: from the write that says that an endpoint is ready, or is not, until connections are taken, or refused.
- ``stream``: bytes through one connection, as a ratio to the same through the relay in the same minute; both on
  their own processor time as well.
- ``open``: so many connections open at once, each of which is answered once all are there.
- ``churn``: connections one after the other, 16 at a time; the proxy's memory and open files before and after.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from dataclasses import dataclass

import uvloop

from bench.api import cpu_seconds, free_port, process, resident_megabytes, wait_for
from componentbase.open_files import allow_open_files
from kubeclient.client import Client
from kubeclient.resources import ENDPOINT_SLICES, SERVICES

SERVICE_CIDR = "127.163.0.0/24"
ENDPOINT = "127.163.1.1"
PORT = 9000
NAME = "bench"
PARTS = ("flips", "stream", "open", "churn")
_PIECE = bytes(1 << 18)
_CHURNERS = 16
_FLIPS = 50

RELAY = """
import asyncio, sys
async def pipe(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
async def serve(reader, writer):
    far_reader, far_writer = await asyncio.open_connection(sys.argv[2], int(sys.argv[3]))
    await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))
async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()
asyncio.run(main())
"""

SERVER = """
import asyncio, resource, sys
import uvloop
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
piece = bytes(1 << 18)
async def serve(reader, writer):
    while line := await reader.readline():
        for _ in range(int(line)):
            writer.write(piece)
            await writer.drain()
        writer.write(b".")
    writer.close()
async def main():
    await (await asyncio.start_server(serve, sys.argv[1], int(sys.argv[2]), backlog=4096)).serve_forever()
uvloop.run(main())
"""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Way:
    """A place that leads to the endpoint, and the process that is in between."""

    place: Place
    pid: int


async def ask(place: Place, pieces: int) -> float:
    """Have so many pieces sent over a connection of its own; return the seconds that took."""
    reader, writer = await asyncio.open_connection(*place, limit=1 << 20)
    start = time.perf_counter()
    writer.write(b"%d\n" % pieces)
    left = pieces * len(_PIECE) + 1
    while left:
        left -= len(await reader.read(1 << 20))
    took = time.perf_counter() - start
    writer.close()
    await writer.wait_closed()
    return took


async def stream(ways: dict[str, Way], megabytes: int, rounds: int) -> None:
    """Print rates, and what the process between used of a processor, which does not depend on who else uses one."""
    for _ in range(rounds):
        rates, costs = {}, {}
        for name, way in ways.items():
            before = cpu_seconds(way.pid)
            rates[name] = megabytes / await ask(way.place, megabytes * (1 << 20) // len(_PIECE))
            costs[name] = (cpu_seconds(way.pid) - before) / megabytes * 1000
        said = ", ".join(f"{name} {rates[name]:.0f} MB/s at {costs[name]:.2f} s CPU a GB" for name in ways)
        print(
            f"stream: {said}; the Service has {rates['Service'] / rates['relay']:.2f} of the relay's rate and "
            f"{costs['Service'] / costs['relay']:.2f} of its cost"
        )


async def many_open(service: Place, count: int, pid: int) -> None:
    start = time.perf_counter()
    opened = []
    for _ in range(0, count, 100):
        opened += await asyncio.gather(*(asyncio.open_connection(*service) for _ in range(100)))
    opening = time.perf_counter() - start
    for _, writer in opened:
        writer.write(b"0\n")
    said = [await reader.readexactly(1) for reader, _ in opened]
    total = time.perf_counter() - start
    files = len(os.listdir(f"/proc/{pid}/fd"))
    print(
        f"open: {said.count(b'.')} of {count} answered, opened in {opening:.2f} s, answered after {total:.2f} s; "
        f"proxy {resident_megabytes(pid):.0f} MB, {files} files"
    )
    for _, writer in opened:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in opened))


async def churn(service: Place, count: int, pid: int) -> None:
    async def some(number: int) -> None:
        for _ in range(number):
            await ask(service, 0)

    await some(1000)
    before = resident_megabytes(pid), len(os.listdir(f"/proc/{pid}/fd"))
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(_CHURNERS):
            group.create_task(some(count // _CHURNERS))
    took = time.perf_counter() - start
    await ask(service, 0)
    after = resident_megabytes(pid), len(os.listdir(f"/proc/{pid}/fd"))
    print(
        f"churn: {count} connections, {count / took:.0f}/s; memory {before[0]:.0f} -> {after[0]:.0f} MB, "
        f"files {before[1]} -> {after[1]}"
    )


async def create_service(client: Client) -> Place:
    """Create a Service that leads to the endpoint, and return its address once it does."""
    spec = {"ports": [{"port": 8000}]}
    made = await client.create(SERVICES, {"metadata": {"name": NAME}, "spec": spec}, namespace="default")
    piece = {
        "metadata": {"name": NAME, "labels": {"kubernetes.io/service-name": NAME}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [ENDPOINT], "conditions": {"ready": True}}],
        "ports": [{"port": PORT}],
    }
    await client.create(ENDPOINT_SLICES, piece, namespace="default")
    place = made.spec.cluster_ip, 8000
    await until(place, reached=True)
    return place


async def flips(client: Client, place: Place) -> None:
    """Print how long after the write of a slice its endpoint is out, and in again."""
    took: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * _FLIPS):
        ready = number % 2 == 1
        start = time.perf_counter()
        patch = {"endpoints": [{"addresses": [ENDPOINT], "conditions": {"ready": ready}}]}
        await client.patch(ENDPOINT_SLICES, NAME, patch, namespace="default")
        await until(place, reached=ready)
        took[ready].append((time.perf_counter() - start) * 1000)
    out, back = ([f"{statistics.median(found):.1f}", f"{max(found):.1f}"] for found in took.values())
    print(f"flips: out p50 {out[0]} ms, worst {out[1]} ms; in p50 {back[0]} ms, worst {back[1]} ms, the write included")


async def until(place: Place, *, reached: bool) -> None:
    """Return once connections are taken, or refused."""
    while True:
        try:
            _, writer = await asyncio.open_connection(*place)
            writer.close()
            found = True
        except ConnectionError:
            found = False
        if found is reached:
            return
        await asyncio.sleep(0.001)


async def measure(options: argparse.Namespace) -> None:
    chosen = options.what or PARTS
    port, health, port_of_relay = free_port(), free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    python = sys.executable
    with (
        process(python, "-c", SERVER, ENDPOINT, str(PORT)),
        process(python, "-c", RELAY, str(port_of_relay), ENDPOINT, str(PORT)) as relay,
        process(python, "-m", "apiserver", "--port", str(port), "--service-cluster-ip-range", SERVICE_CIDR),
    ):
        wait_for(f"{url}/readyz")
        own = ["--healthz-bind-address", f"127.0.0.1:{health}", "--cluster-dns", ""]
        with process(python, "-m", "kubeproxy", "--server", url, *own) as proxy:
            wait_for(f"http://127.0.0.1:{health}/readyz")
            async with Client(url) as client:
                place = await create_service(client)
                if "flips" in chosen:
                    await flips(client, place)
                if "stream" in chosen:
                    ways = {"relay": Way(("127.0.0.1", port_of_relay), relay.pid), "Service": Way(place, proxy.pid)}
                    await stream(ways, options.megabytes, options.rounds)
                if "open" in chosen:
                    await many_open(place, options.connections, proxy.pid)
                if "churn" in chosen:
                    await churn(place, options.count, proxy.pid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--megabytes", type=int, default=600)
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=100_000)
    allow_open_files()
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
