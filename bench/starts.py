"""How fast a cluster starts, what it takes, and whether it leaves anything.

    python -m bench.starts [--number 100] [--pods 1000]

Starts ``kubemu up`` so many times in a row, its modules compiled as those of an installed package are, has a pod Ready
in each, and ends it by Ctrl-C; then its process, its port and its files must be gone. At last a cluster with ten nodes
runs a Deployment of ``--pods``, and is reset with as many ConfigMaps. Beside wall times are processor times, which say
more on a busy machine, and those of a Python that imports nothing, in the same minute.
"""

import argparse
import http.client
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POD = {"metadata": {"name": "first"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
PODS = "/api/v1/namespaces/default/pods"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cluster:
    """A cluster and a connection to it. ``began`` is when its process was started."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    began: float
    folder: Path

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.ready["server"].removeprefix("http://"))

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, path, sent, {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status >= 400:
            raise SystemExit(f"{method} {path}: {answer}")
        return answer

    def cpu(self) -> float:
        """Return the processor seconds that the process has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def megabytes(self) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

    def wait_pod(self) -> None:
        while True:
            conditions = self.ask("GET", f"{PODS}/first").get("status", {}).get("conditions", [])
            if any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions):
                return
            time.sleep(0.005)

    def run_deployment(self, name: str, pods: int, *, pause: float) -> None:
        """Make a Deployment, and look every ``pause`` seconds until all of its pods are Ready."""
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "web", "image": "pause"}]}}
        spec = {"replicas": pods, "selector": {"matchLabels": {"app": name}}, "template": template}
        self.ask("POST", DEPLOYMENTS, {"metadata": {"name": name}, "spec": spec})
        while self.ask("GET", f"{DEPLOYMENTS}/{name}").get("status", {}).get("readyReplicas", 0) < pods:
            time.sleep(pause)


@contextmanager
def cluster(*args: str) -> Iterator[Cluster]:
    """Run a cluster; afterwards fail if anything is left of it."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above, "run")
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "kubemu", "up", "--output", "json", *args],
            stdout=subprocess.PIPE,
            env={**installed_environment(), "KUBEMU_RUNTIME_DIR": str(folder)},
        )
        try:
            found = Cluster(process, ready_line(process), began, folder)
            yield found
        finally:
            ended = time.monotonic()
            process.send_signal(signal.SIGINT)
            status = process.wait(10)
            took = time.monotonic() - ended
        if status or folder.exists() or is_open(found):
            raise SystemExit(f"something is left: status {status}, {folder.exists()=}, {is_open(found)=}")
        ENDS.append(took)


ENDS: list[float] = []


def ready_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Wait for a cluster, and return what it says when it is ready."""
    assert process.stdout is not None
    said: dict[str, Any] = json.loads(process.stdout.readline())
    return said


def installed_environment() -> dict[str, str]:
    """Return an environment in which modules are compiled once, as an installation does, and not in every process."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def is_open(of: Cluster) -> bool:
    probe = http.client.HTTPConnection(of.ready["server"].removeprefix("http://"), timeout=1)
    try:
        probe.connect()
    except OSError:
        return False
    probe.close()
    return True


def python_seconds() -> tuple[float, float]:
    """Return the wall and processor times of a Python that imports nothing."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([sys.executable, "-I", "-c", ""], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def starts(number: int) -> None:
    rows: list[tuple[float, ...]] = []
    idle: list[float] = []
    with cluster() as one:
        one.ask("POST", PODS, POD)
        one.wait_pod()
    ENDS.clear()
    for count in range(number):
        reference = python_seconds()
        with cluster() as one:
            cpu_ready = one.cpu()
            one.ask("POST", PODS, POD)
            one.wait_pod()
            rows.append((one.ready["readySeconds"], cpu_ready, time.monotonic() - one.began, one.cpu(), *reference))
        if count < 3:
            with cluster() as one:
                time.sleep(3)
                idle.append(one.megabytes())
    names = ("ready", "ready, processor", "pod Ready", "pod Ready, processor", "python", "python, processor")
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        print(f"{name:24} median {statistics.median(column):6.3f} s, worst {max(column):6.3f} s")
    print(f"{'end':24} median {statistics.median(ENDS):6.3f} s, worst {max(ENDS):6.3f} s")
    print(f"{'resident, idle':24} {statistics.median(idle):6.1f} MB")
    print(f"{number} starts and ends, nothing left")


def many(pods: int) -> None:
    with cluster("--nodes", "10") as one:
        time.sleep(2)
        began, cpu = time.monotonic(), one.cpu()
        one.run_deployment("web", pods, pause=0.02)
        print(f"{pods} pods Ready in {time.monotonic() - began:.2f} s, processor {one.cpu() - cpu:.2f} s")
        print(f"resident {one.megabytes():.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--pods", type=int, default=1000)
    given = parser.parse_args()
    if given.number:
        starts(given.number)
    if given.pods:
        many(given.pods)


if __name__ == "__main__":
    main()
