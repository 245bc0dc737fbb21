"""A claim's whole way, with all components: from a pod that waits for it to its volume's end."""

from typing import Any

import pytest

from apimachinery.errors import NotFound
from kubeclient.client import Client
from kubeclient.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from tests.live.addresses import own_range
from tests.live.node import NAMESPACE, start_kubelet
from tests.live.processes import Cluster
from tests.live.waiting import eventually


def pod(name: str, script: str) -> dict[str, Any]:
    main = {
        "name": "main",
        "image": "busybox",
        "command": ["sh", "-c", script],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
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


@pytest.mark.slow
async def test_what_one_pod_leaves_the_next_one_finds(cluster: Cluster) -> None:
    """With nothing set up: the class, the volume and its place on the node come by themselves, and go."""
    cluster.start("scheduler")
    cluster.start("controller_manager", "--cluster-cidr", own_range(24), "--node-cidr-mask-size", "28")
    start_kubelet(cluster, "node-1")
    async with Client(cluster.url) as client:

        async def has_addresses() -> bool:
            return any(node.spec.pod_cidr for node in (await client.list(NODES)).items)

        await eventually(has_addresses)
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        claim = {"metadata": {"name": "data"}, "spec": spec}
        await client.create(PERSISTENT_VOLUME_CLAIMS, claim, namespace=NAMESPACE)
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
