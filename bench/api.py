"""How fast the API server is, as ratios to a bare FastAPI app served the same way in the same minute.

    python -m bench.api [--seconds 4] [--connections 16]

Measures, with keep-alive connections from a separate process: POST of pods with ``generateName``, GET of one pod,
strategic-merge PATCH of the status of one pod a connection, and POST/GET of the same bytes to an echo app. Prints
requests per second, the ratios, the time from exec to ``/readyz``, and the idle resident memory. The processor time
that either server takes for a request says the same where nothing else runs, and is what to go by where something does.
"""

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

TICKS = os.sysconf("SC_CLK_TCK")

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "bench-", "labels": {"app": "bench", "tier": "web"}},
    "spec": {
        "containers": [
            {
                "name": "web",
                "image": "nginx:1.27",
                "ports": [{"containerPort": 80}],
                "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
            }
        ]
    },
}

ECHO_APP = """
import sys
import orjson, uvicorn
from fastapi import FastAPI, Request, Response
app = FastAPI()
stored = b"{}"
@app.post("/echo")
async def post(request: Request) -> Response:
    global stored
    stored = orjson.dumps(orjson.loads(await request.body()))
    return Response(stored, media_type="application/json")
@app.get("/echo")
async def get() -> Response:
    return Response(stored, media_type="application/json")
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, deadline: float = 20.0) -> float:
    """Return the seconds until ``url`` answers 200."""
    started = time.monotonic()
    while time.monotonic() - started < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return time.monotonic() - started
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
    raise SystemExit(f"{url} did not answer within {deadline} s")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_megabytes(pid: int) -> float:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


class _Connection(asyncio.Protocol):
    """Sends the same requests again and again, each when the answer to the one before is complete."""

    def __init__(self, requests: Sequence[bytes], until: float) -> None:
        self.requests = itertools.cycle(requests)
        self.until = until
        self.count = 0
        self.failures = 0
        self.buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self.buffer[:head_end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self.buffer) < head_end + 4 + length:
            return
        self.count += 1
        self.failures += not head.startswith(b"http/1.1 20")
        self.buffer = b""
        if time.monotonic() < self.until:
            self.transport.write(next(self.requests))
        elif not self.done.done():
            self.transport.close()
            self.done.set_result(None)


Requests = Sequence[Sequence[bytes]]
"""What each connection sends in turn; as many connections as entries."""


def _load(host: str, port: int, requests: Requests, seconds: float, queue: "multiprocessing.Queue[float]") -> None:
    import uvloop

    async def main() -> float:
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        opened = [
            (await loop.create_connection(partial(_Connection, turn, started + seconds), host, port))[1]
            for turn in requests
        ]
        await asyncio.gather(*(connection.done for connection in opened))
        if failures := sum(connection.failures for connection in opened):
            raise SystemExit(f"{failures} requests failed")
        return sum(connection.count for connection in opened) / (time.monotonic() - started)

    queue.put(uvloop.run(main()))


def request(method: str, path: str, body: bytes = b"", media_type: str = "application/json") -> bytes:
    """Return a request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    if body:
        head += f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def rate(port: int, requests: Requests, seconds: float, host: str = "127.0.0.1") -> float:
    """Return requests per second, driven from a process of its own."""
    queue: multiprocessing.Queue[float] = multiprocessing.Queue()
    load = multiprocessing.Process(target=_load, args=(host, port, requests, seconds, queue))
    load.start()
    result = queue.get()
    load.join()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    body = json.dumps(POD).encode()
    api_port, echo_port = free_port(), free_port()
    with (
        process(sys.executable, "-m", "apiserver", "--port", str(api_port)) as api,
        process(sys.executable, "-c", ECHO_APP, str(echo_port)) as echo,
    ):
        wait_for(f"http://127.0.0.1:{echo_port}/echo")
        wait_for(f"http://127.0.0.1:{api_port}/readyz")
        ready = measure_start()
        print(f"exec to /readyz: {ready:.2f} s; idle RSS: {resident_megabytes(api.pid):.0f} MB; CPUs: {os.cpu_count()}")
        names = [create_pod(api_port, body) for _ in range(options.connections)]
        for _ in range(options.rounds):
            print(measure_round(Server(api_port, api.pid), Server(echo_port, echo.pid), names, body, options.seconds))


PODS = "/api/v1/namespaces/default/pods"


def create_pod(port: int, body: bytes) -> str:
    """Create a pod and return its name."""
    call = urllib.request.Request(
        f"http://127.0.0.1:{port}{PODS}", body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(call) as answer:
        return str(json.load(answer)["metadata"]["name"])


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests per second, and microseconds of the server's processor time for each."""

    rate: float
    cost: float


def measure(server: Server, requests: Requests, seconds: float) -> Measured:
    before = cpu_seconds(server.pid)
    found = rate(server.port, requests, seconds)
    return Measured(found, (cpu_seconds(server.pid) - before) / (found * seconds) * 1e6)


def measure_round(api: Server, echo: Server, names: Sequence[str], body: bytes, seconds: float) -> str:
    """Return a line for each kind of request: the rates and costs, and their ratios to the echo app's."""
    # A status changes with each patch, as a kubelet's do: the message goes back and forth.
    patches = [status_patch(message) for message in ("one", "two")]
    strategic = "application/strategic-merge-patch+json"
    measured = {
        "POST": (
            measure(echo, [[request("POST", "/echo", body)] for _ in names], seconds),
            measure(api, [[request("POST", PODS, body)] for _ in names], seconds),
        ),
        "GET": (
            measure(echo, [[request("GET", "/echo")] for _ in names], seconds),
            measure(api, [[request("GET", f"{PODS}/{names[0]}")] for _ in names], seconds),
        ),
        "PATCH": (
            measure(echo, [[request("POST", "/echo", patch) for patch in patches] for _ in names], seconds),
            measure(
                api,
                [[request("PATCH", f"{PODS}/{name}/status", patch, strategic) for patch in patches] for name in names],
                seconds,
            ),
        ),
    }
    return "\n".join(
        f"{method:5} {own.rate:6.0f}/s  echo {other.rate:6.0f}/s  ratio {own.rate / other.rate:.2f}   |   "
        f"{own.cost:4.0f} us CPU  echo {other.cost:4.0f} us  ratio {other.cost / own.cost:.2f}"
        for method, (other, own) in measured.items()
    )


def status_patch(message: str) -> bytes:
    """Return what a kubelet sends when a pod has become ready."""
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "message": message}
        for kind in ("Initialized", "ContainersReady", "Ready")
    ]
    order = [{"type": entry["type"]} for entry in conditions]
    status = {
        "phase": "Running",
        "podIP": "10.0.0.1",
        "podIPs": [{"ip": "10.0.0.1"}],
        "$setElementOrder/conditions": order,
        "conditions": conditions,
    }
    return json.dumps({"status": status}).encode()


def measure_start() -> float:
    """Return the seconds from exec of a fresh API server until it is ready."""
    port = free_port()
    started = time.monotonic()
    with process(sys.executable, "-m", "apiserver", "--port", str(port)):
        wait_for(f"http://127.0.0.1:{port}/readyz")
        return time.monotonic() - started


if __name__ == "__main__":
    main()
