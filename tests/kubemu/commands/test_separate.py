"""A cluster of processes: they agree on the time, come back when they are killed, and go together."""

import os
import re
import signal
from pathlib import Path

import pytest

from apimachinery.clock import RealClock
from componentbase.running import started_at
from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.kubemu.commands.test_time import FACTOR, POD, check_times, until_succeeded
from tests.live.waiting import eventually

MODULES = {"apiserver", "controller_manager", "kubelet", "kubeproxy", "scheduler"}

pytestmark = pytest.mark.slow


def components_of(parent: int) -> dict[str, int]:
    """Return the process ids of a cluster's components by their modules."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_child = int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent
            module = re.search(r"-m\0(\w+)\0", (entry / "cmdline").read_text())
        except OSError:
            continue
        if is_child and module is not None:
            found[module[1]] = int(entry.name)
    return found


async def test_processes_are_kept_running_and_agree_on_the_time(kubemu: Kubemu) -> None:
    started = RealClock().now()
    process, _ = kubemu.up("--separate", "--time-scale", str(FACTOR))
    first = components_of(process.pid)
    assert set(first) == MODULES
    os.kill(first["scheduler"], signal.SIGKILL)

    async def another() -> bool:
        return components_of(process.pid).get("scheduler", first["scheduler"]) != first["scheduler"]

    await eventually(another, timeout=SECONDS)
    assert any("scheduler ended with status -9" in line for line in process.stderr), process.output()
    kubemu.run("apply", "-f", "-", stdin=POD)
    check_times(await until_succeeded(kubemu), started)
    last = components_of(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0
    assert [pid for pid in last.values() if started_at(pid)] == []
    assert kubemu.left() == []


async def test_components_end_with_a_cluster_that_was_killed(kubemu: Kubemu) -> None:
    process, _ = kubemu.up("--separate")
    components = components_of(process.pid)
    process.kill()

    async def gone() -> bool:
        return not any(map(started_at, components.values()))

    await eventually(gone, timeout=SECONDS)


def test_what_keeps_the_server_from_starting_is_told(kubemu: Kubemu) -> None:
    _, ready = kubemu.up()
    port = ready["server"].rpartition(":")[2]
    output = kubemu.run("up", "--separate", "--port", port, status=1)
    assert output == f"kubemu: error: port {port} on 127.0.0.1 is taken: choose another with --port\n"
