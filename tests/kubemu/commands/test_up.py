"""``kubemu up`` as a process: a cluster that works, and nothing left of it afterwards."""

import asyncio
import os
import select
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kubemu.__main__ import main
from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.live.processes import Kubectl, Process, require_kubectl
from tests.live.waiting import eventually

COLUMNS = "jsonpath={..podCIDR} {..clusterIP}"


async def all_healthy(kubectl: Kubectl) -> bool:
    """Whether the components answer where this cluster has them, beside whatever else there is on the machine."""
    said = kubectl.run("get", "componentstatuses", "-o", "jsonpath={.items[*].conditions[*].status}")
    assert said.endswith("True True True")
    return True


def test_a_cluster_works_and_leaves_nothing(kubemu: Kubemu, tmp_path: Path) -> None:
    """S4, S5, S8, S16, S23: pods of a manifest run, seen through the kubeconfig that was told."""
    require_kubectl()
    process, ready = kubemu.up("--nodes", "2", "--name", "first")
    assert set(ready) >= {"server", "kubeconfig", "pid", "nodes", "readySeconds"}
    assert ready["pid"] == process.pid
    assert ready["nodes"] == ["node-0", "node-1"]
    assert 0 < ready["readySeconds"] < SECONDS
    kubectl = Kubectl(ready["server"], tmp_path)
    kubectl.run("apply", "-f", "examples/first-pod.yaml")
    kubectl.run("wait", "--for=condition=Ready", "pod/first-pod", "--timeout=30s")
    asyncio.run(eventually(lambda: all_healthy(kubectl)))
    assert kubemu.left() == ["first.json", "first.kubeconfig"]
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0, process.output()
    assert process.stderr == []
    assert not kubemu.folder.exists()


@pytest.mark.slow
def test_two_clusters_share_no_address(kubemu: Kubemu, tmp_path: Path) -> None:
    require_kubectl()
    both = [kubemu.up()[1], kubemu.up()[1]]
    assert [ready["name"] for ready in both] == ["default", "default-2"]
    addresses = [Kubectl(ready["server"], tmp_path).run("get", "nodes,services", "-A", "-o", COLUMNS) for ready in both]
    # The controllers make a Service without an address of its own, sooner or later.
    assert set(addresses[0].split()) & set(addresses[1].split()) <= {"None"}
    assert all(len(found.split()) >= 2 for found in addresses)


def test_a_cluster_ends_with_its_parent(kubemu: Kubemu) -> None:
    code = (
        "import signal, subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-m', 'kubemu', 'up', '-o', 'json', '--die-with-parent'],"
        " stdout=subprocess.PIPE); "
        "print(child.pid, flush=True); child.stdout.readline(); print('ready', flush=True); signal.pause()"
    )
    parent = Process([sys.executable, "-c", code], env=kubemu.env)
    pid = int(parent.wait_for_line(r"^(\d+)$", stream="stdout", timeout=SECONDS)[1])
    watched = os.pidfd_open(pid)
    parent.wait_for_line("ready", stream="stdout", timeout=SECONDS)
    parent.kill()
    assert select.select([watched], [], [], SECONDS)[0], "the cluster outlived its parent"
    os.close(watched)
    assert kubemu.left() == []


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


def test_an_error_is_one_line(kubemu: Kubemu) -> None:
    _, ready = kubemu.up("--name", "one")
    port = ready["server"].rpartition(":")[2]
    for args, said in (
        (("--name", "one"), "a cluster one runs already"),
        (("--port", port), f"port {port} on 127.0.0.1 is taken: choose another with --port"),
    ):
        process = kubemu.start("up", *args)
        assert process.wait(SECONDS) == 1
        assert len(process.stderr) == 1, process.output()
        assert said in process.stderr[0]
