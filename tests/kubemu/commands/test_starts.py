"""Many clusters one after the other and side by side: nothing is left of any, however it ends.

``python -m bench.starts`` measures as many, one at a time.
"""

import asyncio
import itertools
import json
import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubemu.objects.server import Server
from kubemu.up import kubeconfig
from kubemu.up.records import Records
from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.kubemu.commands.traces import open_sockets, processes_with, sockets_of, wait_for_end
from tests.live.processes import Process
from tests.live.waiting import eventually

NUMBER = 25
ROUNDS = 4
SIDE_BY_SIDE = 3
POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
CONFIG = (
    "apiVersion: v1\nkind: Config\nclusters: [{name: prod, cluster: {server: https://prod}}]\n"
    "contexts: [{name: prod, context: {cluster: prod, user: me}}]\nusers: [{name: me}]\ncurrent-context: prod\n"
)
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-m", "kubemu", "up", "--output", "json", "--die-with-parent", *sys.argv[1:]])
"""

Way = Callable[[Kubemu, str, str], set[int]]
"""Starts a cluster of a name, with its context in a file, and ends it; returns the sockets that it had."""


def used(ready: dict[str, Any]) -> set[int]:
    """Give a cluster something to do, in the midst of which it ends; return the sockets that it has."""
    with Server(ready["server"]) as server:
        server.ask("POST", "/api/v1/namespaces/default/pods", body=json.dumps(POD).encode())
    return sockets_of(ready["pid"])


def by_signal(number: signal.Signals) -> Way:
    def way(kubemu: Kubemu, name: str, config: str) -> set[int]:
        process, ready = kubemu.up("--name", name, "--merge", "--use-context", "--kubeconfig", config)
        sockets = used(ready)
        process.send_signal(number)
        assert process.wait(SECONDS) == 0, process.output()
        assert process.stderr == []
        return sockets

    return way


def by_down(kubemu: Kubemu, name: str, config: str) -> set[int]:
    """One in the background, that finds itself a name."""
    ready = json.loads(kubemu.run("up", "--detach", "--output", "json", "--merge", "--kubeconfig", config))
    sockets = used(ready)
    assert kubemu.run("down", ready["name"]) == f"{ready['name']} is down\n"
    # Another one may have that name by now.
    assert ready["pid"] not in {record.pid for record in Records(kubemu.folder).ended()}
    return sockets


def with_parent(kubemu: Kubemu, name: str, config: str) -> set[int]:
    """Whoever has started it is killed."""
    options = ("--name", name, "--merge", "--kubeconfig", config)
    parent = Process([sys.executable, "-c", PARENT, *options], env=kubemu.env)
    try:
        line = parent.wait_for_line(r"^\{.*\}$", stream="stdout", timeout=SECONDS)
        ready = json.loads(line[0])
        sockets = used(ready)
    finally:
        parent.kill()
    wait_for_end(ready["pid"], SECONDS)
    return sockets


def killed(kubemu: Kubemu, name: str, config: str) -> set[int]:
    """It has no time to take anything away; that is done by who starts or ends a cluster next."""
    process, ready = kubemu.up("--name", name, "--merge", "--use-context", "--kubeconfig", config)
    sockets = used(ready)
    process.kill()
    assert f"no cluster {name} runs" in kubemu.run("down", name, status=1)

    async def cleared() -> bool:
        return f"kubemu-{name}" not in kubeconfig.read(Path(config))

    # Another cluster that starts may have come first, and be at it still.
    asyncio.run(eventually(cleared, timeout=SECONDS))
    return sockets


WAYS = (by_signal(signal.SIGINT), by_down, by_signal(signal.SIGTERM), with_parent, by_signal(signal.SIGHUP), killed)


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Kubemu]:
    """The command line with folders of its own for all that it could leave, and a mark on its processes."""
    found = Kubemu(tmp_path)
    for name in ("HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        found.env[name] = str(tmp_path / name)
    found.env["KUBEMU_TEST_MARK"] = uuid.uuid4().hex
    yield found
    # What a failure has left.
    found.close()
    found.run("down", "--all")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("quarter", range(ROUNDS))
def test_a_hundred_starts_and_ends_leave_nothing(crowded: Kubemu, tmp_path: Path, quarter: int) -> None:
    """No process, socket, port, lock, file or entry of a kubeconfig that all of them share."""
    config = tmp_path / "config"
    config.write_text(CONFIG)

    def start_and_end(number: int, way: Way) -> set[int]:
        name = f"run-{number}"
        sockets = way(crowded, name, str(config))
        assert f"kubemu-{name}" not in config.read_text()
        assert not [left for left in crowded.left() if left.startswith((f"{name}.", f".{name}."))]
        return sockets

    # Each quarter begins with another way.
    ways = itertools.islice(itertools.cycle(WAYS), quarter, None)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        had = list(pool.map(start_and_end, range(NUMBER), ways))
    assert all(had)
    assert processes_with(f"KUBEMU_TEST_MARK={crowded.env['KUBEMU_TEST_MARK']}") == {}
    assert not set().union(*had) & open_sockets()
    assert yaml.safe_load(config.read_text()) == yaml.safe_load(CONFIG)
    assert crowded.left() == []
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["HOME", "TMPDIR", "config"]
    assert not crowded.folder.exists()
