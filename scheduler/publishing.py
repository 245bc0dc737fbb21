"""Makes the scheduler's pages reachable through the API server: as the Service ``kube-system/kube-scheduler``.

Whoever reaches the API server can then read them at
``/api/v1/namespaces/kube-system/services/kube-scheduler:http/proxy/debug/decisions/NAMESPACE/POD``, wherever the
scheduler runs. The Service has no selector; the EndpointSlice behind it has the address of the one that leads.
"""

import asyncio
import logging
import random
from typing import Any

import orjson

from apimachinery.errors import StatusError
from apimachinery.labels import MANAGED_BY_LABEL, SERVICE_NAME_LABEL
from apimachinery.patch_types import PatchType
from apimachinery.tasks import guard
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed
from kubeclient.informer import Informer
from kubeclient.resources import ENDPOINT_SLICES, SERVICES
from scheduler.service import NAME, NAMESPACE, PORT_NAME

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""How long nothing is written after a write."""

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def service(port: int) -> dict[str, Any]:
    """Return the Service for pages that are served at this port."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {"clusterIP": "None", "ports": [{"name": PORT_NAME, "port": port, "protocol": "TCP"}]},
    }


def endpoint_slice(address: str, port: int) -> dict[str, Any]:
    """Return the slice for the address that the pages are served at; of a wildcard, what leads there from here."""
    address = _WILDCARDS.get(address, address)
    labels = {SERVICE_NAME_LABEL: NAME, MANAGED_BY_LABEL: NAME}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": labels},
        "addressType": "IPv6" if ":" in address else "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [{"name": PORT_NAME, "port": port, "protocol": "TCP"}],
    }


async def publish(client: Client, address: str, port: int, rng: random.Random | None = None) -> None:
    """Write both objects, and write them anew whenever one is gone, until cancelled.

    Nothing else of the scheduler hangs on it: what cannot be written now is written later.
    """
    gone = asyncio.Event()
    gone.set()

    def on_change(old: object, new: object) -> None:
        if new is None:
            gone.set()

    async with asyncio.TaskGroup() as group:
        for resource in (SERVICES, ENDPOINT_SLICES):
            informer: Informer[Any] = Informer(
                client, resource, namespace=NAMESPACE, field_selector=f"metadata.name={NAME}", rng=rng
            )
            informer.on_change(on_change)
            group.create_task(guard(informer.run(), f"informer of the scheduler's {resource.plural}"))
            # From here on nothing is missed that happens to what is written.
            await informer.wait_synced()
        while True:
            await gone.wait()
            gone.clear()
            if not await _write(client, address, port):
                gone.set()
            # Not at once: whoever clears up, until nothing is left, must come to an end.
            await client.clock.sleep(PAUSE_SECONDS)


async def _write(client: Client, address: str, port: int) -> bool:
    """Apply both objects; return whether they are as they should be."""
    try:
        for resource, wanted in ((SERVICES, service(port)), (ENDPOINT_SLICES, endpoint_slice(address, port))):
            await client.request(
                "PATCH",
                resource.path(NAME, namespace=NAMESPACE),
                params={"fieldManager": NAME, "force": "true"},
                body=orjson.dumps(wanted),
                content_type=PatchType.APPLY,
            )
    except (StatusError, ConnectionFailed) as error:
        logger.debug("the Service %s/%s was not written: %s", NAMESPACE, NAME, error)
        return False
    return True
