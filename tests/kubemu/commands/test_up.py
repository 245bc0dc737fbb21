"""``kubemu up`` as a process: a cluster that works, and nothing left of it afterwards."""

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kubemu.__main__ import main
from tests.live.processes import ROOT, Kubectl, Process, require_kubectl

SECONDS = 30.0
COLUMNS = "jsonpath={..podCIDR} {..clusterIP}"

Start = Callable[..., tuple[Process, dict[str, Any]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start clusters of the test's own, and wait until each says where it is; they are ended after the test."""
    started: list[Process] = []

    def begin(*args: str) -> tuple[Process, dict[str, Any]]:
        command = [sys.executable, "-m", "kubemu", "up", "--output", "json", *args]
        process = Process(command, env={"KUBEMU_RUNTIME_DIR": str(tmp_path / "run"), "PYTHONPATH": str(ROOT)})
        started.append(process)
        line = process.wait_for_line(r"^\{.*\}$", stream="stdout", timeout=SECONDS)
        return process, json.loads(line[0])

    yield begin
    for process in started:
        process.kill()


def test_a_cluster_works_and_leaves_nothing(start: Start, tmp_path: Path) -> None:
    """S4, S5, S8, S16, S23: pods of a manifest run, seen through the kubeconfig that was told."""
    require_kubectl()
    process, ready = start("--nodes", "2", "--name", "first")
    assert set(ready) >= {"server", "kubeconfig", "pid", "nodes", "readySeconds"}
    assert ready["pid"] == process.pid
    assert ready["nodes"] == ["node-0", "node-1"]
    assert 0 < ready["readySeconds"] < SECONDS
    kubectl = Kubectl(ready["server"], tmp_path)
    kubectl.run("apply", "-f", "examples/first-pod.yaml")
    kubectl.run("wait", "--for=condition=Ready", "pod/first-pod", "--timeout=30s")
    assert sorted(os.listdir(tmp_path / "run")) == ["first.json", "first.kubeconfig"]
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0, process.output()
    assert process.stderr == []
    assert not (tmp_path / "run").exists()


def test_two_clusters_share_no_address(start: Start, tmp_path: Path) -> None:
    require_kubectl()
    both = [start()[1], start()[1]]
    assert [ready["name"] for ready in both] == ["default", "default-2"]
    addresses = [Kubectl(ready["server"], tmp_path).run("get", "nodes,services", "-A", "-o", COLUMNS) for ready in both]
    assert not set(addresses[0].split()) & set(addresses[1].split())


def test_a_cluster_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-m', 'kubemu', 'up', '-o', 'json', '--die-with-parent'],"
        " stdout=subprocess.PIPE); "
        "print(child.pid, flush=True); child.stdout.readline(); print('ready', flush=True); signal.pause()"
    )
    env = {"KUBEMU_RUNTIME_DIR": str(tmp_path / "run"), "PYTHONPATH": str(ROOT)}
    parent = Process([sys.executable, "-c", code], env=env)
    pid = int(parent.wait_for_line(r"^(\d+)$", stream="stdout", timeout=SECONDS)[1])
    watched = os.pidfd_open(pid)
    parent.wait_for_line("ready", stream="stdout", timeout=SECONDS)
    parent.kill()
    assert select.select([watched], [], [], SECONDS)[0], "the cluster outlived its parent"
    os.close(watched)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--name", "A"), "'A' is no name"),
        (("--nodes", "0"), "--nodes"),
        (("--nodes", "2", "--node-shapes", "examples/first-pod.yaml"), "cannot both be given"),
        (("--use-context",), "--use-context is for --merge"),
        (("--time-scale", "0"), "--time-scale"),
    ],
)
def test_bad_options_are_refused(args: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(main, ["up", *args])
    assert result.exit_code == 2
    assert said in result.output


def test_an_error_is_one_line(start: Start) -> None:
    _, ready = start("--name", "one")
    port = ready["server"].rpartition(":")[2]
    for args, said in (
        (("--name", "one"), "a cluster one runs already"),
        (("--port", port), f"port {port} on 127.0.0.1 is taken: choose another with --port"),
    ):
        process = Process(
            [sys.executable, "-m", "kubemu", "up", *args],
            env={"KUBEMU_RUNTIME_DIR": str(Path(ready["kubeconfig"]).parent), "PYTHONPATH": str(ROOT)},
        )
        assert process.wait(SECONDS) == 1
        assert len(process.stderr) == 1, process.output()
        assert said in process.stderr[0]
