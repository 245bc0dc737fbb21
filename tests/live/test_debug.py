"""``kubectl debug``: containers added to a pod that runs, and pods that look into a node; and the logs of runs."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kubeclient.resources import PODS
from tests.live.addresses import address, own_range
from tests.live.node import NodeRig, one_node, ready_node
from tests.live.processes import Cluster, Kubectl, require_kubectl

NODE = "debug-1"
CIDR = own_range(24)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    yield from one_node(NODE)


@pytest.fixture
async def rig(nodes: Cluster) -> AsyncIterator[NodeRig]:
    async with ready_node(nodes, NODE, CIDR) as opened:
        yield opened


@pytest.fixture
def kubectl(nodes: Cluster, tmp_path: Path) -> Kubectl:
    require_kubectl()
    return Kubectl(nodes.url, tmp_path)


async def test_a_container_beside_another(rig: NodeRig, kubectl: Kubectl) -> None:
    """An ephemeral container that is attached to, and sees its target's processes."""
    await rig.create("web", {"name": "web", "image": "nginx"})
    await rig.until_ready("web")

    def talk() -> int:
        with kubectl.terminal("debug", "web", "-it", "--image=busybox", "--target=web", "-c", "looker") as terminal:
            terminal.until("If you don't see a command prompt, try pressing enter.")
            terminal.type("\r")
            terminal.until("/ # ")
            terminal.type("ps | grep -c 'ngin[x]'\r")
            assert int(re.findall(r"\d+", terminal.until("/ # "))[-1]) > 0
            terminal.type("wget -qO- localhost | grep title\r")
            terminal.until("<title>Welcome to nginx!</title>")
            terminal.type("exit\r")
            return terminal.wait()

    assert await asyncio.to_thread(talk) == 0
    pod = await rig.get("web")
    assert [entry.name for entry in pod.spec.ephemeral_containers] == ["looker"]
    assert pod.ready
    log = await asyncio.to_thread(kubectl.run, "logs", "web", "-c", "looker")
    assert "Welcome to nginx!" in log


async def test_a_node(rig: NodeRig, kubectl: Kubectl) -> None:
    """A pod in the node's own namespaces, with the node's files below ``/host``."""

    def talk() -> int:
        with kubectl.terminal("debug", f"node/{NODE}", "-it", "--image=busybox") as terminal:
            terminal.until("If you don't see a command prompt, try pressing enter.")
            terminal.type("\r")
            terminal.until("/ # ")
            terminal.type("ls /host/var/lib\r")
            assert "kubelet" in terminal.until("/ # ")
            terminal.type("exit\r")
            return terminal.wait()

    assert await asyncio.to_thread(talk) == 0
    listed = await rig.client.list(PODS, namespace="default")
    (pod,) = [pod for pod in listed.items if pod.metadata.name.startswith(f"node-debugger-{NODE}-")]
    assert (pod.spec.host_pid, pod.spec.host_network, pod.spec.node_name) == (True, True, NODE)
    assert pod.status.pod_ip == address(CIDR, 1)


async def test_logs_of_the_run_before(rig: NodeRig, kubectl: Kubectl) -> None:
    """S8: ``logs -f --previous`` shows what an ended run has left, and ends; ``-f`` goes on with this one."""
    script = "test -e /data/ran || { touch /data/ran; echo first; exit 1; }; echo second; sleep 1000"
    container = {
        "name": "sh",
        "image": "busybox",
        "command": ["sh", "-c", script],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    await rig.create("again", container, volumes=[{"name": "data", "emptyDir": {}}])
    await rig.until_ready("again", restarts=1)
    assert await asyncio.to_thread(kubectl.run, "logs", "-f", "--previous", "again") == "first\n"
    following = kubectl.start("logs", "-f", "again")
    try:
        await asyncio.to_thread(following.wait_for_line, "second", stream="stdout")
        assert following.running
    finally:
        following.kill()
