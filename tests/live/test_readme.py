"""The README's commands, on the processes that it starts."""

import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.live import Cluster
from tests.live.processes import Kubectl, require_kubectl

README = Path(__file__).parents[2] / "README.md"


def commands(after: str) -> list[str]:
    """Return the commands of the first block behind a text."""
    block = re.search(r"```console\n(.*?)```", README.read_text().partition(after)[2], re.DOTALL)
    assert block is not None, after
    return [line.removeprefix("$ ") for line in block[1].splitlines() if line.startswith("$ ")]


def arguments(command: str) -> list[str]:
    """Return what follows ``k``, which the README has for kubectl with its server."""
    first, *rest = shlex.split(command)
    assert first == "k", command
    return rest


@pytest.mark.slow
def test_use_it(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S1, S2, S8: from the start of its processes to a pod that is looked into and broken."""
    require_kubectl()
    kubectl = Kubectl(cluster.url, tmp_path)
    started = [line for line in commands("Start them in any order") if line.startswith("python -m")]
    components = [shlex.split(line.removesuffix(" &"))[2:] for line in started]
    assert [name for name, *_ in components] == ["apiserver", "scheduler", "controller_manager", "kubelet", "kubeproxy"]
    cluster.start("scheduler")
    cluster.start("controller_manager")
    cluster.start("kubelet", "--node-name", "node-1")
    cluster.start("kubeproxy")
    apply, get = [line for line in commands("Start them in any order") if line.startswith("k ")]
    assert kubectl.run(*arguments(apply)) == "pod/first-pod created\n"
    kubectl.run("wait", "--for=condition=Ready", "pod/first-pod", "--timeout=20s")
    assert "first-pod" in kubectl.run(*arguments(get))

    monkeypatch.chdir(tmp_path)
    shell, logs, forward, copy, top, debug, kill = commands("Look into a pod, and break it")
    with kubectl.terminal(*arguments(shell)) as terminal:
        terminal.until("# ")
        terminal.type("exit\r")
        assert terminal.wait() == 0
    following = kubectl.start(*arguments(logs))
    following.wait_for_line(".", stream="stdout")
    following.send_signal(signal.SIGINT)
    following.wait()
    # On a port of the test's own.
    forwarding = kubectl.start(*arguments(forward.replace(" 8081:", " :")))
    port = forwarding.wait_for_line(r"Forwarding from 127\.0\.0\.1:(\d+) -> 8080", stream="stdout")[1]
    assert "first-pod" in _curl(f"http://127.0.0.1:{port}/content/hello.txt")
    forwarding.send_signal(signal.SIGINT)
    forwarding.wait()
    kubectl.run(*arguments(copy))
    assert "first-pod" in (tmp_path / "hosts").read_text()
    assert "first-pod" in kubectl.run(*arguments(top))
    with kubectl.terminal(*arguments(debug)) as terminal:
        terminal.until("try pressing enter.")
        terminal.type("\r")
        terminal.until("# ")
        terminal.type("exit\r")
        assert terminal.wait() == 0
    assert '"Success"' in _curl(*shlex.split(kill.replace("http://127.0.0.1:8080", cluster.url))[1:])
    deadline = time.monotonic() + 20  # noqa: TID251 - other processes know no other clock
    while "SandboxChanged" not in kubectl.run("events"):
        assert time.monotonic() < deadline  # noqa: TID251


def _curl(*args: str) -> str:
    return subprocess.run(["curl", "-sS", *args], capture_output=True, text=True, check=True, timeout=20).stdout
