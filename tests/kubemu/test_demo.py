"""``kubemu demo`` as a person runs it: a process whose output is read and that leaves nothing behind."""

import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.live.processes import ROOT, Process

EXAMPLES = ("first-pod.yaml", "web-replicaset.yaml")
COMPONENT = re.compile(rb"-m\0(apiserver|scheduler|controller_manager|kubelet|kubeproxy)\0")


def demo(*args: str, cwd: Path = ROOT) -> Process:
    return Process([sys.executable, "-m", "kubemu", "demo", *args], env={"PYTHONPATH": str(ROOT)}, cwd=cwd)


def components_of(pid: int) -> list[int]:
    """Return the component processes whose parent is, or was, ``pid``."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            is_component = COMPONENT.search((entry / "cmdline").read_bytes())
        except (OSError, IndexError):
            continue
        if parent == pid and is_component:
            found.append(int(entry.name))
    return found


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """The examples in a folder with a space in its name."""
    folder = tmp_path / "some examples"
    shutil.copytree(ROOT / "examples", folder)
    return folder


def test_the_whole_story(examples: Path) -> None:
    """S4, S5, S8, S12, S16, S23, S30, S32: every pod's way is told, one answers curl, and nothing is left."""
    running = demo(*(str(examples / name) for name in EXAMPLES), cwd=examples)
    running.wait_for_line("web created", stream="stdout")
    children = components_of(running.pid)
    assert len(children) == 7
    assert running.wait(60) == 0, running.output()
    told = "\n".join(running.stdout)
    assert re.search(r"hello from first-pod on node-\d, reachable at 127\.\d+\.\d+\.\d+", told)
    ways = re.findall(
        r"(\S+): created → scheduled to (node-\d) \+\d+ ms \((.+)\) → containers started \+\d+ ms → ready \+\d+ ms",
        told,
    )
    assert [name for name, _, _ in ways if name == "first-pod"] == ["first-pod"]
    assert sum(name.startswith("web-") for name, _, _ in ways) == 5
    assert all(reason.startswith("3 of 3 nodes fitted") for _, _, reason in ways)
    assert {node for _, node, _ in ways} == {"node-1", "node-2", "node-3"}
    assert alive(children) == []


@pytest.mark.slow
def test_two_at_once_keep_out_of_each_others_way() -> None:
    """Pods really listen on their addresses, so that those of two clusters must not be the same."""
    both = [demo("examples/first-pod.yaml", "--nodes", "1") for _ in range(2)]
    assert [running.wait(60) for running in both] == [0, 0], "\n".join(running.output() for running in both)
    urls = [re.search(r"curl (http://127\S+)", "\n".join(running.stdout)) for running in both]
    assert len({url and url[1] for url in urls} - {None}) == 2


def test_ctrl_c_stops_everything() -> None:
    running = demo(*(f"examples/{name}" for name in EXAMPLES))
    running.wait_for_line("The API is at", stream="stdout")
    children = components_of(running.pid)
    assert children
    os.kill(running.pid, signal.SIGINT)
    assert running.wait() == 0
    assert alive(children) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("a: [", "while parsing", id="no YAML"),
        pytest.param("kind: Service", "runs Pods and ReplicaSets, not Service", id="another kind"),
        pytest.param("- 1", "runs Pods and ReplicaSets, not list", id="no object"),
        pytest.param("kind: Pod\nspec: {}", "Pod was refused", id="no name"),
    ],
)
def test_manifests_that_cannot_be_run(tmp_path: Path, content: str, said: str) -> None:
    manifest = tmp_path / "bad.yaml"
    manifest.write_text(content)
    running = demo(str(manifest))
    assert running.wait(30) == 1
    assert [said in line for line in running.stderr] == [True], running.output()


def test_pods_that_do_not_become_ready(tmp_path: Path) -> None:
    manifest = tmp_path / "pod.yaml"
    manifest.write_text(
        "kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: 'nginx:non-existent'}]}\n"
    )
    running = demo("--timeout", "4", "--nodes", "1", str(manifest))
    running.wait_for_line("pod/x created", stream="stdout")
    children = components_of(running.pid)
    assert running.wait(30) == 1
    assert "1 pods are not ready after 4 s. x: " in running.stderr[-1]
    assert alive(children) == []
