"""What is written about pods whose node is not what it should be."""

import contextlib
from collections.abc import Mapping
from typing import Any

from apimachinery.errors import AlreadyExists, NotFound
from apimachinery.patch_types import PatchType
from apimachinery.types.pod import Pod
from controller_manager.nodes.bare_pods import replacement
from kubeclient.client import Client
from kubeclient.resources import PODS


async def patch_status(client: Client, pod: Pod, patch: Mapping[str, Any]) -> None:
    """Send a strategic merge patch of a pod's status."""
    meta = pod.metadata
    await client.patch(
        PODS, meta.name, patch, namespace=meta.namespace, subresource="status", patch_type=PatchType.STRATEGIC
    )


async def create_replacement(client: Client, pod: Pod) -> None:
    """Create the like of a pod that is lost and that no controller owns; nothing for any other, nor a second time."""
    if replacement(pod) is None:
        return
    meta = pod.metadata
    # Caches do not have all of it.
    with contextlib.suppress(AlreadyExists, NotFound):
        whole = await client.get(PODS, meta.name, namespace=meta.namespace)
        body = replacement(whole)
        if body is not None and whole.metadata.uid == meta.uid:
            await client.create(PODS, body, namespace=meta.namespace)
