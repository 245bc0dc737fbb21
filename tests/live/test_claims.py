"""A claim's whole way, with all components: from a pod that waits for it to its volume's end."""

import signal
from pathlib import Path
from typing import Any

import pytest

from apimachinery.errors import NotFound
from kubeclient.client import Client
from kubeclient.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, start_kubelet
from tests.live.processes import Cluster
from tests.live.waiting import eventually

MOUNTED = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
MAPPED = {"volumeDevices": [{"name": "data", "devicePath": "/dev/xvda"}]}


def pod(name: str, script: str, use: dict[str, Any] = MOUNTED) -> dict[str, Any]:
    main = {"name": "main", "image": "busybox", "command": ["sh", "-c", script], **use}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return {"metadata": {"name": name}, "spec": {"restartPolicy": "Never", "containers": [main], "volumes": volumes}}


async def run(client: Client, body: dict[str, Any]) -> str:
    """Run a pod to its end, and return what it has written; it is gone then."""
    name = body["metadata"]["name"]
    await client.create(PODS, body, namespace=NAMESPACE)

    async def ended() -> bool:
        found = await client.get(PODS, name, namespace=NAMESPACE)
        assert found.status.phase == "Succeeded", found.status
        return True

    await eventually(ended)
    written = await client.request("GET", PODS.path(name, namespace=NAMESPACE, subresource="log"))
    await client.delete(PODS, name, namespace=NAMESPACE)
    return written.decode()


def start_controllers(cluster: Cluster) -> None:
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", own_range(24), "--node-cidr-mask-size", "28")


async def create_claim(client: Client, **spec: Any) -> None:
    """Make the claim ``data`` once a node has its addresses."""

    async def has_addresses() -> bool:
        return any(node.spec.pod_cidr for node in (await client.list(NODES)).items)

    await eventually(has_addresses)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    claim = {"metadata": {"name": "data"}, "spec": spec}
    await client.create(PERSISTENT_VOLUME_CLAIMS, claim, namespace=NAMESPACE)


@pytest.mark.slow
async def test_what_one_pod_leaves_the_next_one_finds(cluster: Cluster) -> None:
    """With nothing set up: the class, the volume and its place on the node come by themselves, and go."""
    start_controllers(cluster)
    start_kubelet(cluster, "node-1")
    async with Client(cluster.url) as client:
        await create_claim(client)
        await run(client, pod("writer", "echo hello > /data/letter"))
        found = await client.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace=NAMESPACE)
        assert (found.status.phase, found.spec.storage_class_name) == ("Bound", "standard")
        assert found.metadata.annotations["volume.kubernetes.io/selected-node"] == "node-1"
        assert await run(client, pod("reader", "cat /data/letter")) == "hello\n"
        await client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace=NAMESPACE)

        async def gone() -> bool:
            try:
                await client.get(PERSISTENT_VOLUMES, found.spec.volume_name)
            except NotFound:
                return True
            return False

        await eventually(gone)


@pytest.mark.slow
async def test_a_device_keeps_what_is_on_it(cluster: Cluster, tmp_path: Path) -> None:
    """With nothing set up, and with another process of the kubelet between writing and reading."""
    start_controllers(cluster)
    kubelet = start_kubelet(cluster, "node-1", "--state-dir", str(tmp_path))
    async with Client(cluster.url) as client:
        await create_claim(client, volumeMode="Block")
        script = """
            test -b /dev/xvda && stat -c %F /dev/xvda && blockdev --getsize64 /dev/xvda
            dd if=/dev/xvda bs=1M count=1 status=none | tr -d '\\0' | wc -c
            echo hello | dd of=/dev/xvda bs=1M seek=1000 status=none
            echo x | dd of=/dev/xvda bs=1M seek=1024 status=none 2>&1 || true
        """
        written = await run(client, pod("writer", script, MAPPED))
        assert written == "block special file\n1073741824\n0\ndd: error writing '/dev/xvda': No space left on device\n"
        kubelet.send_signal(signal.SIGTERM)
        kubelet.wait()
        start_kubelet(cluster, "node-1", "--state-dir", str(tmp_path))
        script = "dd if=/dev/xvda bs=1M skip=1000 count=1 status=none | head -n 1"
        assert await run(client, pod("reader", script, MAPPED)) == "hello\n"
