"""How fast the API server is, as ratios to a bare FastAPI app served the same way in the same minute.

    python -m bench.api [--seconds 4] [--connections 16]

Measures, with keep-alive connections from a separate process: POST of pods with ``generateName``, GET of one pod,
and POST/GET of the same bytes to an echo app. Prints requests per second, the ratios, the time from exec to
``/readyz``, and the idle resident memory.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

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
    """Sends the same request again and again, each when the answer to the one before is complete."""

    def __init__(self, request: bytes, until: float) -> None:
        self.request = request
        self.until = until
        self.count = 0
        self.failures = 0
        self.buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.request)

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
            self.transport.write(self.request)
        elif not self.done.done():
            self.transport.close()
            self.done.set_result(None)


def _load(port: int, request: bytes, connections: int, seconds: float, queue: "multiprocessing.Queue[float]") -> None:
    import uvloop

    async def main() -> float:
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        opened = [
            (await loop.create_connection(lambda: _Connection(request, started + seconds), "127.0.0.1", port))[1]
            for _ in range(connections)
        ]
        await asyncio.gather(*(connection.done for connection in opened))
        if failures := sum(connection.failures for connection in opened):
            raise SystemExit(f"{failures} requests failed")
        return sum(connection.count for connection in opened) / (time.monotonic() - started)

    queue.put(uvloop.run(main()))


def rate(port: int, method: str, path: str, body: bytes, connections: int, seconds: float) -> float:
    """Return requests per second, driven from a process of its own."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    queue: multiprocessing.Queue[float] = multiprocessing.Queue()
    load = multiprocessing.Process(
        target=_load, args=(port, head.encode() + b"\r\n" + body, connections, seconds, queue)
    )
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
        process(sys.executable, "-c", ECHO_APP, str(echo_port)),
    ):
        wait_for(f"http://127.0.0.1:{echo_port}/echo")
        wait_for(f"http://127.0.0.1:{api_port}/readyz")
        ready = measure_start()
        print(f"exec to /readyz: {ready:.2f} s; idle RSS: {resident_megabytes(api.pid):.0f} MB; CPUs: {os.cpu_count()}")
        pods = "/api/v1/namespaces/default/pods"
        request = urllib.request.Request(
            f"http://127.0.0.1:{api_port}{pods}", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request) as answer:
            name = json.load(answer)["metadata"]["name"]
        for _ in range(options.rounds):
            load = (options.connections, options.seconds)
            echo_post = rate(echo_port, "POST", "/echo", body, *load)
            post = rate(api_port, "POST", pods, body, *load)
            echo_get = rate(echo_port, "GET", "/echo", b"", *load)
            get = rate(api_port, "GET", f"{pods}/{name}", b"", *load)
            print(
                f"POST {post:7.0f}/s  echo {echo_post:7.0f}/s  ratio {post / echo_post:.2f}   |   "
                f"GET {get:7.0f}/s  echo {echo_get:7.0f}/s  ratio {get / echo_get:.2f}"
            )


def measure_start() -> float:
    """Return the seconds from exec of a fresh API server until it is ready."""
    port = free_port()
    started = time.monotonic()
    with process(sys.executable, "-m", "apiserver", "--port", str(port)):
        wait_for(f"http://127.0.0.1:{port}/readyz")
        return time.monotonic() - started


if __name__ == "__main__":
    main()
