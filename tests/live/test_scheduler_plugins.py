"""The example of a scheduler plugin: installed as a distribution, loaded by its entry point, deciding for real pods."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kubeclient.client import Client
from kubeclient.resources import NODES
from tests.live import Cluster
from tests.live.scheduling import Rig
from tests.scheduler.builders import make_node, make_pod

EXAMPLE = Path(__file__).parents[2] / "examples" / "scheduler-plugin"
PRICE = "example.com/price"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example in it, as pip would put it among a user's packages."""
    folder = tmp_path_factory.mktemp("plugin")
    source, target = folder / "source", folder / "site"
    shutil.copytree(EXAMPLE, source)
    command = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--no-build-isolation"]
    command += ["--python", sys.executable, "--target", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target


@pytest.fixture
def cluster(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("PYTHONPATH", str(installed))
    running = Cluster("--disable-admission-plugins", "TaintNodesByCondition")
    yield running
    running.stop()


@pytest.fixture
async def rig(cluster: Cluster) -> AsyncIterator[Rig]:
    async with Client(cluster.url) as client:
        yield Rig(cluster, client, "--config", str(EXAMPLE / "scheduler-config.yaml"))


async def test_the_example_decides_for_its_profile(rig: Rig) -> None:
    """Pods of the example's profile go where it is cheap, wait where it is too dear, and wake when that changes."""
    for name, price in (("dear", "90"), ("cheap", "10"), ("luxury", "500")):
        node = make_node(name).obj()
        node.metadata.labels[PRICE] = price
        await rig.client.create(NODES, node)
    await rig.create_pod(make_pod("thrifty").scheduler("thrifty-scheduler").requests(cpu="1"))
    await rig.until_on("thrifty", "cheap")
    await rig.create_pod(make_pod("big").scheduler("thrifty-scheduler").requests(cpu="4"))
    await rig.until_on("big", "dear")
    await rig.create_pod(make_pod("late").scheduler("thrifty-scheduler").requests(cpu="4"))
    await rig.until_said("late", "0/3 nodes are available: 1 node(s) were too expensive, 2 Insufficient cpu.")
    event = await rig.until_event("late", "FailedScheduling")
    assert event.source.component == "thrifty-scheduler"
    await rig.client.patch(NODES, "luxury", {"metadata": {"labels": {PRICE: "100"}}})
    await rig.until_on("late", "luxury")
