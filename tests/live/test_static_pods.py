"""Static pods: run from files, with an API server or without one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.resources import EVENTS, PODS, REPLICASETS
from tests.live import Cluster, eventually
from tests.live.addresses import address, own_range
from tests.live.node import NodeRig, start_kubelet

NODE = "node-1"
CIDR = own_range(28)
PORT = 18080


def manifest(name: str = "web", *, port: int = PORT, **spec: Any) -> str:
    """A pod that tells its host name on a port of its address."""
    container = {"name": "c", "image": "agnhost", "args": ["netexec", f"--http-port={port}"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}}
    return yaml.safe_dump({**pod, "spec": {"containers": [container], "terminationGracePeriodSeconds": 1, **spec}})


class StaticRig(NodeRig):
    """A node and its folder of manifests."""

    def __init__(self, cluster: Cluster, client: Client, folder: Path) -> None:
        super().__init__(client, NODE)
        self.cluster = cluster
        self.folder = folder

    def start(self, *args: str, server: str = "") -> None:
        start_kubelet(self.cluster, NODE, "--pod-manifest-path", str(self.folder), *args, server=server)

    def write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text)

    async def until_answers(self, host: str, *, port: int = PORT) -> str:
        """Find the pod on its node's range by what it says; return its address."""

        async def answering() -> str:
            async with httpx.AsyncClient(trust_env=False) as http:
                for number in range(2, 15):
                    ip = address(CIDR, number)
                    try:
                        answer = await http.get(f"http://{ip}:{port}/hostname")
                    except httpx.TransportError:
                        continue
                    if answer.text == host:
                        return ip
            return ""

        return await eventually(answering)

    async def until_silent(self, ip: str, *, port: int = PORT) -> None:
        async def silent() -> bool:
            async with httpx.AsyncClient(trust_env=False) as http:
                try:
                    await http.get(f"http://{ip}:{port}/hostname")
                except httpx.TransportError:
                    return True
            return False

        await eventually(silent)

    async def until_shown(self, name: str) -> Pod:
        """Wait for a mirror pod, and for what it mirrors to be ready."""

        async def there() -> bool:
            return any(pod.metadata.name == name for pod in await self.pods())

        await eventually(there)
        return await self.until_ready(name)

    async def pods(self) -> list[Pod]:
        return (await self.client.list(PODS)).items


@pytest.fixture
async def rig(cluster: Cluster, tmp_path: Path) -> AsyncIterator[StaticRig]:
    async with Client(cluster.url) as client:
        yield StaticRig(cluster, client, tmp_path)


async def test_a_folder_of_files(rig: StaticRig) -> None:
    """S19: add, change and remove a file, and the pod follows; the API server knows nothing of it."""
    rig.write("web.yaml", manifest())
    rig.start()
    await rig.until_node_ready(CIDR)
    ip = await rig.until_answers("web-node-1")
    rig.write("more.yaml", manifest("more"))
    await rig.until_answers("more-node-1")
    assert await rig.pods() == []
    rig.write("web.yaml", manifest(port=PORT + 1))
    await rig.until_answers("web-node-1", port=PORT + 1)
    await rig.until_silent(ip)
    (rig.folder / "web.yaml").unlink()
    rig.write("broken.yaml", "kind: [")
    ip = await rig.until_answers("more-node-1")

    async def told() -> bool:
        found = await rig.client.list(EVENTS, field_selector="reason=InvalidStaticPod")
        return any("broken.yaml" in event.message and event.involved_object.name == NODE for event in found.items)

    await eventually(told)
    assert await rig.until_answers("more-node-1") == ip
    rig.cluster.components[0].wait_for_line(r"Could not process manifest file .*broken\.yaml")


async def test_mirror_pods(rig: StaticRig) -> None:
    """S19, S20, S21, S22: shown in the API with their status, and nothing done there stops or moves the pod."""
    probe = {"tcpSocket": {"port": 1}, "periodSeconds": 1, "failureThreshold": 1}
    pod = yaml.safe_load(manifest(restartPolicy="Never"))
    pod["spec"]["containers"][0] |= {"readinessProbe": probe, "livenessProbe": probe}
    rig.write("web.yaml", yaml.safe_dump(pod))
    rig.start("--mirror-static-pods")
    node = await rig.until_node_ready(CIDR)
    mirror = await rig.until_shown("web-node-1")
    ip = await rig.until_answers("web-node-1")
    meta = mirror.metadata
    assert mirror.status.pod_ip == ip
    assert meta.annotations["kubernetes.io/config.source"] == "file"
    assert meta.annotations["kubernetes.io/config.mirror"] == meta.annotations["kubernetes.io/config.hash"]
    (owner,) = meta.owner_references
    assert (owner.kind, owner.name, owner.uid, owner.controller) == ("Node", NODE, node.metadata.uid, True)
    assert mirror.spec.restart_policy == "Never"

    rig.cluster.start("controller_manager")
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "pause"}]}}
    wanted = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    await rig.client.create(REPLICASETS, {"metadata": {"name": "web"}, "spec": wanted}, namespace="default")
    await rig.client.delete(PODS, "web-node-1", namespace="default")

    async def again() -> Pod:
        found = next((pod for pod in await rig.pods() if pod.metadata.name == "web-node-1"), None)
        assert found is not None
        assert found.metadata.uid != meta.uid
        assert found.ready
        return found

    second = await eventually(again)
    assert await rig.until_answers("web-node-1") == ip
    assert second.status.container_statuses[0].container_id == mirror.status.container_statuses[0].container_id
    assert second.status.container_statuses[0].restart_count == 0

    async def replaced() -> bool:
        return len(await rig.pods()) == 2

    assert await eventually(replaced), "the replica set made a pod of its own"
    (rig.folder / "web.yaml").unlink()
    await rig.until_gone("web-node-1")
    await rig.until_silent(ip)


async def test_without_an_api_server(rig: StaticRig) -> None:
    """S19: with a range of addresses of its own, a kubelet needs nobody; when a server comes, the mirror does."""
    rig.write("web.yaml", manifest())
    rig.cluster.server.process.stop()
    rig.start("--mirror-static-pods", "--pod-cidr", CIDR)
    ip = await rig.until_answers("web-node-1")
    rig.cluster.restart_apiserver()
    await rig.until_node_ready(CIDR)
    assert (await rig.until_shown("web-node-1")).status.pod_ip == ip
