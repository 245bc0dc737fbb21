"""``python -m controller_manager`` as a process."""

import httpx
import pytest

from controller_manager.registry import controllers
from tests.live.processes import Cluster, component, free_port


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            ["--controllers=*,-cronjobs"], '"-cronjobs" is not in the list of known controllers', id="unknown"
        ),
        pytest.param(["--cluster-cidr", "10.0.0.0/26"], "cannot be divided into ranges of /24", id="range"),
        pytest.param(["--cluster-cidr", "somewhere"], "somewhere", id="no-range"),
        pytest.param(
            ["--leader-elect-renew-deadline", "15s"], "leaseDuration must be greater than renewDeadline", id="lease"
        ),
        pytest.param(["--server", "localhost"], "is not an http:// or https:// URL", id="server"),
    ],
)
def test_a_bad_option_is_told_in_a_line(args: list[str], said: str) -> None:
    process = component("controller_manager", *args)
    assert process.wait(20) == 2
    assert said in process.stderr[-1]


def test_help_names_every_controller() -> None:
    process = component("controller_manager", "--help")
    assert process.wait(20) == 0
    text = " ".join(" ".join(process.stdout).split())
    for name in ("garbage-collector-controller", "namespace-controller", "node-ipam-controller"):
        assert name in text.replace("- ", "-")


def test_it_waits_for_its_server_and_ends_at_once() -> None:
    process = component("controller_manager", "--server", f"http://127.0.0.1:{free_port()}", "--secure-port", "0")
    process.wait_for_line("waiting for the API server")
    assert process.stop(2) == 0


async def test_only_what_is_enabled_runs(cluster: Cluster) -> None:
    port = free_port()
    process = cluster.start("controller_manager", "--controllers=*,-replicaset,-nodeipam", "--secure-port", str(port))
    process.wait_for_line("running")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/readyz")).text == "ok"
        figures = (await http.get("/debug/controllers")).json()
    assert set(figures) == set(controllers()) - {"replicaset-controller", "node-ipam-controller"}
