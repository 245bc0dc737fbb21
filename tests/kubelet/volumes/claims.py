"""Claims and what they are bound to, for the tests of this folder."""

from typing import Any

from kubeclient.client import Client
from kubeclient.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES


async def bind(client: Client, namespace: str, claim: str, volume: str, **source: Any) -> None:
    """Make a volume, and have a claim that is there bound to it; ``source`` is of the volume's spec."""
    made = await client.get(PERSISTENT_VOLUME_CLAIMS, claim, namespace=namespace)
    reference = {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim, "uid": made.metadata.uid}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "claimRef": reference, **source}
    await client.create(PERSISTENT_VOLUMES, {"metadata": {"name": volume}, "spec": spec})
    await client.patch(PERSISTENT_VOLUME_CLAIMS, claim, {"spec": {"volumeName": volume}}, namespace=namespace)
    bound = {"status": {"phase": "Bound"}}
    await client.patch(PERSISTENT_VOLUME_CLAIMS, claim, bound, namespace=namespace, subresource="status")


async def create_claim(client: Client, namespace: str, name: str, *, mode: str = "Filesystem", **metadata: Any) -> None:
    resources = {"requests": {"storage": "1Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "volumeMode": mode, "resources": resources}
    claim = {"metadata": {"name": name, **metadata}, "spec": spec}
    await client.create(PERSISTENT_VOLUME_CLAIMS, claim, namespace=namespace)


def unprocessed(reason: str) -> str:
    """Return the event about the volume ``v`` of a pod, of which it is not known what to set up."""
    return (
        "FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], "
        f"failed to process volumes=[v]: {reason}"
    )
