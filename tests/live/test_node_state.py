"""A kubelet that is started again with --state-dir goes on with its pods."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from apimachinery.errors import StatusError
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import PODS
from tests.live import Cluster, Process, eventually
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, NodeRig, start_kubelet

CIDR = own_range(28)
COUNTING = {
    "name": "c",
    "image": "busybox",
    "command": ["sh", "-c", "date >> /data/runs; date >> /own; wc -l < /data/runs; wc -l < /own; sleep 100000"],
    "volumeMounts": [{"name": "v", "mountPath": "/data"}],
}


class StateRig(NodeRig):
    def __init__(self, cluster: Cluster, client: Client, folder: Path) -> None:
        super().__init__(client, "node-1")
        self._cluster = cluster
        self._folder = folder

    def start(self) -> Process:
        return start_kubelet(self._cluster, "node-1", "--state-dir", str(self._folder))

    async def until_logged(self, name: str, lines: list[str]) -> None:
        async def logged() -> bool:
            path = PODS.path(name, namespace=NAMESPACE, subresource="log")
            try:
                text = (await self.client.request("GET", path)).decode()
            except StatusError:
                return False
            assert text.split() == lines
            return True

        await eventually(logged)


@pytest.fixture
async def rig(cluster: Cluster, tmp_path: Path) -> AsyncIterator[StateRig]:
    async with Client(cluster.url) as client:
        yield StateRig(cluster, client, tmp_path)


def same(one: Pod, other: Pod) -> bool:
    return (one.status.pod_ip, one.status.container_statuses) == (other.status.pod_ip, other.status.container_statuses)


@pytest.mark.parametrize("end", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
async def test_pods_go_on(rig: StateRig, end: signal.Signals) -> None:
    """S2, S5, S17: same sandbox, container, address, files and log; the program is run from its beginning."""
    kubelet = rig.start()
    await rig.until_node_ready(CIDR)
    await rig.create("web", COUNTING, volumes=[{"name": "v", "emptyDir": {}}])
    await rig.create("done", {"name": "c", "image": "busybox", "command": ["true"]}, restartPolicy="Never")
    await rig.create("gone", {"name": "c", "image": "pause"})
    before = await rig.until_ready("web")
    done = await rig.until_phase("done", "Succeeded")
    await rig.until_ready("gone")
    await rig.until_logged("web", ["1", "1"])

    async def kept() -> bool:
        """What is written is about a second old: wait until it is from after all that was seen above."""
        parts = [orjson.loads(file.read_bytes()) for file in (rig._folder / "node-1").glob("sandbox-*.json")]
        containers = [container for part in parts for container in part["containers"]]
        states = sorted(container["status"]["state"] for container in containers)
        assert states == ["CONTAINER_EXITED", "CONTAINER_RUNNING", "CONTAINER_RUNNING"]
        return sum(len(container["log"]) for container in containers) == 2

    await eventually(kept)
    kubelet.send_signal(end)
    kubelet.wait()
    await rig.client.delete(PODS, "gone", namespace=NAMESPACE, grace_period_seconds=0)
    rig.start()
    await rig.until_logged("web", ["1", "1", "2", "2"])
    assert same(await rig.until_ready("web"), before)
    assert same(await rig.get("done"), done)

    async def only_two() -> bool:
        return len(list((rig._folder / "node-1").glob("sandbox-*.json"))) == 2

    await eventually(only_two)
    assert same(await rig.get("web"), before)
