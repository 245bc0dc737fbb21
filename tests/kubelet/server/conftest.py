"""A node with its server, on a port of the test's own."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from kubelet.server.served import ServedNode
from kubelet.server.server import KubeletServer
from kubelet.server.usage import UsageMeter
from kubelet.settings import Settings
from tests.kubelet.rig import NODE_IP, Rig, open_rig
from tests.live.processes import free_port


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


def served(rig: Rig, name: str = "node-1", address: str = NODE_IP) -> ServedNode:
    services = rig.services
    return ServedNode(
        address,
        Settings(name),
        rig.runtime,
        rig.workers,
        services.metrics,
        rig.clock,
        rig.volumes.sizes,
        UsageMeter(rig.clock.now()),
        services.probes,
    )


@pytest.fixture
async def http(rig: Rig) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the node's server."""
    port = free_port()
    async with KubeletServer(port) as server, asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(served(rig)), name="server")
        await rig.settle()
        async with httpx.AsyncClient(base_url=f"http://{NODE_IP}:{port}", verify=False, trust_env=False) as client:
            yield client
        serving.cancel()
