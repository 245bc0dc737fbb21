"""How many instructions a cluster in one process takes for each pod that starts.

    python -m bench.instructions [--pods 200]

Needs valgrind. Runs ``kubemu up`` with ten nodes under callgrind, and counts from the creation of a Deployment until
all of its pods are Ready, and then until their events are written. That takes a minute of one processor, and, unlike
seconds, hardly depends on the machine and on what else it does: two runs differ by a percent or two. What it does not
see is how often the processor waits for memory, which costs as much again where pods are handled one by one.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.starts import Cluster, installed_environment, ready_line

_QUIET_SHARE = 0.25
"""A cluster that takes less of a processor than this for a second has nothing to do: valgrind makes it that slow."""


def control(cluster: Cluster, *args: str) -> None:
    subprocess.run(["callgrind_control", *args, str(cluster.process.pid)], check=True, capture_output=True)


def wait_quiet(cluster: Cluster) -> None:
    before = cluster.cpu()
    while True:
        time.sleep(1)
        now = cluster.cpu()
        if now - before < _QUIET_SHARE:
            return
        before = now


def counted(file: Path) -> int:
    found = re.search(r"^(?:summary|totals): (\d+)", file.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=200)
    given = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is not installed")
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts")
        began = time.monotonic()
        valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={counts}"]
        process = subprocess.Popen(
            [*valgrind, sys.executable, "-m", "kubemu", "up", "--output", "json", "--nodes", "10"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**installed_environment(), "KUBEMU_RUNTIME_DIR": f"{folder}/run"},
        )
        try:
            cluster = Cluster(process, ready_line(process), began, Path(folder))
            cluster.run_deployment("first", 20, pause=1)
            wait_quiet(cluster)
            control(cluster, "--instr=on")
            cluster.run_deployment("web", given.pods, pause=1)
            control(cluster, "--dump")
            wait_quiet(cluster)
            control(cluster, "--dump")
            until_ready, after = counted(Path(f"{counts}.1")), counted(Path(f"{counts}.2"))
        finally:
            process.terminate()
            process.wait()
    millions = given.pods * 1e6
    print(f"{until_ready / millions:.2f} million instructions for each of {given.pods} pods until all are Ready")
    print(f"{(until_ready + after) / millions:.2f} million with their events")


if __name__ == "__main__":
    main()
